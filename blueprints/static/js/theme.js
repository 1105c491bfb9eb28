/* Conveniences only: without this file every page still works. Typed text is kept in sessionStorage (gone with the tab), never longer. */
(() => {
  "use strict";
  const body = document.body;
  const words = body.dataset;
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));

  /* Drafts. A key holds {who, at, sent, fields}; it is dropped when its form was sent and answered without errors,
     when another person logs in, on log-out, and after eight hours. A log-in page in between keeps it. */
  const PREFIX = "draft:";
  const LIFE = 8 * 3600 * 1000;
  const read = (key) => { try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; } };
  const write = (key, value) => { try { sessionStorage.setItem(key, JSON.stringify(value)); } catch { /* full or forbidden: no draft */ } };
  const drop = (key) => { try { sessionStorage.removeItem(key); } catch { /* forbidden */ } };
  const keys = () => { try { return Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX)); } catch { return []; } };
  const keep = (field) => field.name && !["password", "hidden", "file", "submit", "button"].includes(field.type) && !field.hasAttribute("data-no-draft");
  const kept = (form) => Array.from(form.elements).filter(keep);
  const isTick = (field) => field.type === "radio" || field.type === "checkbox";
  const snapshot = (form) => kept(form).map((field) => [field.name, isTick(field) ? field.value : "", isTick(field) ? field.checked : fieldValue(field)]);
  const fieldValue = (field) => (field.multiple ? Array.from(field.selectedOptions, (option) => option.value) : field.value);

  function restore(form, fields) {
    let changed = false;
    for (const [name, value, state] of fields) {
      const field = kept(form).find((one) => one.name === name && (!isTick(one) || one.value === value));
      if (!field) continue;
      if (isTick(field)) { if (field.checked !== state) { field.checked = state; changed = true; } }
      else if (Array.isArray(state)) { for (const option of field.options) option.selected = state.includes(option.value); }
      else if (field.value !== state && state !== "") { field.value = state; changed = true; }
    }
    return changed;
  }

  function note(form, key) {
    const box = document.createElement("div");
    const clear = document.createElement("button");
    box.className = "draft-note";
    box.setAttribute("role", "status");
    box.append(words.draftBack || "");
    clear.type = "button";
    clear.className = "btn btn-quiet";
    clear.textContent = words.draftClear || "×";
    clear.addEventListener("click", () => { drop(key); form.reset(); box.remove(); });
    box.append(clear);
    form.prepend(box);
  }

  function drafts() {
    const login = document.querySelector("[data-login]");
    const who = words.who || "";
    const here = new Map(all("form[data-draft]").map((form) => [PREFIX + location.pathname + ":" + form.dataset.draft, form]));
    for (const key of keys()) {
      const draft = read(key);
      if (!draft || Date.now() - draft.at > LIFE || (who && draft.who && draft.who !== who)) drop(key);
      else if (login) write(key, { ...draft, sent: false });
      else if (draft.sent && !document.querySelector("[data-errors]")) drop(key);
    }
    for (const [key, form] of here) {
      const draft = read(key);
      if (draft && !document.querySelector("[data-errors]") && restore(form, draft.fields)) note(form, key);
      let timer = 0;
      form.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(() => write(key, { who, at: Date.now(), sent: false, fields: snapshot(form) }), 300);
      });
      form.addEventListener("submit", () => { clearTimeout(timer); write(key, { who, at: Date.now(), sent: true, fields: snapshot(form) }); });
    }
    for (const form of all("form[data-logout]")) form.addEventListener("submit", () => keys().forEach(drop));
  }

  /* One press, one request. The button comes back by itself, so that a broken connection never blocks a second try. */
  function release(form) {
    delete form.dataset.sent;
    for (const button of all("button[type=submit], button:not([type])", form)) { button.disabled = false; button.removeAttribute("aria-busy"); }
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "get" || event.defaultPrevented && !form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    form.dataset.sent = "1";
    setTimeout(() => { for (const button of all("button[type=submit], button:not([type])", form)) { button.disabled = true; button.setAttribute("aria-busy", "true"); } }, 0);
    setTimeout(() => release(form), 8000);
  });
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach(release));
  document.addEventListener("htmx:finally:request", () => all("form[data-sent]").forEach(release));

  /* Shown secrets mask themselves again; leaving the tab masks them at once. */
  function hide(box) { const text = document.createElement("p"); text.textContent = box.dataset.hiddenText || ""; box.replaceChildren(text); box.removeAttribute("data-hide-after"); }
  function arm(root) {
    for (const box of all("[data-hide-after]", root)) {
      if (box.dataset.armed) continue;
      box.dataset.armed = "1";
      setTimeout(() => { if (box.isConnected) hide(box); }, Number(box.dataset.hideAfter) * 1000);
    }
  }
  document.addEventListener("visibilitychange", () => { if (document.hidden) all("[data-hide-after]").forEach(hide); });

  /* Desk keyboard: j and k walk the rows, / goes to search. Never while typing. */
  document.addEventListener("keydown", (event) => {
    if (!("keys" in words) || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "/") {
      const search = document.querySelector("[data-search]");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    } else if (event.key === "j" || event.key === "k") {
      const rows = all("[data-row]");
      if (!rows.length) return;
      const at = rows.findIndex((row) => row === document.activeElement || row.closest("tr")?.contains(document.activeElement));
      rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + (event.key === "j" ? 1 : -1)))].focus();
    }
  });

  /* Lists: columns and density, kept for this tab under the list's id. */
  function lists() {
    for (const box of all("[data-list-tools]")) {
      const table = document.getElementById(box.dataset.listTools);
      if (!table) continue;
      const key = "list:" + location.pathname + ":" + table.id;
      const saved = read(key) || { hidden: [], dense: false };
      const show = () => {
        for (const tick of all("[data-column]", box)) { tick.checked = !saved.hidden.includes(tick.dataset.column); table.classList.toggle("hide-" + tick.dataset.column, !tick.checked); }
        table.classList.toggle("dense", saved.dense);
        for (const button of all("[data-density]", box)) button.setAttribute("aria-pressed", String(saved.dense));
      };
      box.addEventListener("change", (event) => {
        const column = event.target.dataset.column;
        if (!column) return;
        saved.hidden = event.target.checked ? saved.hidden.filter((one) => one !== column) : [...saved.hidden, column];
        write(key, saved); show();
      });
      for (const button of all("[data-density]", box)) button.addEventListener("click", () => { saved.dense = !saved.dense; write(key, saved); show(); });
      show();
    }
  }

  function offline() { for (const badge of all("[data-offline]")) badge.hidden = navigator.onLine; }
  window.addEventListener("online", offline);
  window.addEventListener("offline", offline);

  /* The page's menu where it is wide; what CSS says to newer browsers (doors.css). */
  const wide = window.matchMedia("(min-width: 1200px)");
  function unfold() { if (!CSS.supports("selector(::details-content)")) for (const menu of all("[data-menu]")) menu.open = wide.matches; }
  wide.addEventListener("change", unfold);

  /* A menu closes on Escape and on a click elsewhere. */
  document.addEventListener("click", (event) => { for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false; });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of all("details.menu[open]")) { menu.open = false; menu.querySelector("summary").focus(); }
  });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) window.print(); });
  document.addEventListener("htmx:after:swap", () => { arm(document); reveal(); });
  function reveal() { for (const tool of all("[data-js]")) tool.hidden = false; }

  /* Paper shows what a closed row hides. */
  window.addEventListener("beforeprint", () => { for (const row of all(".verdict details:not([open])")) { row.dataset.closed = "1"; row.open = true; } });
  window.addEventListener("afterprint", () => { for (const row of all("details[data-closed]")) { row.open = false; delete row.dataset.closed; } });

  reveal(); drafts(); lists(); arm(document); offline(); unfold();
  const summary = document.querySelector("[data-errors]");
  if (summary) summary.focus();
})();
