"""What has to be done next for somebody in 急难, in which order, and by when. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from rongjiu.clock import ZONE
from rongjiu.codes import N_

WORDS = N_("急难：家里有人需要马上帮忙")
"""What stands as the family's wish when nobody has written a word."""
REASON = "急难"
"""As what an opening in the express lane is written down (roles, rule 10)."""
SHORTEST_REASON = 4
DAY_BEGINS, NIGHT_BEGINS = 8, 20
"""Hours at which the shifts of a day begin, in Shanghai time; a night goes on until the next morning."""
SHIFTS = {"day": N_("白班 8:00–20:00"), "night": N_("夜班 20:00–次日 8:00")}
WEEKDAYS = {
    1: N_("星期一"), 2: N_("星期二"), 3: N_("星期三"), 4: N_("星期四"), 5: N_("星期五"), 6: N_("星期六"), 7: N_("星期日"),
}  # fmt: skip


def shift_at(moment: datetime) -> tuple[date, str]:
    """The shift that runs at a moment, by the day on which it began."""
    local = moment.astimezone(ZONE)
    if DAY_BEGINS <= local.hour < NIGHT_BEGINS:
        return local.date(), "day"
    return local.date() - timedelta(days=local.hour < DAY_BEGINS), "night"


def on_duty(
    moment: datetime, week: Mapping[tuple[int, str], UUID], dates: Mapping[tuple[date, str], UUID]
) -> UUID | None:
    """Whose shift it is: by the date if somebody was named for it, else by the day of the week; None = nobody's."""
    day, shift = shift_at(moment)
    return dates.get((day, shift)) or week.get((day.isoweekday(), shift))


@dataclass(frozen=True, slots=True)
class Stand:
    """Where an alarm stands: the moments of what was done, and of what is due."""

    owner_due: datetime
    helper_due: datetime
    aid_due: datetime
    taken_at: datetime | None = None
    helper_at: datetime | None = None
    aid_at: datetime | None = None
    papers_due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """The next act (take | helper | aid | papers), in words, and by when."""

    act: str
    verb: str
    due_at: datetime


def following(stand: Stand) -> Next:
    """What comes next; nothing waits for papers before a helper was there and aid was asked for."""
    if stand.taken_at is None:
        return Next("take", N_("认领急难"), stand.owner_due)
    if stand.helper_at is None:
        return Next("helper", N_("马上到场"), stand.helper_due)
    if stand.aid_at is None:
        return Next("aid", N_("提出临时救助"), stand.aid_due)
    return Next("papers", N_("事后补齐材料和甄别"), stand.papers_due or stand.aid_due)


def rings(raised_number: int, kept: int, *, taken: bool, state: str) -> bool:
    """Does the n-th bell still ring? Not when it was taken, ended or withdrawn, or when it has rung already."""
    return state == "open" and not taken and raised_number == kept + 1
