/* How many items of this phone wait, on pages of the server. Without a store nothing is shown. */
(() => {
  "use strict";
  const badge = document.querySelector("[data-field-waiting]");
  let slug = null;
  try { slug = localStorage.getItem("field"); } catch { /* forbidden */ }
  if (!badge || !slug || !location.pathname.startsWith(`/c/${slug}/`)) return;
  const asked = indexedDB.open("field:" + slug);
  asked.onupgradeneeded = () => asked.transaction.abort();
  asked.onerror = (event) => event.preventDefault();
  asked.onsuccess = () => {
    const base = asked.result;
    const work = base.transaction(["meta", "items"]);
    const account = work.objectStore("meta").get("account");
    const items = work.objectStore("items").getAll();
    work.oncomplete = () => {
      base.close();
      const n = items.result.filter((item) => item.account === account.result && item.state === "waiting").length;
      badge.textContent = badge.dataset.words.replace("{n}", n);
      badge.hidden = n === 0;
    };
  };
})();
