"""Founding a community: open it with a cloned model, fill it, submit it, walk its checklist. No resident in it."""

from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from rongjiu import audit, codes, facts, outbox
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.library import queries as library
from rongjiu.library.cloner import Cloner, Line
from rongjiu.library.service import publish_base
from rongjiu.oversight.service import next_step
from rongjiu.tenancy import divisions, founding, invitations
from rongjiu.tenancy import service as places
from rongjiu.tenancy.models import Community, FoundingDraft, Membership, Street
from tenants.founding import cloning, parameters, queries, rules
from tenants.founding.facts import FoundingSubmitted, ModelCloned
from tenants.founding.models import ChecklistItem
from tenants.residents import contacts
from tenants.residents.models import Courtyard

BY_ITSELF = frozenset({"clone", "parameters"})
"""Steps that the system marks; nobody ticks them by hand."""
TAKEN = N_("这个社区刚刚有人建站，不能再建第二个。请联系本社区的书记，由他邀请您加入。")


def begin(account_id: UUID, post: str) -> UUID:
    """Start or take up a draft; the shipped model and register stand from the first founding on."""
    publish_base()
    divisions.import_shipped()
    return founding.start(account_id, post).id


def choose_pack(draft: FoundingDraft, ref: str) -> None:
    """Choose the published version slug@version; raises Absent for an unknown one, Refused after the clone."""
    if draft.community_id:
        raise Refused("模型已经克隆，不能再换。")
    founding.save(draft, done="pack", pack=library.find(ref).ref)


def choose_name(draft: FoundingDraft, title: str, slug: str, mark: str) -> None:
    """Name the service and its address; raises Refused naming the input when the address is bad or taken."""
    slug, mark = slug.strip().lower(), codes.plain(mark)
    if not rules.slug_fits(slug):
        raise Refused("网址用 3 到 40 个小写字母、数字或短横，以字母开头。", field="slug")
    if not (2 <= len(mark) <= 4 and mark.isascii() and mark.isalpha()):
        raise Refused("编号用 2 到 4 个字母，例如 DL。", field="mark")
    own = draft.community_id
    if db.session.scalar(select(Community.id).where(Community.slug == slug, Community.id.is_distinct_from(own))):
        raise Refused("这个网址已有社区在用，请加上街道的拼音。", field="slug")
    if own:
        row = db.session.get_one(Community, own)
        row.title, row.slug, row.mark = title, slug, mark
    founding.save(draft, done="name", name={"title": title, "slug": slug, "mark": mark})


def fill_slots(draft: FoundingDraft, slots: dict[str, str], answers: dict[str, parameters.Answer]) -> None:
    """Keep the local slots and what was said of the parameters, in the draft or, once cloned, in the community."""
    slots = {**slots, "phone": _phone(slots.get("phone", ""))}
    given = {slug: answer.kept() for slug, answer in answers.items() if answer.confirmed_as}
    founding.save(draft, done="slots", slots=slots, parameters={**draft.data.get("parameters", {}), **given})
    if draft.community_id:
        community = db.session.get_one(Community, draft.community_id)
        change_slots(community, slots)
        confirm_all(queries.tenant_of(community), answers)


def change_slots(community: Community, slots: dict[str, str]) -> None:
    """Write telephone, desk hours, address, organiser and record numbers; raises Refused naming the input."""
    for name in ("phone", "desk_hours", "address", "host", "icp", "police_record", "privacy_note", "title"):
        if name in slots:
            setattr(community, name, _phone(slots[name]) if name == "phone" else slots[name].strip())
    audit.record("community.slots", "community", community.id)


def confirm_all(tenant: Tenant, answers: dict[str, parameters.Answer]) -> int:
    """Write answers about parameters into a community; answers how many still wait."""
    with tenant_scope(tenant):
        for slug, answer in answers.items():
            parameters.confirm(slug, answer)
        return parameters.settle()


def open_community(
    draft_id: UUID, account_id: UUID, *, demo: bool = False, cloners: Sequence[Cloner] | None = None
) -> list[Line]:
    """Make the community in state preparing and clone its pack into it, all or nothing; the founder is its secretary.

    Pressing twice answers the first report. Raises Refused for a step left out, Clash when another was faster.
    """
    draft = founding.find(draft_id, account_id, lock=True)
    if draft.community_id:
        return [Line(*line) for line in draft.data["report"]]
    data = draft.data
    missing = next((step for step in ("place", "pack", "name") if step not in data), None)
    if missing:
        raise Refused("前面还有一步没有做完，请先补上。")
    place, pack = data["place"], library.find(data["pack"])
    founding.one_at_a_time(draft.place_key)
    found = founding.begun(draft.place_key, place, draft.id)
    if found and found.community:
        raise Clash(TAKEN)
    answers = {slug: parameters.of_draft(kept) for slug, kept in data.get("parameters", {}).items()}
    street = founding.street_of(place)
    slots = data.get("slots", {})
    try:
        with db.session.begin_nested():
            community = Community(
                id=uuid7(), slug=data["name"]["slug"], name=place["name"], code=place["code"] or None,
                street_id=street.id if street else None, state="preparing", mark=data["name"]["mark"],
                title=data["name"]["title"], cloned_from=pack.ref, demo=demo, created_at=now(),
                **{name: slots.get(name, "") for name in ("phone", "desk_hours", "address", "host")},
            )  # fmt: skip
            db.session.add(community)
            db.session.flush()
            number, tenant = community.id, queries.tenant_of(community)
            report = cloning.clone(pack, tenant, cloners)
            report += _courtyards(tenant, slots.get("courtyards", ""), demo)
            with tenant_scope(tenant):
                answers = parameters.over(answers)
            confirm_all(tenant, answers)
            facts.send(ModelCloned(tenant_id=tenant.id, object_id=number))
    except IntegrityError as error:
        raise Clash(TAKEN) from error
    draft = founding.find(draft_id, account_id, lock=True)
    draft.community_id = number
    places.join(account_id, "community", number, "secretary", post="社区书记")
    founding.save(draft, done="clone", report=[[line.name, line.count] for line in report])
    return report


def _courtyards(tenant: Tenant, text: str, demo: bool) -> list[Line]:
    names = list(dict.fromkeys(name for line in text.splitlines() if (name := line.strip()[:40])))
    if not names:
        return []
    rows = [
        {"tenant_id": tenant.id, "slug": f"yard-{n}", "seq": n, "name": name, "source": "社区自填", "demo": demo}
        for n, name in enumerate(names, start=1)
    ]
    with tenant_scope(tenant):
        db.session.execute(insert(Courtyard), rows)
    return [Line("courtyard", len(rows))]


def invite_staff(
    community: Community, role: str, post: str, phone: str, *, link_of: Callable[[str], str], by: UUID,
    courtyards: Sequence[str] = (),
) -> str:  # fmt: skip
    """Invite one person by phone; answers the link, which is shown once and lives 72 hours.

    Raises Refused naming `role` or `phone`.
    """
    if role not in rules.STAFF_ROLES:
        raise Refused("请选一项", field="role")
    return invitations.send(
        "community", community.id, role, phone, N_("您收到一份岗位邀请，72 小时内有效，只能用一次：%(link)s"), link_of=link_of,
        by=by, post=post, courtyards=courtyards if role == "grid_worker" else (),
    )  # fmt: skip


def submit(draft: FoundingDraft, *, credit_code: str = "", letter: UUID | None = None) -> None:
    """Ask the street office, or the operator where there is none, for approval; asking twice changes nothing.

    Raises Refused naming `credit_code` for a wrong check digit or no proof at all, and without a field when the
    checklist still blocks.
    """
    blocked = queries.readiness(draft).open  # enters the community: rows held before it would be let go
    community = db.session.get(Community, draft.community_id, with_for_update=True) if draft.community_id else None
    if community is None:
        raise Refused("请先克隆模型。")
    if community.state != "preparing":
        return
    if blocked:
        raise Refused("还不能提交：请先做完清单里标“必需”的几项。")
    proof = _proof(credit_code, letter)
    street = db.session.get(Street, community.street_id) if community.street_id else None
    community.state, community.submitted_at, community.proof = "submitted", now(), proof
    due = rules.approval_due(community.submitted_at)
    number, tenant = community.id, queries.tenant_of(community)
    once = f"{number}-{int(community.submitted_at.timestamp())}"
    founding.save(draft, done="check")
    outbox.put("founding.late", {"community": str(number), "draft": str(draft.id)}, key=f"late-{once}", after=due)
    with tenant_scope(tenant):
        next_step(
            "founding", number, number="", case_id=None, actor_role="street_overseer" if street else "operator",
            actor=f"{street.name}督导" if street else "平台运营", verb=N_("审批建站"), due_at=due,
        )  # fmt: skip
        audit.record("founding.submit", "community", number, proof=proof["kind"])
        facts.send(FoundingSubmitted(tenant_id=tenant.id, object_id=number))


def _proof(credit_code: str, letter: UUID | None) -> dict[str, str]:
    if credit_code:
        try:
            return {"kind": "credit_code", "code": codes.credit_code(credit_code)}
        except codes.CodeError as error:
            raise Refused(str(error), field="credit_code") from error
    if letter is None:
        raise Refused("请上传盖章的介绍信，或填写居委会的统一社会信用代码。", field="credit_code")
    return {"kind": "letter", "file": str(letter)}


def _phone(text: str) -> str:
    if not text.strip():
        return ""
    try:
        return codes.phone(text)
    except codes.CodeError as error:
        raise Refused(str(error), field="phone") from error


def community_of(draft: FoundingDraft) -> Community:
    """The community a draft has opened; raises Absent before the clone."""
    row = db.session.get(Community, draft.community_id) if draft.community_id else None
    if row is None:
        raise Absent
    return row


def community(community_id: UUID) -> Community:
    """A community by id; raises Absent."""
    row = db.session.get(Community, community_id)
    if row is None:
        raise Absent
    return row


def end_staff(community_id: UUID, membership_id: UUID) -> None:
    """End a membership of this community; raises Absent for another's, Refused for the last secretary."""
    row = db.session.get(Membership, membership_id)
    if row is None or row.scope_kind != "community" or row.scope_id != community_id:
        raise Absent("没有这个岗位。")
    places.end_membership(membership_id)
    contacts.await_successors()


def _step(slug: str) -> ChecklistItem:
    row = db.session.scalar(select(ChecklistItem).where(ChecklistItem.slug == slug))
    if row is None:
        raise Absent
    return row


def plan_steps(days: dict[str, date | None]) -> None:
    """Set or clear the planned day of steps that are not done; raises Absent for an unknown step."""
    for slug, day in days.items():
        row = _step(slug)
        if row.done_at is None and row.planned_on != day:
            row.planned_on = day
            audit.record("checklist.plan", "checklist_item", slug, day=day)


def mark_step(slug: str, *, done: bool) -> None:
    """Mark a step done or not done; raises Refused for one that the system marks by itself."""
    row = _step(slug)
    if slug in BY_ITSELF:
        raise Refused("这一项由系统按实际情况标记。")
    row.done_at = now() if done else None
    audit.record("checklist.mark", "checklist_item", slug, done=done)
