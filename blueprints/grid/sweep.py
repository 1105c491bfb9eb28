"""/grid/sweep and /grid/stops/<id>: today's doors of one's own courtyards, and the sheet at one door. Works without
script; three taps for a door that nobody opens."""

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import plans, sweep_words
from blueprints.forms import options
from blueprints.grid import sweep_form
from blueprints.grid.door import bp
from blueprints.guard import logged, me
from blueprints.pages import named
from rongjiu import files
from rongjiu.clock import now, today
from rongjiu.errors import Refused
from tenants.catalogue import queries as catalogue
from tenants.residents import queries as residents
from tenants.residents.service import Door
from tenants.sweeps import lists, planning, queries, rules, service, waiting
from tenants.sweeps.service import Recorded, Sheet

PAGE = 50
QUICK = ("not_home", "deferred", "refused", "moved", "vacant")


@bp.get("/sweep")
def sweep() -> ResponseReturnValue:
    """The doors still to be done, those unreached last time first; then how far each sweep is."""
    yards = residents.own_courtyards(me().courtyards)
    for each in lists.running(yards):
        planning.sync_stops(each.id)
    running = lists.running(yards)
    every = queries.bundle(yards)
    building, page = request.args.get("building", ""), min(max(1, request.args.get("page", 1, type=int)), 1_000_000)
    wanted = [each for each in every if not building or each.building == building]
    doors = wanted[(page - 1) * PAGE : page * PAGE]
    waits, vain = waiting.waits(), queries.vain([each.stop_id for each in doors])
    again = {
        each.stop_id: rules.go_again(each.state, vain[each.stop_id], each.deferred_until, waits, today())
        for each in doors
    }
    return render_template(
        "grid/sweep.html", running=running, doors=doors, total=len(wanted), again=again, words=sweep_words, page=page,
        pages=max(1, -(-len(wanted) // PAGE)), several=len({each.courtyard_id for each in every}) > 1,
        building=building, buildings=_buildings(every),
    )  # fmt: skip


def _buildings(doors: list[queries.BundleStop]) -> list[tuple[str, str, int]]:
    """Buildings with open doors, in walking order: name, words, how many doors."""
    counts = Counter(each.building for each in doors)
    return [(name, plans.building_words(name), n) for name, n in counts.items() if name]


@bp.route("/stops/<uuid:stop_id>", methods=["GET", "POST"])
@logged
def stop(stop_id: UUID) -> ResponseReturnValue:
    """One door in one's own courtyards."""
    yards = residents.own_courtyards(me().courtyards)
    row = lists.door(stop_id, yards)
    if row is None:
        abort(404)
    form, status = sweep_form.StopForm(), 200
    if request.method == "POST":
        result = request.form.get("result", "visited")
        try:
            sheet = (
                _quick(result) if result in QUICK else _with_photo(form, sweep_form.sheet_of(form, "visited"), row.id)
            )
            done = service.record(
                stop_id, sheet, client_key=_key(request.form.get("client_key")), at=now(), courtyards=yards
            )
        except Refused as refused:
            if refused.status == 404:
                raise
            status = sweep_form.refuse(form, refused)
        else:
            return _done(done, sheet.result)
    people, base = queries.door(row)
    if not form.people.entries:
        sweep_form.fill_in(form, people, base)
    form.client_key.data = form.client_key.data or str(uuid4())
    _offer(form)
    return render_template(
        "grid/stop.html", row=row, form=form, people={str(each.id): each for each in people}, words=sweep_words,
        done=not rules.is_open(row.state) and row.state != "unreached", quick=QUICK, day_now=today(),
        latest=rules.latest_day(today(), waiting.waits()), key=str(uuid4()),
    ), status  # fmt: skip


@bp.route("/sweep/<uuid:sweep_id>/door", methods=["GET", "POST"])
def sweep_door(sweep_id: UUID) -> ResponseReturnValue:
    """A door that is on no list: register it and write its sheet."""
    yards = residents.own_courtyards(me().courtyards)
    here = [each for each in lists.yards(sweep_id) if each.in_scope and each.state == "open" and each.id in yards]
    if not here or sweep_id not in {each.id for each in lists.running(yards)}:
        abort(404)
    form, status = sweep_form.NewDoorForm(), 200
    form.courtyard.choices = options((str(each.id), each.name) for each in here)
    if request.method == "POST" and request.form.get("more"):
        if len(form.new_people.entries) < sweep_form.MOST:
            form.new_people.append_entry()
    elif request.method == "POST":
        try:
            done = _new_door(sweep_id, form, {str(each.id): each.id for each in here}, yards)
        except Refused as refused:
            if refused.status == 404:
                raise
            status = sweep_form.refuse(form, refused)
        else:
            return _done(done, str(form.result.data))
    form.client_key.data = form.client_key.data or str(uuid4())
    _offer(form)
    return render_template("grid/sweep_door.html", form=form, sweep=lists.sweep(sweep_id)), status


def _new_door(
    sweep_id: UUID, form: sweep_form.NewDoorForm, here: dict[str, UUID], yards: list[UUID]
) -> Recorded:  # fmt: skip
    if form.courtyard.data not in here:
        raise Refused("没有这个院落，请重新选择。", field="courtyard")
    result = str(form.result.data)
    if result == "visited" and not sweep_form.new_people(form):
        raise Refused("请写姓名。", field="new_people-0-name")
    return service.new_door(
        sweep_id, here[form.courtyard.data],
        Door(form.building.data or "", form.unit.data or "", form.room.data or ""),
        sweep_form.sheet_of(form, result), client_key=_key(form.client_key.data), at=now(), courtyards=yards,
    )  # fmt: skip


def _quick(result: str) -> Sheet:
    """A result without people: nobody home, put off, refused, moved, vacant."""
    until = request.form.get("until", "").strip()
    try:
        day = date.fromisoformat(until) if until and result == "deferred" else None
    except ValueError as error:
        raise Refused("日期请写成 2026-08-01 这样。", field="deferred_until") from error
    return Sheet(result, deferred_until=day, note=request.form.get("note", "").strip())


def _with_photo(form: sweep_form.StopForm, sheet: Sheet, stop_id: UUID) -> Sheet:
    photo = form.photo.data
    if not photo or not photo.filename:
        return sheet
    saved = files.save(photo.read(), photo.filename, owner_kind="sweep_stop", owner_id=stop_id, field="photo")
    return sweep_form.with_file(sheet, saved)


def _offer(form: sweep_form.StopForm) -> None:
    sweep_form.offer_choices(
        form, [(row["id"], named(row)) for row in catalogue.groups()],
        [(row["id"], named(row)) for row in catalogue.policies()],
    )  # fmt: skip


def _done(done: Recorded, result: str) -> ResponseReturnValue:
    """Say what became of the sheet and go on to the next door. A door that was done already keeps the sheet: the
    answer is a conflict, and yet it is committed."""
    if done.kept:
        g.keep = True
        row = lists.door(done.stop_id)
        return render_template("grid/stop_kept.html", row=row, words=sweep_words), 409
    if done.pending and result == "visited":
        flash(_("已记下，还有 %(n)s 人没问到，这户还要再去。", n=done.pending), "warning")
    else:
        flash(_("已记下：%(state)s。", state=sweep_words.word(sweep_words.STATES, done.state)), "success")
    if done.conflicts:
        flash(_("有 %(n)s 处登记已被别人改过，没有覆盖，请书记核对。", n=len(done.conflicts)), "info")
    if done.listed:
        flash(_("这家已列入入户名单，社区会安排上门。"), "info")
    if done.signals:
        flash(_("已报给救助专干：%(numbers)s", numbers="、".join(done.signals)), "info")
    return redirect(url_for("grid.sweep"), 303)


def _key(text: Any) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        return uuid4()
