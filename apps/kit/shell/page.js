// What only the browser can do: copy the address of the view (the button itself is drawn by the page kit), and
// name the suite in the title of every page, which Streamlit sets to the page's own name, and go to the view that
// the address names once it is drawn.
(() => {
  const anchored = () => {
    const name = decodeURIComponent(window.location.hash.slice(1));
    const until = Date.now() + 15000;
    let seen = 0;
    // Views above it may still grow: it is brought back into sight until it has been still for a second.
    const follow = () => {
      const target = name && document.getElementById(name);
      if (target) {
        const { top } = target.getBoundingClientRect();
        if (top < 0 || top > window.innerHeight - 80) {
          target.scrollIntoView();
          seen = 0;
        } else seen += 1;
      }
      if (name && seen < 5 && Date.now() < until) window.setTimeout(follow, 200);
    };
    follow();
  };
  window.addEventListener("hashchange", anchored);
  window.addEventListener("load", anchored);
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
})();
