/* The app: opens the store, shows the page of the address, sends the queue whenever there may be a network. */
(() => {
  "use strict";
  const Field = window.Field;
  const { h, w, icon } = Field;
  const data = document.body.dataset;
  const main = document.getElementById("main");
  const notices = document.getElementById("notices");
  const TABS = [["today", "calendar-check"], ["yards", "buildings"], ["report", "megaphone"], ["me", "person"]];
  const TAB_OF = { stop: "today", sheet: "today", visit: "today", wish: "report", hardship: "report", yard: "yards", door: "yards", person: "yards", newdoor: "yards" };
  let codes = {};
  let status = { kind: "", n: 0 };
  let flash = "";
  let editing = null;
  let sending = false;

  Object.assign(Field, { root: data.root, data: null, items: [], token: "", last: 0, space: "", installer: null, expired: 0 });
  const open = JSON.parse(data.words);
  speak(open);

  function speak(words) {
    Field.words(words);
    codes = {};
    for (const key of Object.keys(words)) {
      const cut = key.indexOf("_") + 1;
      if (cut) (codes[key.slice(0, cut)] = codes[key.slice(0, cut)] || []).push(key.slice(cut));
    }
  }
  Field.codes = (prefix) => codes[prefix] || [];

  /* What waits lies over what the phone took along, so that a door once done is not asked for again. */
  const sentFor = (name, id) => Field.items.some((item) => item.payload[name] === id && item.state !== "refused");
  Field.openStops = () => {
    const stops = (Field.data.stops || []).filter((stop) => !sentFor("stop", stop.id));
    const today = new Date(Date.now() + 8 * 3600000).toISOString().slice(0, 10);  // on the wall in Xi'an
    const rank = (stop) => (stop.again > today ? 2 : stop.tries ? 0 : 1);  // to go again first, another day last
    return stops.sort((one, other) => rank(one) - rank(other));
  };
  Field.openVisits = () => Field.data.visits.filter((visit) => !sentFor("visit", visit.id));
  Field.stop = (id) => Field.data && (Field.data.stops || []).find((stop) => stop.id === id);
  Field.home = (id) => {
    const home = Field.data && Field.data.homes.find((each) => each.id === id);
    if (!home) return null;
    return home;
  };
  Field.person = (id) => {
    for (const home of (Field.data && Field.data.homes) || []) {
      const person = home.people.find((each) => each.id === id);
      if (person) return { home, person };
    }
    return null;
  };
  Field.yardName = (id) => ((Field.data && Field.data.yards.find((yard) => yard.id === id)) || { name: "" }).name;
  Field.sentNote = (stop) => (sentFor("stop", stop.id) ? Field.banner(w("waiting", { n: 1 })) : null);
  Field.edit = (item) => { editing = item; };
  Field.editing = (kind) => { const item = editing && editing.kind === kind ? editing : null; editing = null; return item; };

  async function read() {
    Field.items = await Field.store.items();
    Field.data = await Field.store.bundle();
    Field.expired = (!Field.data && (await Field.store.meta("expired"))) || 0;
    Field.last = (await Field.store.meta("last")) || 0;
    const kept = (await Field.store.meta("open")) || null;
    if (kept) {
      speak(kept.words);
      document.documentElement.lang = kept.lang === "en" ? "en" : "zh-Hans";
      if (kept.elder) document.documentElement.dataset.elder = "1"; else delete document.documentElement.dataset.elder;
    }
    const stops = new Map(((Field.data && Field.data.stops) || []).map((stop) => [stop.household, stop.id]));
    for (const home of (Field.data && Field.data.homes) || []) {
      home.stop = stops.get(home.id) || "";
      home.sent = home.stop && sentFor("stop", home.stop);
    }
    if (navigator.storage && navigator.storage.estimate) {
      const { usage = 0 } = await navigator.storage.estimate();
      Field.space = (usage / 1048576).toFixed(1) + " MB";
    }
  }

  function frame() {
    const [name] = address();
    const tab = TAB_OF[name] || name;
    document.getElementById("tabs").replaceChildren(h("ul", {}, TABS.map(([key, sign]) => h("li", {}, h("a", { href: "#" + key, "aria-current": key === tab ? "page" : null }, icon(sign), h("span", {}, w(key)))))));
    const waiting = Field.items.filter((item) => item.state === "waiting").length;
    const count = document.getElementById("count");
    count.replaceChildren(icon(waiting ? "cloud-upload" : "cloud-check"), h("span", {}, w("waiting", { n: waiting })));
    count.dataset.waiting = String(waiting);
    const offline = document.getElementById("offline");
    offline.hidden = navigator.onLine && status.kind !== "offline";
    offline.replaceChildren(icon("wifi-off"), w("offline"));
    notices.replaceChildren(...note(waiting).filter(Boolean));
  }

  function note(n) {
    const kinds = {
      login: () => Field.banner(w("login_again", { n }), "warn", " ", h("a", { class: "btn btn-primary", href: data.login + "?next=" + encodeURIComponent(Field.root + "app") }, w("login"))),
      elsewhere: () => Field.banner(w("switch_post", { n }), "warn", " ", h("a", { class: "btn btn-line", href: data.places }, w("switch"))),
      ended: () => Field.banner(n ? w("ended", { n }) : w("handed_in"), "warn"),
      later: () => (n ? Field.banner(w("try_later", { n }), "warn") : null),
    };
    const said = kinds[status.kind] ? kinds[status.kind]() : null;
    const done = flash ? Field.banner(flash, "ok") : null;
    flash = "";
    return [said, done, sending ? Field.banner(w("syncing")) : null];
  }

  const address = () => (location.hash.slice(1) || "today").split("/").map(decodeURIComponent);

  Field.show = async () => {
    await Field.drafts.flush();
    await read();
    const [name, ...rest] = address();
    const page = Field.pages[name] || Field.pages.today;
    const fresh = !editing;
    main.replaceChildren(...[page(...rest)].flat(4).filter(Boolean));
    frame();
    await Field.drafts.back(location.hash || "#today", fresh);
  };

  /* Queue an item, go back, and send when there is a network. */
  Field.queue = async (kind, payload, { base, back, photos } = {}) => {
    if (!Field.store.key) return;
    await Field.store.add(kind, payload, base, photos);
    await Field.drafts.done(location.hash || "#today");
    flash = w("saved", { n: await Field.store.waiting() });
    if (back && location.hash !== back) location.hash = back; else await Field.show();
    window.scrollTo(0, 0);
    Field.send();
  };

  Field.send = async (asked) => {
    if (sending || (!navigator.onLine && !asked)) return;
    sending = true;
    try {
      status = await Field.sync.run();
      Field.token = Field.sync.token || Field.token;
    } finally { sending = false; }
    // Somebody may be typing: a page with fields is left as it is.
    if (asked || !main.querySelector("textarea, select, input:not([type=hidden])")) await Field.show(); else { Field.items = await Field.store.items(); frame(); }
  };

  Field.clear = async () => {
    if (!confirm(w("clear_sure"))) return;
    await Field.store.dropBundle();
    flash = w("cleared");
    await Field.show();
  };

  window.addEventListener("hashchange", async () => { await Field.show(); main.focus({ preventScroll: true }); window.scrollTo(0, 0); });
  window.addEventListener("online", () => Field.send());
  window.addEventListener("offline", frame);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) Field.send(); });
  document.addEventListener("field:left", () => { location.hash = "#today"; location.reload(); });
  window.addEventListener("beforeinstallprompt", (event) => { event.preventDefault(); Field.installer = event; });

  /* Somebody logged out without signal: the log-in ends now that the server can be told. */
  async function left() {
    let flag = null;
    try { flag = localStorage.getItem("field-leave"); } catch { /* forbidden */ }
    if (!flag || !navigator.onLine) return false;
    try { Field.token = (await Field.sync.who()).token; } catch { return false; }
    localStorage.removeItem("field-leave");
    const form = h("form", { method: "post", action: data.logout, hidden: true }, h("input", { type: "hidden", name: "csrf_token", value: Field.token }));
    document.body.append(form);
    form.submit();
    return true;
  }

  (async () => {
    if (!window.isSecureContext || !crypto.subtle) { main.replaceChildren(...[Field.empty(w("insecure"), "", "shield-lock")]); return; }
    Field.store = await Field.Store.open(data.slug);
    Field.sync = new Field.Sync(Field.store, Field.root);
    await Field.store.dropOldDrafts();
    await Field.show();
    if ("serviceWorker" in navigator) navigator.serviceWorker.register(data.worker, { scope: Field.root }).catch(() => null);
    if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => null);
    if (!(await left())) await Field.send();
    document.documentElement.dataset.ready = "1";
  })();
})();
