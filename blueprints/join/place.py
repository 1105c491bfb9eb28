"""/join/community/<draft>/place, pack, name: which community, which model, what it is called."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.forms import options
from blueprints.join import wizard
from blueprints.join.door import bp
from blueprints.join.founding_forms import FreeForm, ListedForm, NameForm, PackForm
from rongjiu.errors import Refused
from rongjiu.library import queries as library
from rongjiu.tenancy import divisions, founding
from rongjiu.tenancy.models import FoundingDraft
from tenants.founding import rules, service


@bp.get("/community/<uuid:draft>")
def resume(draft: UUID) -> ResponseReturnValue:
    """The first step that is not done."""
    return redirect(url_for(f"join.{wizard.mine(draft).step}", draft=draft), 303)


@bp.route("/community/<uuid:draft>/place", methods=["GET", "POST"])
def place(draft: UUID) -> ResponseReturnValue:
    """Find the community by name, pinyin, initials or code, or write it down."""
    row = wizard.mine(draft, lock=request.method == "POST")
    free = request.values.get("free") == "1"
    form = FreeForm() if free else ListedForm()
    warning, status = None, 200
    if form.validate_on_submit():
        try:
            if isinstance(form, FreeForm):
                words = (form.name.data or "", form.street.data or "", form.district.data or "")
                founding.choose_free(row, *words, although_begun=bool(form.sure.data))
            else:
                founding.choose_listed(row, form.code.data or "", although_begun=bool(form.sure.data))
            return redirect(url_for("join.pack", draft=draft), 303)
        except Refused as refused:
            if free and refused.field == "code":
                refused.field = "name"
            warning = refused.found if isinstance(refused, founding.Begins) else None
            _words, status = form.refuse(refused)
            row = wizard.mine(draft)
    elif request.method == "POST":
        status = 422
    return _place_page(form, row, free, warning), status


def _place_page(form: FreeForm | ListedForm, row: FoundingDraft, free: bool, warning: founding.Begun | None) -> str:
    words = (request.values.get("q") or "").strip()[:60]
    code = str(form.code.data or "") if isinstance(form, ListedForm) else ""
    found = divisions.search(words) if words else []
    if code and not any(each.code == code for each in found):
        found = [*divisions.search(code, 1), *found]
    unknown = ""
    if words and not found and words.isdigit() and len(words) == 12:
        unknown = words
    return render_template(
        "join/place.html", form=form, draft=row, free=free, q=words, found=found, chosen=code, warning=warning,
        unknown=unknown, steps=wizard.line(row, "place"),
    )  # fmt: skip


@bp.route("/community/<uuid:draft>/pack", methods=["GET", "POST"])
def pack(draft: UUID) -> ResponseReturnValue:
    """Choose a model and see what it holds."""
    row = wizard.mine(draft, lock=request.method == "POST")
    if "place" not in row.data:
        return redirect(url_for("join.place", draft=draft), 303)
    packs = library.packs()
    form = PackForm(data={"pack": row.data.get("pack") or (packs[0].ref if packs else "")})
    form.pack.choices = options((each.ref, f"{each.name} {each.version}") for each in packs)
    status = 200
    if form.validate_on_submit():
        try:
            service.choose_pack(row, form.pack.data or "")
            return redirect(url_for("join.name", draft=draft), 303)
        except Refused as refused:
            _words, status = form.refuse(refused)
            row = wizard.mine(draft)
    elif request.method == "POST":
        status = 422
    infos = [(each, library.counts(each)) for each in packs]
    return render_template(
        "join/pack.html", form=form, draft=row, packs=infos, steps=wizard.line(row, "pack")
    ), status  # fmt: skip


@bp.route("/community/<uuid:draft>/name", methods=["GET", "POST"])
def name(draft: UUID) -> ResponseReturnValue:
    """Name of the service, web address, letters of the numbers; all suggested."""
    row = wizard.mine(draft, lock=request.method == "POST")
    if "pack" not in row.data:
        return redirect(url_for("join.pack", draft=draft), 303)
    community = row.data["place"]["name"]
    suggested = {
        "title": rules.title_for(community), "slug": rules.slug_for(community), "mark": rules.mark_for(community)
    }  # fmt: skip
    form = NameForm(data=row.data.get("name") or suggested)
    status = 200
    if form.validate_on_submit():
        try:
            service.choose_name(row, form.title.data or "", form.slug.data or "", form.mark.data or "")
            return redirect(url_for("join.slots", draft=draft), 303)
        except Refused as refused:
            _words, status = form.refuse(refused)
            row = wizard.mine(draft)
    elif request.method == "POST":
        status = 422
    return render_template("join/name.html", form=form, draft=row, steps=wizard.line(row, "name")), status
