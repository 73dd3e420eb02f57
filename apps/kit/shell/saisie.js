// The entry of Convergence (apps/saisie) in the browser: what is answered is written down here before it is sent, and
// stays written until the server says that it has it; keys answer by their place, on any keyboard.
//
// Why a journal, and not the radios themselves: each run of the page draws every radio from what is kept, so a run that
// began before an answer puts the old value back under it, and the next message carries that old value; a button sent
// in the same breath overtakes the answer, whose widget is gone when it comes. One hidden field carries all that waits,
// in order: a message that is late, merged, sent twice or sent again after a cut says the same thing.
(() => {
  const PREFIX = "obs-saisie:";
  const FIELD = ".st-key-saisie_frappe input";
  const one = (selector, within = document) => within.querySelector(selector);
  const read = (name, otherwise) => {
    try {
      return JSON.parse(sessionStorage.getItem(PREFIX + name)) ?? otherwise;
    } catch {
      return otherwise;
    }
  };
  const write = (name, value) => {
    try {
      if (value === null) sessionStorage.removeItem(PREFIX + name);
      else sessionStorage.setItem(PREFIX + name, JSON.stringify(value));
    } catch {
      /* a browser that keeps nothing: the journal lasts as long as the page */
    }
  };
  // A field of Streamlit takes a value as if it were typed.
  const typed = (field, value) => {
    const kind = field.tagName === "TEXTAREA" ? HTMLTextAreaElement : HTMLInputElement;
    Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(field, value);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  // -- the journal -----------------------------------------------------------------------------------
  let mine = null; // {qui, page, n, a}: whose, which tab, last number, the answers that wait
  const account = () => one(".obs-saisie-recu")?.dataset.compte || "";
  const journal = () => {
    const who = account() || mine?.qui || "";
    if (!mine || mine.qui !== who) {
      mine = read(`journal:${who}`, null) || { qui: who, page: Math.random().toString(36).slice(2), n: 0, a: [] };
    }
    return mine;
  };
  const keep = () => {
    write(`journal:${mine.qui}`, mine);
    document.body.dataset.saisieAttente = mine.a.length;
  };
  let sent = 0; // when the journal was last sent
  const send = () => {
    const field = one(FIELD);
    if (!field || !mine || !mine.a.length) return;
    sent = Date.now();
    typed(field, JSON.stringify({ page: mine.page, n: mine.n, a: mine.a, t: sent }));
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
  };
  const classOf = (group) => [...group.classList].find((name) => name.startsWith("st-key-crit_")) || "st-key-crit_";
  const boxOf = (group) => one(`.${CSS.escape(classOf(group).replace(/_(niveau|interne|public|valeur|pourquoi)$/, ""))}`);
  const about = (group) => one(".obs-saisie-lu", boxOf(group))?.dataset;
  const note = (group, value) => {
    const lu = about(group);
    if (!lu) return;
    const held = journal();
    held.n += 1;
    // One line a criterion: the last answer is the one that is meant, read against what was first seen.
    const before = held.a.find((item) => item.s === lu.s && item.q === lu.q && item.c === lu.c);
    held.a = held.a.filter((item) => item !== before);
    held.a.push({ n: held.n, s: lu.s, q: lu.q, c: lu.c, v: value, r: before ? before.r : Number(lu.r), d: Number(lu.d) });
    keep();
    send();
  };
  const acknowledged = () => {
    const said = one(".obs-saisie-recu");
    if (!said) return;
    const held = journal();
    const until = said.dataset.page === held.page ? Number(said.dataset.n) : 0;
    const left = held.a.filter((item) => item.n > until);
    if (left.length !== held.a.length) {
      held.a = left;
      keep();
    }
  };
  const whole = () => {
    const app = one("[data-test-script-state]");
    return !app || app.dataset.testScriptState === "notRunning";
  };
  const status = (words) => {
    let said = one("#obs-saisie-attente");
    if (!said) {
      if (!words) return;
      said = document.createElement("div");
      said.id = "obs-saisie-attente";
      said.setAttribute("role", "status");
      said.style.cssText = "position:fixed;left:0;right:0;bottom:0;z-index:1000;padding:.6rem 1rem;text-align:center;"
        + "background:#7a1f1f;color:#fff;font-weight:600";
      document.body.append(said);
    }
    if (said.textContent !== words) said.textContent = words;
    said.hidden = !words;
  };
  // What is not acknowledged is told, and sent again: a server that is down or a session that ended loses nothing.
  window.setInterval(() => {
    if (!one(".obs-saisie-recu")) return;
    acknowledged();
    const waits = journal().a.length;
    if (left && whole() && Date.now() - since > 15000) left = ""; // nothing came: the keys answer here again
    const late = waits && Date.now() - sent > 5000;
    if (late && whole()) send();
    const words = waits > 1 ? `${waits} réponses ne sont pas encore enregistrées` : "Une réponse n’est pas encore enregistrée";
    if (!waits) status("");
    else if (late) status(`${words}\u202f: nouvel essai. Laissez cette page ouverte.`);
  }, 1000);
  const CRITERE = '[class*="st-key-crit_"][class*="_niveau"]';
  const KEY = /^\W*([1-4n]) ·/;
  document.addEventListener("change", (event) => {
    const group = event.target instanceof Element && event.target.type === "radio" && event.target.closest(CRITERE);
    const key = group && KEY.exec(event.target.closest("label")?.textContent || "");
    if (key) note(group, key[1] === "n" ? "na" : String(Number(key[1]) - 1));
  }, true);

  // -- texts -----------------------------------------------------------------------------------------
  const TEXT = '[class*="st-key-crit_"][class*="_interne"], [class*="st-key-crit_"][class*="_public"]';
  const textOf = (field) => {
    const group = field.closest(TEXT);
    const lu = group && about(group);
    const end = group && classOf(group).endsWith("_public") ? "public" : "interne";
    return lu ? { name: `texte:${account()}:${lu.s}:${lu.q}:${lu.c}:${end}`, rev: Number(lu.rc) } : null;
  };
  // A value or a reason on one line: only until the page is left, for what the server refuses is told there.
  const LINE = '[class*="st-key-crit_"][class*="_valeur"], [class*="st-key-crit_"][class*="_pourquoi"]';
  const lines = new Map(); // field -> the revision that was on screen when it was typed in
  document.addEventListener("input", (event) => {
    const line = event.target instanceof HTMLInputElement && event.target.closest(LINE);
    if (line && about(line)) lines.set(event.target, about(line).r);
    if (!(event.target instanceof HTMLTextAreaElement)) return;
    const place = textOf(event.target);
    if (place) write(place.name, { rev: place.rev, texte: event.target.value });
  }, true);
  // A text that the server does not have is put back where it was typed; one that it has, or that it set aside, is not.
  const texts = () => {
    for (const field of document.querySelectorAll(TEXT.split(", ").map((place) => `${place} textarea`).join())) {
      const place = textOf(field);
      const kept = place && read(place.name, null);
      if (!kept) continue;
      if (kept.rev !== place.rev) write(place.name, null);
      else if (field.value !== kept.texte && field !== document.activeElement && !field.disabled) {
        typed(field, kept.texte);
        // Sent as a field that is left, once it is drawn as typed in; folded away, it takes no focus.
        window.setTimeout(() => field.dispatchEvent(new FocusEvent("focusout", { bubbles: true })), 100);
      }
    }
  };
  window.addEventListener("beforeunload", (event) => {
    const field = document.activeElement instanceof HTMLTextAreaElement ? textOf(document.activeElement) : null;
    if ((field && read(field.name, null)) || (mine && mine.a.length)) event.preventDefault();
  });

  // -- leaving ---------------------------------------------------------------------------------------
  // A text, then a tap on a link, on a phone as with a mouse: the text goes first, and the page is left once the server
  // has it. What the server refused is told here: the page stays, and the next tap leaves.
  const unsaved = () => {
    const drafts = [...document.querySelectorAll(TEXT.split(", ").map((place) => `${place} textarea`).join())];
    const waits = (place) => place && read(place.name, null)?.rev === place.rev;
    for (const [field, rev] of lines) {
      const lu = field.isConnected && about(field.closest(LINE));
      if (!lu || lu.r !== rev) lines.delete(field);
    }
    return journal().a.length > 0 || lines.size > 0 || drafts.some((field) => waits(textOf(field)));
  };
  let leaving = ""; // where to, once all is saved
  let told = ""; // where to, when what is typed was refused
  const leave = (began, ran) => {
    const calm = whole();
    if (!unsaved()) {
      window.location.href = leaving;
      return;
    }
    if ((ran && calm && Date.now() - began > 500) || Date.now() - began > 8000) {
      told = leaving;
      leaving = "";
      lines.clear();
      return;
    }
    window.setTimeout(leave, 50, ran && !calm ? Date.now() : began, ran || !calm);
  };
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element && event.target.closest("a[href]");
    if (!link || link.target === "_blank" || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!one(".obs-saisie-recu") || !unsaved() || link.href === told) return;
    event.preventDefault();
    event.stopPropagation();
    document.activeElement?.blur();
    const begun = Boolean(leaving);
    leaving = link.href;
    if (!begun) leave(Date.now(), false);
  }, true);

  // -- keys ------------------------------------------------------------------------------------------
  // The place moves on in the browser, so that fast typing never answers another criterion than the one that was read;
  // keys typed while the next axis is on its way wait for it.
  const DIGITS = { Digit1: "1", Digit2: "2", Digit3: "3", Digit4: "4",
    Numpad1: "1", Numpad2: "2", Numpad3: "3", Numpad4: "4" };
  const groups = () => [...document.querySelectorAll(CRITERE)];
  let axis = "";
  let at = 0; // rank of the criterion at hand; past the last one when the axis is done
  let left = ""; // the axis that is being left, until the next one is whole
  let since = 0; // when it was left
  let kept = [];
  // An axis is whole when each of its criteria is drawn and none of another, and the way out, which comes last, is its
  // own: a run that is cut short draws a part, and an old way out leads back here.
  const out = () => one(`.${CSS.escape(one(".obs-saisie-axe")?.dataset.suivant || "none")} button`);
  const worded = (group) => [...group.querySelectorAll("input")].every((each) => KEY.test(each.closest("label").textContent));
  const drawn = (all) => all.length > 0 && all.every(worded) && names(all) === one(".obs-saisie-axe")?.dataset.criteres && out() !== null;
  const names = (all) => all.map(classOf).join();
  const settle = (all) => {
    const now = names(all);
    if (now === axis) return;
    axis = now;
    at = Math.max(0, all.findIndex((group) => !one("input:checked", group)));
    show(all);
  };
  const show = (all) => {
    const input = all[at] && (one("input:checked", all[at]) || one("input", all[at]));
    if (input) input.focus();
  };
  // An address that names a criterion opens there: it has the focus, and the next key answers it.
  let arrived = "";
  const arrive = () => {
    const ici = one(".obs-saisie-axe")?.dataset.ici || "";
    if (!ici || arrived === ici || !whole()) return;
    const all = groups();
    const place = one(`.${CSS.escape(ici)}`);
    if (!place || (all.length && !drawn(all))) return;
    arrived = ici;
    const rank = all.findIndex((group) => boxOf(group) === place);
    if (rank >= 0) {
      axis = names(all);
      at = rank;
      show(all);
    }
    place.scrollIntoView({ block: "start" });
  };
  const answer = (all, key) => {
    if (at >= all.length) return;
    const label = [...all[at].querySelectorAll("label")].find((each) => KEY.exec(each.textContent)?.[1] === key);
    const input = label && one("input", label);
    if (!input || input.disabled) return; // a level that does not exist leaves its key dead
    if (!input.checked) input.click();
    else if (about(all[at])?.sur === "non") note(all[at], key === "n" ? "na" : String(Number(key) - 1)); // confirms it
    at += 1;
    show(all);
  };
  const box = (all) => boxOf(all[Math.min(at, all.length - 1)]);
  let opening = false; // a comment unfolds: what is typed meanwhile is no answer
  const writing = (field, tries) => {
    field?.focus();
    opening = Boolean(field) && document.activeElement !== field && tries > 0;
    if (opening) window.setTimeout(() => writing(field, tries - 1), 50);
  };
  const ACTS = {
    j: (all) => ((at = Math.min(all.length - 1, at + 1)), show(all)),
    k: (all) => ((at = Math.max(0, Math.min(at, all.length) - 1)), show(all)),
    s: () => {
      const next = out();
      if (!next || next.disabled) return;
      left = axis;
      since = Date.now();
      next.click();
    },
    Backspace: (all) => {
      at = Math.min(at, all.length - 1);
      if (one("input:checked:not(:disabled)", all[at])) note(all[at], "vide");
    },
    p: (all) => one('[class*="_porteur"] input', box(all))?.focus(),
    m: (all) => {
      const field = one('[class*="_interne"] textarea', box(all));
      const details = field?.closest("details");
      if (details && !details.open) one("summary", details).click();
      writing(field, 20);
    },
    v: () => one(".obs-saisie-relire a")?.click(),
    "?": () => one(".obs-legende a")?.click(),
  };
  const press = (all, key) => {
    if (left || !drawn(all)) kept.push(key);
    else if (ACTS[key]) ACTS[key](all);
    else answer(all, key);
  };
  const replay = () => {
    const all = groups();
    if (!(left || kept.length) || !drawn(all) || names(all) === left) return;
    left = "";
    settle(all);
    const typedBefore = kept;
    kept = [];
    for (const key of typedBefore) press(all, key);
  };
  let waiting = false;
  new MutationObserver(() => {
    if (waiting || !one(".obs-saisie-recu")) return;
    waiting = true; // once a frame, whatever changes
    window.requestAnimationFrame(() => {
      waiting = false;
      acknowledged();
      if (journal().a.length && !sent) send(); // typed before this page was opened
      if (whole()) texts();
      replay();
      arrive();
    });
  }).observe(document.body, { childList: true, subtree: true, attributeFilter: ["data-test-script-state"] });
  document.addEventListener("keydown", (event) => {
    const field = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
    if (field instanceof HTMLTextAreaElement && textOf(field)) {
      if (event.key === "Escape" || (event.key === "Enter" && event.ctrlKey)) window.setTimeout(() => field.blur(), 0);
      return;
    }
    if (opening || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (field && !["radio", "checkbox"].includes(field.type)) return;
    const all = groups();
    if (!all.length) {
      if (event.key === "Enter" && (!field || field === document.body) && !event.target.closest("button, a, summary")) {
        one(".obs-saisie-recap") && one(".st-key-valider button")?.click();
      }
      return;
    }
    if (!left && drawn(all)) settle(all);
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const key = DIGITS[event.code] || (name in ACTS || name === "n" ? name : "");
    if (!key) return;
    if (!["j", "k"].includes(key)) event.preventDefault();
    press(all, key);
  });
})();
