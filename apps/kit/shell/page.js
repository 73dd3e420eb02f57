// What only the browser can do: copy the address of the view (the button itself is drawn by the page kit), and
// name the suite in the title of every page, which Streamlit sets to the page's own name.
(() => {
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
