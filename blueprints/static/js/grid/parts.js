/* What pages of the app are made of. Elements only, never markup from data. */
(() => {
  "use strict";
  const Field = (window.Field = window.Field || {});
  const SVG = "http://www.w3.org/2000/svg";
  let said = {};

  Field.words = (words) => { said = { ...said, ...words }; };
  Field.w = (key, values = {}) => String(said[key] ?? key).replace(/\{(\w+)\}/g, (all, name) => (name in values ? values[name] : all));
  const w = Field.w;

  const h = (Field.h = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === false || value === null || value === undefined) continue;
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children.flat(3).filter((each) => each !== null && each !== undefined && each !== false && each !== ""));
    return made;
  });

  Field.icon = (name) => {
    const made = document.createElementNS(SVG, "svg");
    const use = document.createElementNS(SVG, "use");
    made.setAttribute("class", "icon");
    made.setAttribute("aria-hidden", "true");
    made.setAttribute("focusable", "false");
    use.setAttribute("href", document.body.dataset.icons + "#" + name);
    made.append(use);
    return made;
  };

  /* A name or place that stays Chinese on an English page. */
  Field.proper = (text) => h("span", { class: "proper", lang: "zh-Hans" }, text);
  Field.chip = (text, kind = "muted") => h("span", { class: "chip chip-" + kind }, text);
  Field.head = (title, sub, back) => [
    back ? h("a", { class: "back", href: back }, Field.icon("arrow-left"), w("back")) : null,
    h("div", { class: "page-head" }, h("div", {}, h("h1", {}, title), sub ? h("p", { class: "sub" }, sub) : null)),
  ];
  Field.section = (title, ...children) => h("section", { class: "card-part" }, title ? h("header", {}, h("h2", {}, title)) : null, ...children);
  Field.empty = (title, text, icon = "inbox") => h("div", { class: "empty" }, Field.icon(icon), h("h2", {}, title), text ? h("p", {}, text) : null);
  Field.banner = (text, kind = "info", ...more) => h("div", { class: "banner banner-mid banner-" + kind }, Field.icon(kind === "ok" ? "check-circle" : "info-circle"), h("div", {}, text, ...more));
  Field.link = (text, href, icon, kind = "line") => h("a", { class: `btn btn-${kind} btn-big`, href }, icon ? Field.icon(icon) : null, text);
  Field.button = (text, act, icon, kind = "line", big = true) =>
    h("button", { type: "button", class: `btn btn-${kind}${big ? " btn-big" : ""}`, onclick: act }, icon ? Field.icon(icon) : null, text);

  Field.pages = {};
  let numbers = 0;
  const label = (id, text, optional) => h("label", { class: "field-label", for: id }, text, optional ? h("span", { class: "optional" }, " " + w("optional")) : null);

  Field.input = (name, text, { type = "text", rows = 0, value = "", optional = false, most = 2000, mode = "" } = {}) => {
    const id = `f${++numbers}`;
    const attributes = { id, name, class: "form-control", maxlength: most, autocomplete: "off", inputmode: mode || null };
    const box = rows ? h("textarea", { ...attributes, rows }) : h("input", { ...attributes, type });
    box.value = value;
    return h("div", { class: "field" }, label(id, text, optional), box);
  };

  Field.select = (name, text, options, value = "") => {
    const id = `f${++numbers}`;
    const box = h("select", { id, name, class: "form-select" }, options.map(([code, word]) => h("option", { value: code, selected: code === value }, word)));
    return h("div", { class: "field" }, label(id, text), box);
  };

  Field.choices = (type, name, legend, options, chosen = []) => h("fieldset", { class: "field" }, h("legend", { class: "field-label" }, legend), options.map(([code, word]) => {
    const id = `f${++numbers}`;
    return h("div", { class: "choice" }, h("input", { type, name, value: code, id, checked: chosen.includes(code) }), h("span", { class: "mark", "aria-hidden": "true" }), h("label", { for: id }, word));
  }));

  /* A field for photographs, made small as soon as they are taken; `photos` collects them. */
  Field.photos = (photos) => {
    const id = `f${++numbers}`;
    const count = h("p", { class: "field-help", role: "status" }, w("photo_help"));
    const box = h("input", { id, type: "file", accept: "image/*", capture: "environment", multiple: true, class: "form-control" });
    box.addEventListener("change", async () => {
      for (const file of box.files) {
        try { photos.push(await Field.shrink(file)); count.textContent = w("photos_n", { n: photos.length }); } catch { count.textContent = w("photo_bad"); }
      }
      box.value = "";
    });
    return h("div", { class: "field" }, label(id, w("photo"), true), box, count);
  };

  Field.problem = (form, text) => {
    form.querySelector(".field-error")?.remove();
    const said = h("p", { class: "field-error", role: "alert" }, Field.icon("exclamation-circle"), text);
    form.prepend(said);
    said.scrollIntoView({ block: "center" });
  };
})();
