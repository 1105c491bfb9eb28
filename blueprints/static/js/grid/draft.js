/* What somebody is typing, sealed on the phone like the queue, so that an app that was killed gives it back. One draft
   for each page; it goes when its item is queued, when it is thrown away, and with the log-out. Photographs are no part
   of it: they are queued with their item. */
(() => {
  "use strict";
  const Field = window.Field;
  const { w } = Field;
  const main = document.getElementById("main");
  const boxes = () => [...main.querySelectorAll("input[name], select[name], textarea[name]")].filter((box) => box.type !== "hidden" && box.type !== "file");
  const ticks = (box) => box.type === "checkbox" || box.type === "radio";
  const words = () => JSON.stringify(boxes().map((box) => [box.name, ticks(box) ? (box.checked ? box.value : "") : box.value]).filter((each) => each[1]));
  let drawn = "";  // what the page held before anybody typed
  let at = "";  // the page that it belongs to
  let typed = null;
  let timer = 0;

  async function flush() {
    clearTimeout(timer);
    const now = typed;
    typed = null;
    if (!now || !Field.store || !Field.store.key) return;
    if (now.words === now.drawn) await Field.store.dropDraft(now.at); else await Field.store.keepDraft(now.at, now.words);
  }

  main.addEventListener("input", () => {
    typed = { at, drawn, words: words() };
    clearTimeout(timer);
    timer = setTimeout(flush, 300);
  });
  for (const [where, what] of [[window, "pagehide"], [document, "visibilitychange"]]) where.addEventListener(what, flush);

  /* After a page was drawn: note what it holds, and put back what was typed on it before. */
  async function back(address, fresh) {
    at = address;
    drawn = words();
    if (!fresh || !boxes().length || !Field.store.key) return;
    const kept = await Field.store.draft(address);
    if (!kept || address !== at) return;
    const held = JSON.parse(kept);
    const more = main.querySelector("[data-fresh]");
    for (let n = 0; more && held.some(([name]) => name.startsWith("new_") && name.endsWith("_" + n)); n += 1) if (n >= more.children.length) more.more();
    const values = new Set(held.map((each) => each.join("\n")));
    const texts = new Map(held);
    for (const box of boxes()) {
      if (ticks(box)) box.checked = values.has(box.name + "\n" + box.value); else box.value = texts.get(box.name) || "";
      const fold = box.closest("details");
      if (fold && (ticks(box) ? box.checked : box.value && box.tagName !== "SELECT")) fold.open = true;
    }
    const drop = async () => { typed = null; await Field.store.dropDraft(address); await Field.show(); };
    main.querySelector(".page-head").after(Field.banner(w("draft_back"), "info", " ", Field.button(w("draft_drop"), drop, "trash", "line", false)));
  }

  async function done(address) {
    if (typed && typed.at === address) typed = null;
    clearTimeout(timer);
    await Field.store.dropDraft(address);
  }

  Field.drafts = { flush, back, done };
})();
