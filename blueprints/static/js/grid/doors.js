/* At a door: who lives there, what was found, corrections. Every result is queued by one press. */
(() => {
  "use strict";
  const Field = window.Field;
  const { h, w, icon, proper, chip, head, section, link, button, input, select, choices } = Field;
  const HOWS = ["seen", "told", "away", "hospital", "moved", "died", "unasked"];
  const pairs = (prefix, codes) => codes.map((code) => [code, w(prefix + code)]);
  const wordsOf = (prefix) => Field.codes(prefix).map((code) => [code, w(prefix + code)]);

  const person = (each) => [
    proper(each.name), " ",
    h("span", { class: "muted" }, [each.relation && w("relation_" + each.relation), each.age !== "" && each.age !== null && w("age", { n: each.age }), each.status && each.status !== "here" && w("status_" + each.status)].filter(Boolean).join(" · ")),
    each.result && each.result !== "unasked" ? [" ", chip(w("how_" + each.result), "ok")] : null,
  ];

  const place = (home) => [proper(Field.yardName(home.yard)), " · ", h("span", { class: "tabular" }, home.door || w("no_number"))];

  Field.members = (people, correct) => section(w("members"), people.length
    ? h("ul", { class: "plain-list" }, people.map((each) => h("li", {}, person(each), correct ? [" ", h("a", { class: "btn btn-quiet", href: "#person/" + each.id }, icon("pencil"), w("correct"))] : null)))
    : h("p", { class: "muted" }, w("nobody_known")));

  /* A door of a sweep. Everybody met, nobody home: one press each. */
  Field.pages.stop = (id) => {
    const stop = Field.stop(id);
    if (!stop) return Field.gone("#today");
    const tell = (result, more = {}) => () => Field.queue("sweep_stop", { stop: stop.id, result, ...more }, { base: stop.base, back: "#today" });
    const all = stop.people.map((each) => ({ person: each.id, how: "seen" }));
    return [
      head(place(stop), stop.tries ? w("tries_n", { n: stop.tries }) : "", "#today"),
      stop.evening ? Field.banner(w("evening")) : null,
      Field.sentNote(stop),
      Field.members(stop.people, true),
      h("div", { class: "field-acts" },
        all.length ? button(w("all_met"), tell("visited", { people: all }), "people", "primary") : null,
        button(w("nobody_home"), tell("not_home"), "door-closed", all.length ? "line" : "primary"),
        link(w("one_by_one"), "#sheet/" + stop.id, "clipboard-check"),
        h("div", { class: "field-row" },
          button(w("result_deferred"), tell("deferred"), "clock", "line"), button(w("result_refused"), tell("refused"), "slash-circle", "line"),
          button(w("result_moved"), tell("moved"), "truck", "line"), button(w("result_vacant"), tell("vacant"), "house", "line")),
        h("div", { class: "field-row" }, link(w("wish"), "#wish/" + stop.household, "star"), link(w("hardship"), "#hardship/" + stop.household, "megaphone"))),
    ];
  };

  /* Person by person, with what else was seen. */
  Field.pages.sheet = (id) => {
    const stop = Field.stop(id);
    if (!stop) return Field.gone("#today");
    const save = (form, photos) => {
      const people = stop.people.map((each) => onePerson(form, each));
      return Field.queue("sweep_stop", { stop: stop.id, result: "visited", people, ...sheetOf(form) }, { base: stop.base, back: "#today", photos });
    };
    return sheet(stop.people, place(stop), "#stop/" + stop.id, save);
  };

  /* A door that is on no list. */
  Field.pages.newdoor = (sweep, yard) => {
    const save = (form, photos) => {
      const door = { building: form.building.value, unit: form.unit.value, room: form.room.value };
      if (!door.room.trim()) return Field.problem(form, w("must_room"));
      const payload = { sweep, courtyard: yard, ...door, result: "visited", people: [], ...sheetOf(form) };
      return Field.queue("sweep_new_door", payload, { back: "#yard/" + yard, photos });
    };
    const where = h("div", { class: "field-three" }, input("building", w("building"), { most: 40 }), input("unit", w("unit"), { most: 40 }), input("room", w("room"), { most: 40 }));
    return sheet([], w("new_door"), "#yard/" + yard, save, where);
  };

  function sheet(people, title, back, save, where) {
    const photos = [];
    const fresh = h("div", { "data-fresh": true });
    const more = (fresh.more = () => fresh.append(newPerson(fresh.children.length)));
    if (!people.length) more();
    const form = h("form", { class: "form", novalidate: true, onsubmit: (event) => { event.preventDefault(); save(form, photos); } },
      where, people.map((each) => section(person(each),
        select("how_" + each.id, w("how"), pairs("how_", HOWS), "seen"),
        h("details", { class: "fold" }, h("summary", {}, w("more_of_person"), icon("chevron-down")),
          choices("checkbox", "hardships_" + each.id, w("hardships"), wordsOf("hs_")), leak("_" + each.id)),
        h("details", { class: "fold" }, h("summary", {}, w("contact_fold"), icon("chevron-down")),
          select("contact_kind_" + each.id, w("contact_kind"), pairs("contact_", ["family", "neighbour"])),
          input("contact_name_" + each.id, w("contact_name"), { most: 50, optional: true }),
          input("contact_phone_" + each.id, w("contact_phone"), { type: "tel", most: 40, optional: true }),
          choices("checkbox", "one_touch_" + each.id, w("one_touch"), [["1", w("touch_taught")]])))),
      fresh, button(w("add_person"), more, "person-plus", "line"),
      h("details", { class: "fold" }, h("summary", {}, w("more_of_door"), icon("chevron-down")),
        input("wish", w("wish_words"), { rows: 2, optional: true, most: 1000 }), input("note", w("note"), { rows: 2, optional: true, most: 1000 }),
        choices("checkbox", "risks", w("risks"), wordsOf("rk_")), choices("checkbox", "urgent", w("urgency"), [["1", w("urgent")]]), Field.photos(photos)),
      h("div", { class: "actions" }, h("button", { type: "submit", class: "btn btn-primary btn-big" }, icon("check-lg"), w("save"))));
    return [head(title, "", back), form];
  }

  const leak = (mark) => [choices("checkbox", "leak" + mark, w("leak"), [["1", w("leak_yes")]]), select("leak_reason" + mark, w("leak_reason"), [["", w("not_said")], ...wordsOf("lr_")])];
  const ticked = (form, name) => [...form.querySelectorAll(`input[name="${name}"]:checked`)].map((box) => box.value);

  function newPerson(n) {
    return section(w("new_person"), input(`new_name_${n}`, w("name"), { most: 50 }),
      select(`new_relation_${n}`, w("relation"), [["", w("not_said")], ...wordsOf("relation_")]),
      select(`new_gender_${n}`, w("gender"), [["", w("not_said")], ...wordsOf("gender_")]),
      input(`new_age_${n}`, w("age_word"), { most: 3, mode: "numeric", optional: true }), input(`new_phone_${n}`, w("phone"), { type: "tel", most: 40, optional: true }));
  }

  const onePerson = (form, each) => ({
    person: each.id, how: form["how_" + each.id].value, hardships: ticked(form, "hardships_" + each.id),
    leak: ticked(form, "leak_" + each.id).length > 0, leak_reason: form["leak_reason_" + each.id].value,
    contact: { kind: form["contact_kind_" + each.id].value, name: form["contact_name_" + each.id].value, phone: form["contact_phone_" + each.id].value },
    one_touch: ticked(form, "one_touch_" + each.id).length > 0,
  });

  function sheetOf(form) {
    const fresh = [];
    for (let n = 0; form[`new_name_${n}`]; n += 1) {
      if (!form[`new_name_${n}`].value.trim()) continue;
      const of = (name) => form[`new_${name}_${n}`].value;
      fresh.push({ name: of("name"), relation: of("relation"), gender: of("gender"), age: of("age"), phone: of("phone") });
    }
    return { new_people: fresh, wish: form.wish.value, note: form.note.value, risks: ticked(form, "risks"), urgent: ticked(form, "urgent").length > 0 };
  }

  /* A household outside any sweep: who lives there, what one heard. */
  Field.pages.door = (id) => {
    const home = Field.home(id);
    if (!home) return Field.gone("#yards");
    return [
      head(place(home), "", "#yard/" + home.yard),
      home.stop && !home.sent ? h("div", { class: "field-acts" }, link(w("to_sweep"), "#stop/" + home.stop, "clipboard-check", "primary")) : null,
      Field.members(home.people, true),
      h("div", { class: "field-row" }, link(w("wish"), "#wish/" + home.id, "star"), link(w("hardship"), "#hardship/" + home.id, "megaphone")),
    ];
  };

  /* Corrections: only what is filled in changes; what the register holds is not shown. */
  Field.pages.person = (id) => {
    const found = Field.person(id);
    if (!found) return Field.gone("#yards");
    const back = "#door/" + found.home.id;
    const same = ["", w("unchanged")];
    const form = h("form", { class: "form", novalidate: true, onsubmit: (event) => {
      event.preventDefault();
      const values = {};
      for (const name of ["name", "phone", "birth_date", "gender", "relation", "status", "condition"]) if (form[name].value.trim()) values[name] = form[name].value.trim();
      if (!Object.keys(values).length) return Field.problem(form, w("nothing_typed"));
      return Field.queue("person_fields", { person: id, values }, { base: found.person.base, back });
    } },
      input("name", w("name"), { most: 50 }), input("phone", w("phone"), { type: "tel", most: 40 }),
      select("status", w("status"), [same, ...pairs("status_", ["here", "moved", "died"])]), select("relation", w("relation"), [same, ...wordsOf("relation_")]),
      select("gender", w("gender"), [same, ...wordsOf("gender_")]), input("birth_date", w("birth_date"), { type: "date" }),
      input("condition", w("condition"), { rows: 2, most: 500 }),
      h("div", { class: "actions" }, h("button", { type: "submit", class: "btn btn-primary btn-big" }, icon("check-lg"), w("save"))));
    const dial = (works) => () => Field.queue("one_touch", { person: id, works }, { back });
    const touch = section(w("one_touch"), h("div", { class: "field-row" }, button(w("touch_taught"), dial(""), "phone"),
      button(w("touch_works"), dial("yes"), "telephone-forward"), button(w("touch_fails"), dial("no"), "x-circle")));
    return [head([w("correct"), " ", proper(found.person.name)], w("only_changed"), back), form, touch];
  };
})();
