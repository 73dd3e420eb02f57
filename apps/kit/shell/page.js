// What only the browser can do: copy the address of the view. The button itself is drawn by the page kit.
(() => {
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
