"""Becoming a volunteer: signing up, being asked in, pledge, quiz, vetting with an end, leaving."""

from collections.abc import Callable, Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from rongjiu import audit, codes, crypto
from rongjiu.actor import current_actor
from rongjiu.clock import now, today
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.identity.models import Account
from rongjiu.ids import uuid7
from rongjiu.library.packfiles import read_pack
from rongjiu.oversight.service import next_step, no_step
from rongjiu.tenancy import invitations
from rongjiu.tenancy import service as places
from rongjiu.tenancy.models import Membership
from rongjiu.workdays import add_months
from tenants.catalogue import service as catalogue
from tenants.catalogue.models import Form
from tenants.volunteers import rules, shifts
from tenants.volunteers.models import Pairing, Volunteer, VolunteerTeam

QUIZ = "volunteer-quiz"
STEP = "volunteer"
_IN = ("invited", "active")
"""States of somebody who was asked in."""


def sign_up(name: str, called: str, phone: str, kin: str) -> UUID:
    """Somebody wants to help; the community looks at it within the working days of timer provider-vetting.

    The same phone again answers the application that stands. Raises Refused naming name, called, phone or kin.
    """
    name, called = name.strip(), called.strip()
    if not 1 < len(name) <= 30:
        raise Refused("请写您的姓名。", field="name")
    if not 0 < len(called) <= 10:
        raise Refused("请写队里怎么称呼您，10 个字以内。", field="called")
    if kin not in ("yes", "no"):
        raise Refused("请选一项", field="kin")
    try:
        number = codes.mobile(phone)
    except codes.CodeError as error:
        raise Refused(str(error), field="phone") from error
    index = crypto.blind(number, current_tenant().uid, "phone")
    known = db.session.scalar(select(Volunteer).where(Volunteer.phone_index == index).with_for_update())
    if known is not None:
        if known.state == "ended":
            known.state, known.applied_at, known.ended_at = "applied", now(), None
            _step(known)
        return known.id
    row = Volunteer(
        id=uuid7(), name=name, called=called, phone=number, phone_index=index, state="applied", kin=kin,
        applied_at=now(), checked=[], quiz_score=0, quiz_tries=0, drops=0, no_shows=0, children=False, vetted_post="",
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("volunteer.apply", "volunteer", row.id, kin=kin)
    _step(row)
    return row.id


def _step(row: Volunteer) -> None:
    next_step(
        STEP, row.id, number="", case_id=None, actor_role="secretary", actor=N_("社区书记"), verb=N_("答复志愿者报名"),
        due_at=catalogue.due("signal-answer", start=now()),
    )  # fmt: skip


def ask_in(volunteer_id: UUID, team_id: UUID, link_of: Callable[[str], str]) -> str:
    """Put somebody who signed up into a team and send the invitation; answers the link, alive 72 hours.

    Raises Absent, Clash for somebody who is in already or was refused, Refused naming `team`.
    """
    row = place(volunteer_id, team_id)
    return invitations.send(
        "community", current_tenant().uid, "volunteer", row.phone,
        N_("您的志愿者报名有了答复，请在 72 小时内打开，只能用一次：%(link)s"), link_of=link_of, by=current_actor().account_id,
        post=_team_name(team_id),
    )  # fmt: skip


def _team_name(team_id: UUID) -> str:
    return db.session.scalars(select(VolunteerTeam.name).where(VolunteerTeam.id == team_id)).one()


def place(volunteer_id: UUID, team_id: UUID) -> Volunteer:
    """Put somebody who signed up into a team. Raises Absent, Clash, Refused naming `team`."""
    row = _row(volunteer_id)
    if row.state not in ("applied", "invited"):
        raise Clash("这位报名的人已经处理过了，请刷新页面。")
    team = db.session.scalar(select(VolunteerTeam).where(VolunteerTeam.id == team_id, VolunteerTeam.ended_at.is_(None)))
    if team is None:
        raise Refused("请选一个队。", field="team")
    row.state, row.team_id = "invited", team_id
    db.session.flush()
    no_step(row.id)
    audit.record("volunteer.invite", "volunteer", row.id, team=str(team_id))
    return row


def mine(account_id: UUID) -> Volunteer | None:
    """The volunteer who is logged in and has said so once (`bind`)."""
    return db.session.scalar(select(Volunteer).where(Volunteer.account_id == account_id))


def waiting(account_id: UUID) -> Volunteer | None:
    """Who signed up with the telephone of this account and has not been tied to one; changes nothing."""
    phone = db.session.scalar(select(Account.phone).where(Account.id == account_id))
    if not phone:
        return None
    index = crypto.blind(phone, current_tenant().uid, "phone")
    return db.session.scalar(
        select(Volunteer).where(
            Volunteer.phone_index == index, Volunteer.account_id.is_(None), Volunteer.state.in_(_IN)
        )
    )


def bind(account_id: UUID) -> Volunteer:
    """Tie the sign-up with the account's telephone to the account, as its owner has said; twice changes nothing.
    Raises Absent when there is none."""
    found = mine(account_id) or waiting(account_id)
    if found is None:
        raise Absent("没有这位志愿者。")
    row = _row(found.id)
    if row.account_id is None:
        row.account_id = account_id
        db.session.flush()
        audit.record("volunteer.bind", "volunteer", row.id)
    return row


def questions() -> list[dict[str, Any]]:
    """The questions of the training quiz, as the community's model has them, else as the pack of the house does."""
    content = db.session.scalar(select(Form.content).where(Form.slug == QUIZ))
    if content is None:
        content = next(form for form in read_pack()["survey_form"]["forms"] if form["id"] == QUIZ)
    return list(content["fields"])


def pledge(volunteer_id: UUID, *, agreed: bool) -> None:
    """The volunteer promises secrecy, respect and to take no money; twice changes nothing. Raises Refused naming `agreed`."""
    row = _row(volunteer_id)
    if not agreed:
        raise Refused("请读完承诺再勾选。", field="agreed")
    if row.pledged_at is None:
        row.pledged_at = now()
        db.session.flush()
        audit.record("volunteer.pledge", "volunteer", row.id)


def take_quiz(volunteer_id: UUID, answers: dict[str, str]) -> list[str]:
    """Mark the quiz; answers the ids of what was wrong, [] = passed. Raises Refused (409) after too many tries."""
    row = _row(volunteer_id)
    if row.quiz_at is not None:
        return []
    if row.quiz_tries >= rules.QUIZ_TRIES:
        raise Refused("已经试了 %(n)s 次。请和队长聊一聊，队长可以让您重新做。", status=409, n=rules.QUIZ_TRIES)
    asked = questions()
    wrong = rules.mark(asked, answers)
    row.quiz_tries += 1
    row.quiz_score = len(asked) - len(wrong)
    if not wrong:
        row.quiz_at = now()
    db.session.flush()
    audit.record("volunteer.quiz", "volunteer", row.id, right=row.quiz_score, of=len(asked))
    return wrong


def quiz_again(volunteer_id: UUID) -> None:
    """The lead has talked with the person: the tries begin anew."""
    row = _row(volunteer_id)
    row.quiz_tries = 0
    db.session.flush()
    audit.record("volunteer.quiz_again", "volunteer", row.id)


def vet(volunteer_id: UUID, checked: Collection[str], *, children: bool = False) -> date:
    """The community has vetted somebody; answers until when it holds (timer volunteer-vetting).

    Raises Refused naming `checked`, Clash for somebody who was not asked in, Refused (409) for one's own vetting.
    """
    row = _row(volunteer_id)
    actor = current_actor()
    if row.account_id is not None and row.account_id == actor.account_id:
        raise Refused("不能审核自己，请另一位负责人来办。", status=409)
    if row.state not in ("invited", "active") or row.team_id is None:
        raise Clash("请先把这位报名的人邀请进队，再审核。")
    if set(rules.CHECKS) - set(checked):
        raise Refused("三项都核对过，才能通过审核。", field="checked")
    row.state, row.checked, row.children = "active", sorted(rules.CHECKS), children
    row.vetted_at, row.vetted_by, row.vetted_post = now(), actor.account_id, actor.name
    row.vetted_until = add_months(today(), int(catalogue.setting("volunteer-vetting")))
    db.session.flush()
    no_step(row.id)
    audit.record("volunteer.vet", "volunteer", row.id, until=row.vetted_until.isoformat(), children=children)
    shifts.release_unvetted()
    return row.vetted_until


def end(volunteer_id: UUID, reason: str) -> None:
    """Refuse somebody who signed up, or end a volunteer: membership and open shifts end at once, pairs too.

    Raises Refused naming `reason`.
    """
    row = _row(volunteer_id)
    if not 4 <= len(reason.strip()) <= 200:
        raise Refused("请写明原因，至少 4 个字。", field="reason")
    if row.state in ("refused", "ended"):
        return
    row.state = "refused" if row.state == "applied" else "ended"
    row.reason, row.ended_at = reason.strip(), now()
    db.session.flush()
    no_step(row.id)
    shifts.release_all(row.id)
    db.session.execute(
        update(Pairing)
        .where(Pairing.volunteer_id == row.id, Pairing.ended_at.is_(None))
        .values(ended_at=now())
        .execution_options(synchronize_session="fetch")
    )
    posts = select(Membership.id).where(
        Membership.account_id == row.account_id, Membership.scope_id == current_tenant().uid,
        Membership.role == "volunteer", Membership.ends_at.is_(None),
    )  # fmt: skip
    for membership_id in db.session.scalars(posts).all() if row.account_id else ():
        places.end_membership(membership_id)
    audit.record("volunteer.end", "volunteer", row.id, state=row.state)


def expire() -> int:
    """Vetting that has ended: open shifts go back, the secretary is asked to vet anew; answers how many."""
    rows = db.session.scalars(
        select(Volunteer).where(Volunteer.state == "active", Volunteer.vetted_until < today()).order_by(Volunteer.id)
    ).all()
    for row in rows:
        shifts.release_all(row.id)
        next_step(
            STEP, row.id, number="", case_id=None, actor_role="secretary", actor=N_("社区书记"), verb=N_("志愿者审核到期，重新审核"),
            due_at=catalogue.due("signal-answer", start=now()),
        )  # fmt: skip
    return len(rows)


def _row(volunteer_id: UUID) -> Volunteer:
    row = db.session.scalar(select(Volunteer).where(Volunteer.id == volunteer_id).with_for_update())
    if row is None:
        raise Absent("没有这位志愿者。")
    return row
