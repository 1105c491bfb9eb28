/* Pages of the app but those at a door: today, courtyards, reports, visits, mine. A page is a function from the parts of
   its address to elements; there is one shell, the part behind # says which page. */
(() => {
  "use strict";
  const Field = window.Field;
  const { h, w, icon, proper, chip, head, section, empty, link, button, input, select } = Field;
  const SHOWN = 30;
  const pages = Field.pages;

  const stopLine = (stop) => h("li", {}, h("a", { href: "#stop/" + stop.id },
    icon(stop.evening ? "moon" : "door-open"),
    h("span", {}, h("b", { class: "tabular" }, stop.door || w("no_number")), " ", proper(Field.yardName(stop.yard)), h("br"),
      h("span", { class: "muted small" }, stop.people.length ? [proper(stop.people[0].name), " ", w("people_n", { n: stop.people.length })] : w("nobody_known"), stop.evening ? [" · ", w("evening")] : null)),
    stop.tries ? chip(w("revisit"), "warn") : null, icon("chevron-right")));

  const visitLine = (visit) => h("li", {}, h("a", { href: "#visit/" + visit.id },
    icon("person-walking"),
    h("span", {}, h("b", {}, w(visit.first ? "first_visit" : "worker_visit")), " ", proper(visit.yard), visit.door ? h("span", { class: "tabular" }, " · " + visit.door) : null, h("br"),
      h("span", { class: "muted small" }, visit.family ? [proper(visit.family), " · "] : null, w("before", { when: visit.due_text }))),
    visit.urgency !== "ordinary" ? chip(w(visit.urgency), "danger") : null, visit.due < Date.now() ? chip(w("late"), "danger") : null, icon("chevron-right")));

  const dialLine = ({ person, home }) => h("li", {}, h("a", { href: "#person/" + person.id },
    icon("telephone"), h("span", {}, proper(person.name), " ", h("span", { class: "tabular" }, home.door || w("no_number")), " ", proper(Field.yardName(home.yard))), icon("chevron-right")));

  pages.today = () => {
    if (!Field.data) return nothing();
    const stops = Field.openStops();
    const visits = Field.openVisits();
    const dials = (Field.data.dials || []).map(Field.person).filter(Boolean);
    return [
      head(w("today"), Field.data.yards.length ? Field.data.yards.map((yard, n) => [n ? "、" : "", proper(yard.name)]) : w("empty_yards")),
      h("div", { class: "field-row" }, link(w("wish"), "#wish", "star"), link(w("hardship"), "#hardship", "megaphone")),
      visits.length ? section(w("visits"), h("ul", { class: "link-list" }, visits.map(visitLine))) : null,
      stops.length ? section(w("doors_todo"), h("ul", { class: "link-list" }, stops.slice(0, SHOWN).map(stopLine)),
        stops.length > SHOWN ? h("p", { class: "muted" }, w("more_doors", { n: stops.length - SHOWN })) : null) : null,
      dials.length ? section(w("dials"), h("ul", { class: "link-list" }, dials.slice(0, SHOWN).map(dialLine))) : null,
      !visits.length && !stops.length && !dials.length ? empty(w("empty_today"), w("empty_today_text"), "check2-circle") : null,
    ];
  };

  pages.yards = () => {
    if (!Field.data) return nothing();
    if (!Field.data.yards.length) return [head(w("yards")), empty(w("empty_yards"), w("empty_yards_text"), "buildings")];
    return [head(w("yards")), h("ul", { class: "link-list" }, Field.data.yards.map((yard) => {
      const homes = Field.data.homes.filter((home) => home.yard === yard.id);
      const stops = Field.openStops().filter((stop) => stop.yard === yard.id);
      return h("li", {}, h("a", { href: "#yard/" + yard.id }, icon("buildings"), h("span", {}, h("b", {}, proper(yard.name)), h("br"), h("span", { class: "muted small" }, w("homes_n", { n: homes.length }))), stops.length ? chip(w("doors_open", { n: stops.length }), "warn") : null, icon("chevron-right")));
    }))];
  };

  pages.yard = (id) => {
    if (!Field.data) return nothing();
    const homes = Field.data.homes.filter((home) => home.yard === id);
    const sweep = (Field.data.sweeps || []).find((each) => each.yards.includes(id));
    return [
      head(proper(Field.yardName(id)), w("homes_n", { n: homes.length }), "#yards"),
      sweep ? h("div", { class: "field-acts" }, link(w("new_door"), `#newdoor/${sweep.id}/${id}`, "plus-lg")) : null,
      homes.length ? h("ul", { class: "link-list" }, homes.map((home) => h("li", {}, h("a", { href: (home.stop && !home.sent ? "#stop/" + home.stop : "#door/" + home.id) },
        icon("house-door"), h("span", {}, h("b", { class: "tabular" }, home.door || w("no_number")), " ", home.people.length ? [proper(home.people[0].name), " ", h("span", { class: "muted" }, w("people_n", { n: home.people.length }))] : null),
        home.sent ? chip(w("state_waiting"), "info") : home.stop ? chip(w("to_do"), "warn") : null, icon("chevron-right"))))) : h("p", { class: "muted" }, w("no_homes")),
    ];
  };

  pages.report = () => [head(w("report")), h("div", { class: "field-acts" }, link(w("hardship"), "#hardship", "megaphone", "primary"), link(w("wish"), "#wish", "star"))];
  pages.wish = (home) => heard("wish", home);
  pages.hardship = (home) => heard("hardship", home);

  function heard(kind, homeId) {
    if (!Field.data) return nothing();
    const home = homeId && Field.home(homeId);
    const again = Field.editing(kind);
    const was = again ? again.payload : {};
    const photos = [];
    const yards = Field.data.yards.map((yard) => [yard.id, yard.name]);
    const form = h("form", { class: "form", novalidate: true, onsubmit: async (event) => {
      event.preventDefault();
      const payload = { courtyard: home ? home.yard : form.courtyard.value, words: form.words.value.trim() };
      if (home) payload.household = home.id;
      if (!payload.words) return Field.problem(form, w("must_words"));
      if (!payload.courtyard) return Field.problem(form, w("must_yard"));
      if (form.urgency) payload.urgency = form.urgency.value;
      if (form.caller.value.trim()) payload.caller = form.caller.value.trim();
      if (form.phone.value.trim()) payload.phone = form.phone.value.trim();
      if (again) await Field.store.drop(again.id);
      return Field.queue(kind, payload, { back: home ? "#door/" + home.id : "#today", photos });
    } },
      home ? null : select("courtyard", w("yard"), yards.length === 1 ? yards : [["", w("must_yard")], ...yards], was.courtyard || (yards.length === 1 ? yards[0][0] : "")),
      input("words", w(kind + "_words"), { rows: 4, value: was.words || "" }),
      kind === "hardship" ? select("urgency", w("urgency"), ["ordinary", "urgent", "critical"].map((code) => [code, w(code)]), was.urgency || "ordinary") : null,
      h("details", { class: "fold" }, h("summary", {}, w("more"), icon("chevron-down")),
        input("caller", w("caller"), { optional: true, most: 50, value: was.caller || "" }), input("phone", w("phone"), { type: "tel", optional: true, most: 40, value: was.phone || "" }), Field.photos(photos)),
      h("div", { class: "actions" }, h("button", { type: "submit", class: "btn btn-primary btn-big" }, icon("check-lg"), w("save"))));
    return [head(w(kind), home ? [proper(Field.yardName(home.yard)), " · ", home.door] : "", home ? "#door/" + home.id : "#today"), form];
  }

  pages.visit = (id) => {
    const visit = Field.data && Field.data.visits.find((each) => each.id === id);
    if (!visit) return Field.gone("#today");
    const photos = [];
    const note = input("note", w("visit_note"), { rows: 3, optional: true, most: 1000 });
    const tell = (kind) => () => Field.queue(kind, { visit: id, note: note.querySelector("textarea").value.trim() }, { back: "#today", photos });
    const home = visit.household && Field.home(visit.household);
    const top = [head(w(visit.first ? "first_visit" : "worker_visit"), [proper(visit.yard), visit.door ? " · " + visit.door : "", " · ", visit.number], "#today"), home ? Field.members(home.people, false) : null];
    if (visit.first) {
      return [...top, h("p", {}, w("first_online")), h("div", { class: "field-acts" }, link(w("first_open"), Field.root + "visits/" + id, "door-open", "primary"), button(w("visit_missed"), tell("visit_missed"), "door-closed"))];
    }
    return [...top, h("div", { class: "field-acts" }, button(w("visit_met"), tell("visit_done"), "check-lg", "primary"), button(w("visit_missed"), tell("visit_missed"), "door-closed")), note, Field.photos(photos)];
  };

  /* Mine: what waits, what a person must look at, what the phone holds. */
  pages.me = () => {
    const waiting = Field.items.filter((item) => item.state === "waiting");
    const looked = Field.items.filter((item) => item.state !== "waiting");
    const when = Field.last ? new Date(Field.last).toLocaleString(document.documentElement.lang === "en" ? "en" : "zh-CN", { hour12: false }) : w("never");
    return [
      head(w("me")),
      section(w("waiting", { n: waiting.length }), waiting.length ? h("ul", { class: "plain-list" }, waiting.map((item) => line(item))) : h("p", { class: "muted" }, w("all_sent")),
        h("p", { class: "actions" }, button(w("sync_now"), () => Field.send(true), "cloud-upload", "primary"))),
      looked.length ? section(w("sent_items"), h("ul", { class: "plain-list" }, looked.map((item) => line(item, true)))) : null,
      section(w("on_phone"), h("dl", { class: "facts" },
        h("dt", {}, w("last_sync")), h("dd", { class: "tabular" }, when),
        h("dt", {}, w("homes_kept")), h("dd", { class: "tabular" }, w("homes_n", { n: Field.data ? Field.data.homes.length : 0 })),
        h("dt", {}, w("space")), h("dd", { class: "tabular" }, Field.space)),
        h("p", { class: "actions" }, button(w("clear"), Field.clear, "trash", "line", false))),
      section(w("install"), h("p", {}, Field.installer ? w("install_text") : w("install_how")), Field.installer ? button(w("install"), () => Field.installer.prompt(), "phone") : null),
      h("div", { class: "field-row" }, link(w("plain_page"), Field.root + "today", "globe"),
        h("form", { method: "post", action: document.body.dataset.logout, "data-logout": true, "data-field-root": Field.root }, h("input", { type: "hidden", name: "csrf_token", value: Field.token }), h("button", { type: "submit", class: "btn btn-line btn-big" }, icon("box-arrow-right"), w("logout")))),
    ];
  };

  function line(item, looked) {
    const kinds = { conflict: "warn", held: "warn", refused: "danger" };
    const when = new Date(item.at).toLocaleString(document.documentElement.lang === "en" ? "en" : "zh-CN", { hour12: false, month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
    const mends = item.state === "refused" && ["wish", "hardship"].includes(item.kind);
    const drop = async () => { if (confirm(w("drop_sure"))) { await Field.store.drop(item.id); Field.show(); } };
    return h("li", { "data-item": item.state }, h("b", {}, w("kind_" + item.kind)), " ", h("span", { class: "muted tabular" }, when), " ", chip(w("state_" + item.state), kinds[item.state] || "info"),
      item.problem ? h("p", { class: "small" }, item.problem) : null,
      looked ? h("div", { class: "row-flow" }, mends ? h("a", { class: "btn btn-line", href: `#${item.kind}`, onclick: () => Field.edit(item) }, icon("pencil"), w("edit")) : null,
        item.state === "refused" ? button(w("drop"), drop, "trash", "line", false) : button(w("seen"), async () => { await Field.store.drop(item.id); Field.show(); }, "check-lg", "line", false)) : null);
  }

  const nothing = () => (Field.expired
    ? [empty(w("no_data"), w("old", { n: Field.expired }), "cloud-slash")]
    : [empty(w("no_data"), w("no_data_text"), "cloud-slash"), h("div", { class: "field-acts" }, button(w("again"), () => Field.send(true), "arrow-repeat", "primary"))]);
  Field.gone = (back) => [head(w("no_data"), "", back), h("p", { class: "muted" }, w("gone"))];
})();
