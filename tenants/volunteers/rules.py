"""Who may be sent to a home, how a quiz is marked, what a late drop-out is. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from rongjiu.codes import N_

CHECKS = ("id_seen", "talked", "no_record")
"""What must be looked at before a volunteer is vetted: identity seen, talked with, declared to have no record."""
LATE = timedelta(hours=24)
"""Whoever drops out later than this before a visit leaves the lead no time to find another."""
BETWEEN = timedelta(hours=1)
"""Two visits of one person lie at least so far apart."""
MOST_MINUTES = 240
"""A visit that nobody ended counts no more than this."""
QUIZ_TRIES = 5
"""Tries a day would be guessing; after so many the lead talks with the person."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether a volunteer may go."""

    state: str
    pledged: bool
    quiz: bool
    vetted_until: date | None
    children: bool
    team: bool
    insured_until: date | None


def barred(one: Standing, day: date, *, children: bool = False) -> str:
    """Why a volunteer may not go to a home on a day, in words for the screen; '' = may go.

    Sources: roles, rule 7 (vetting that has ended blocks new visits; under-14s only after vetting for children);
    requirement R78 (nobody goes without a team's insurance).
    """
    reasons = (
        (one.state != "active" or one.vetted_until is None, N_("还没有通过审核，不能上门。")),
        (not one.pledged, N_("请先签志愿承诺，再上门。")),
        (not one.quiz, N_("请先做完上岗小测验，再上门。")),
        (one.vetted_until is not None and one.vetted_until < day, N_("审核到那天已过期，请社区重新审核。")),
        (not one.team, N_("还没有分到队里，不能上门。")),
        (one.insured_until is None or one.insured_until < day, N_("队里的保险到那天没有或已过期，不能上门。")),
        (children and not one.children, N_("这一家有 14 岁以下的孩子，要通过儿童服务审核才能去。")),
    )
    return next((words for bad, words in reasons if bad), "")


def late(planned_at: datetime, moment: datetime) -> bool:
    """Is a drop-out late?"""
    return moment > planned_at - LATE


def minutes(arrived_at: datetime, left_at: datetime) -> int:
    """Minutes of a visit that count as volunteer time."""
    return max(1, min(MOST_MINUTES, int((left_at - arrived_at).total_seconds() // 60)))


def mark(questions: Sequence[Mapping[str, Any]], answers: Mapping[str, str]) -> list[str]:
    """Ids of the questions that were answered wrongly or not at all; the quiz is passed when there is none."""
    return [question["id"] for question in questions if answers.get(question["id"]) != question["answer"]]
