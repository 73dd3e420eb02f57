// What only the browser can do: copy the address of the view (the button itself is drawn by the page kit), and
// name the suite in the title of every page, which Streamlit sets to the page's own name, go to the view that
// the address names once it is drawn, and keep one step back for one gesture.
(() => {
  let followed = 0;
  const anchored = () => {
    const name = decodeURIComponent(window.location.hash.slice(1));
    const mine = (followed += 1); // a newer address, or the reader's first gesture, ends this one
    let until = Date.now() + 60000;
    let met = false;
    // Views above the target are drawn after it and push it away: it is brought back for as long as they may.
    const follow = () => {
      const target = document.getElementById(name);
      if (target) {
        if (!met) until = Date.now() + 10000;
        met = true;
        const { top } = target.getBoundingClientRect();
        if (top < 0 || top > window.innerHeight / 2) target.scrollIntoView();
      }
      if (mine === followed && Date.now() < until) window.setTimeout(follow, 200);
    };
    if (name) follow();
  };
  for (const gesture of ["wheel", "touchstart", "pointerdown", "keydown"]) {
    window.addEventListener(gesture, () => (followed += 1), { capture: true, passive: true });
  }
  window.addEventListener("hashchange", anchored);
  anchored();
  // A page reached by the menu gets its filters in its address an instant later: one gesture is one step back, not two.
  const push = window.history.pushState.bind(window.history);
  let arrived = 0;
  window.history.pushState = (state, unused, url) => {
    const same = new URL(url, window.location.href).pathname === window.location.pathname;
    if (same && Date.now() - arrived < 300) {
      window.history.replaceState(state, unused, url);
      return;
    }
    if (!same) arrived = Date.now();
    push(state, unused, url);
  };
  // How wide the screen is: tables are drawn on a canvas that no style sheet reaches (apps/kit/charts/narrow.py).
  const measured = () => {
    const secure = window.location.protocol === "https:" ? "; Secure" : "";
    const kept = window.innerWidth < 640 ? "obs_ecran=etroit" : "obs_ecran=; max-age=0";
    document.cookie = `${kept}; path=/; SameSite=Lax${secure}`;
  };
  window.addEventListener("resize", measured);
  measured();
  const suite = document.title;
  const named = () => {
    if (!document.title.endsWith(suite)) document.title = `${document.title} · ${suite}`;
  };
  new MutationObserver(named).observe(document.querySelector("title"), { childList: true });
  const copy = async (text) => {
    if (navigator.clipboard && window.isSecureContext) {
      await navigator.clipboard.writeText(text);
      return;
    }
    const area = document.createElement("textarea");
    area.value = text;
    area.setAttribute("aria-hidden", "true");
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  };
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest(".st-key-obs_copier_lien button");
    if (button) copy(window.location.href).catch(() => {});
  });
  // Declared forms (apps/kit/forms): a refused field says so to a screen reader, and the first one takes the focus.
  const fieldOf = (said) => {
    const box = said.dataset.champ && document.querySelector(`.st-key-${CSS.escape(said.dataset.champ)}`);
    return box ? box.querySelector("input, textarea, button") : null;
  };
  let sent = "";
  let held = false; // the first refused field keeps the focus until the reader's next gesture
  for (const gesture of ["pointerdown", "keydown"]) {
    window.addEventListener(gesture, () => (held = false), { capture: true, passive: true });
  }
  const refusals = () => {
    const marked = new Set();
    const all = [...document.querySelectorAll(".obs-refus[data-champ]")];
    for (const said of all) {
      const field = fieldOf(said);
      if (!field) continue;
      marked.add(field);
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", said.id);
    }
    for (const field of document.querySelectorAll('[aria-invalid="true"][aria-describedby^="refus-"]')) {
      if (marked.has(field)) continue;
      field.removeAttribute("aria-invalid");
      field.removeAttribute("aria-describedby");
    }
    const summary = document.querySelector(".obs-refus-resume[data-envoi]");
    const now = summary ? summary.dataset.envoi : "";
    if (now && now !== sent) {
      // A slow page draws the summary before the fields that it names: they are waited for.
      const first = all.length ? fieldOf(all[0]) : null;
      if (!first) return;
      first.focus();
      held = true;
    } else if (held && now && all.length && [document.body, null].includes(document.activeElement)) {
      // The field was drawn anew after it was focused: the focus fell on the page.
      const first = fieldOf(all[0]);
      if (first) first.focus();
    }
    sent = now;
  };
  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true; // once a frame, whatever changes
    window.requestAnimationFrame(() => {
      waiting = false;
      if (sent || document.querySelector(".obs-refus, .obs-refus-resume")) refusals();
    });
  }).observe(document.body, { childList: true, subtree: true });
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element && event.target.closest(".obs-refus-resume a");
    const said = link && document.getElementById(link.getAttribute("href").slice(1));
    const field = said && fieldOf(said);
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.scrollIntoView({ block: "center" });
  });
})();
