/* Reading a page aloud with the voice of the browser. The button shows only where there is one; nothing leaves the device. */
(() => {
  "use strict";
  const voice = window.speechSynthesis;
  if (!voice || !window.SpeechSynthesisUtterance) return;
  for (const button of document.querySelectorAll("[data-read]")) {
    const text = document.getElementById(button.dataset.read);
    if (!text) continue;
    const label = button.querySelector("[data-read-label]");
    const words = { off: label.textContent, on: button.dataset.stop };
    const show = (on) => { label.textContent = on ? words.on : words.off; button.setAttribute("aria-pressed", String(on)); };
    const stop = () => { voice.cancel(); show(false); };
    button.addEventListener("click", () => {
      if (button.getAttribute("aria-pressed") === "true") { stop(); return; }
      voice.cancel();
      const parts = Array.from(text.querySelectorAll("h1, h2, p, li, dt, dd"), (part) => (part.querySelector("p, li, dd") ? "" : part.innerText.trim())).filter(Boolean);
      parts.forEach((part, at) => {
        const said = new SpeechSynthesisUtterance(part);
        said.lang = text.lang === "en" ? "en-GB" : "zh-CN";
        said.rate = 0.85;
        if (at === parts.length - 1) said.addEventListener("end", () => show(false));
        voice.speak(said);
      });
      show(parts.length > 0);
    });
    window.addEventListener("pagehide", stop);
    show(false);
    button.hidden = false;
  }
})();
