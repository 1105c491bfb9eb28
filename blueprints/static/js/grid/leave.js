/* Log-out on a phone that holds work: what waits is sent first; what cannot be sent is named, and asked for twice. Then
   the key and all it opens is wiped. Loaded on every page of somebody logged in; without a store it does nothing. */
(() => {
  "use strict";
  const parts = (document.currentScript.dataset.parts || "").split(" ").filter(Boolean);
  const get = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const set = (name, value) => { try { if (value) localStorage.setItem(name, value); else localStorage.removeItem(name); } catch { /* forbidden */ } };
  const fill = (words, values) => (words || "{n} {what}").replace(/\{(\w+)\}/g, (all, name) => (name in values ? values[name] : all));
  let busy = false;

  function load(src) {
    return new Promise((done, fail) => {
      const script = document.createElement("script");
      script.src = src;
      script.onload = done;
      script.onerror = fail;
      document.head.append(script);
    });
  }

  async function waitingOf(store, words) {
    const items = await store.items();
    const counts = {};
    for (const item of items) counts[item.kind] = (counts[item.kind] || 0) + 1;
    const drafts = (await store.drafts()).length;
    if (drafts) counts.draft = drafts;
    const what = Object.entries(counts).map(([kind, n]) => `${words["kind_" + kind] || words.kind_other || kind} ${n}`).join(words.comma || "、");
    return { n: items.length + drafts, what };
  }

  async function leave(form) {
    const slug = get("field");
    for (const src of parts) if (!window.Field || !window.Field.Sync) await load(src);
    const store = await window.Field.Store.open(slug);
    const words = ((await store.meta("open")) || {}).words || {};
    if ((await store.waiting()) > 0) {
      const sync = new window.Field.Sync(store, form.dataset.fieldRoot || `/c/${slug}/grid/`);
      await sync.run().catch(() => null);
    }
    const left = await waitingOf(store, words);
    if (left.n && !(confirm(fill(words.logout_waiting, left)) && confirm(fill(words.logout_sure, left)))) return;
    await store.wipe();
    if (await store.others()) {
      const keep = document.createElement("input");  // another account's queue stays sealed on this phone
      Object.assign(keep, { type: "hidden", name: "keep", value: "1" });
      form.append(keep);
    } else {
      store.base.close();
      await idb.deleteDB("field:" + slug);
      set("field", "");
    }
    if (navigator.onLine) { send(form); return; }
    set("field-leave", "1");
    document.dispatchEvent(new CustomEvent("field:left"));
  }

  function send(form) {
    if (!form.isConnected) { form.hidden = true; document.body.append(form); }  // the page was drawn anew meanwhile
    form.submit();
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.hasAttribute("data-logout") || !get("field")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (busy) return;
    busy = true;
    leave(event.target).catch(() => send(event.target)).finally(() => { busy = false; });
  }, true);

  /* Left without signal: the log-in ends as soon as the server can be told. */
  window.addEventListener("load", () => {
    const form = document.querySelector("form[data-logout]");
    if (get("field-leave") && navigator.onLine && form) { set("field-leave", ""); send(form); }
  });
})();
