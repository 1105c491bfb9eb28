"""When rounds come round, when flags may be read, in which order doors are walked, who may be sent."""

from datetime import date, datetime, timedelta
from random import Random

import pytest

from rongjiu.clock import ZONE
from rongjiu.photos import plain, plain_png
from tenants.accompaniment import rules
from tenants.volunteers.rules import Standing, barred, late, mark, minutes

AT = datetime(2026, 9, 1, 10, 0, tzinfo=ZONE)


def test_slots_are_those_of_the_recurrence_within_the_horizon() -> None:
    weekly = rules.slots("FREQ=WEEKLY", date(2026, 9, 1), date(2026, 8, 31), date(2026, 9, 20))
    assert weekly == [date(2026, 9, 1), date(2026, 9, 8), date(2026, 9, 15)]
    monthly = rules.slots("FREQ=MONTHLY", date(2026, 1, 31), date(2026, 1, 31), date(2026, 4, 30))
    assert monthly == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]
    assert rules.slots("FREQ=WEEKLY;COUNT=1", date(2026, 9, 1), date(2026, 9, 1), date(2026, 12, 1)) == []


@pytest.mark.parametrize(
    ("policy", "expected"), [("keep", date(2022, 9, 10)), ("move", date(2022, 9, 13)), ("skip", None)]
)
def test_a_holiday_is_kept_moved_or_skipped_as_agreed(policy: rules.Holidays, expected: date | None) -> None:
    assert rules.stands(date(2022, 9, 10), policy) == expected, "Mid-Autumn 2022: 10 to 12 September are off"
    assert rules.stands(date(2022, 9, 9), policy) == date(2022, 9, 9)


@pytest.mark.parametrize(
    ("after", "state", "arrived", "expected"),
    [
        (timedelta(hours=-3), "planned", None, False),
        (timedelta(hours=-2), "planned", None, True),
        (timedelta(hours=10), "planned", None, True),
        (timedelta(hours=15), "planned", None, False),
        (timedelta(hours=15), "planned", AT + timedelta(hours=8), True),
        (timedelta(0), "done", AT, False),
        (timedelta(0), "cancelled", None, False),
    ],
)
def test_flags_are_read_at_visit_time_only(
    after: timedelta, state: str, arrived: datetime | None, expected: bool
) -> None:
    assert rules.visit_time(AT, state, arrived, AT + after) is expected


def test_doors_are_walked_by_number() -> None:
    doors = [("10号楼", "1", "101"), ("2号楼", "1", "1001"), ("2号楼", "1", "201"), ("2号楼", "", "")]
    assert sorted(doors, key=lambda door: rules.door_order(*door)) == [doors[3], doors[2], doors[1], doors[0]]


def test_missed_visits_are_counted_from_the_latest_back() -> None:
    assert rules.in_a_row(["missed", "missed", "done", "missed"]) == 2
    assert rules.in_a_row([]) == 0


GOOD = Standing("active", True, True, AT.date(), True, True, AT.date())


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({}, ""), ({"state": "invited"}, "审核"), ({"pledged": False}, "承诺"), ({"quiz": False}, "小测验"),
        ({"vetted_until": AT.date() - timedelta(days=1)}, "过期"), ({"team": False}, "分到队里"),
        ({"insured_until": None}, "保险"), ({"insured_until": AT.date() - timedelta(days=1)}, "保险"),
        ({"children": False}, "14 岁"),
    ],
)  # fmt: skip
def test_nobody_is_sent_without_vetting_pledge_quiz_team_and_insurance(change: dict[str, object], word: str) -> None:
    words = {name: getattr(GOOD, name) for name in GOOD.__slots__} | change
    found = barred(Standing(**words), AT.date(), children=True)
    assert (word in found) if word else found == ""


def test_late_minutes_and_marks() -> None:
    assert late(AT, AT - timedelta(hours=23))
    assert not late(AT, AT - timedelta(hours=25))
    assert minutes(AT, AT + timedelta(minutes=45)) == 45
    assert minutes(AT, AT + timedelta(hours=20)) == 240
    asked = [{"id": "a", "answer": "x"}, {"id": "b", "answer": "y"}]
    assert mark(asked, {"a": "x"}) == ["b"]
    assert mark(asked, {"a": "x", "b": "y"}) == []


def test_a_png_keeps_its_picture_only() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4) + kind + body + b"CRC."

    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"x" * 13)
    end = chunk(b"IDAT", b"pixels") + chunk(b"IEND", b"")
    assert plain(head + chunk(b"eXIf", b"34.2N 108.9E") + chunk(b"tEXt", b"Phone") + end + b"tail") == head + end
    with pytest.raises(ValueError, match="broken"):
        plain_png((head + end)[:-3])
    assert plain(b"%PDF-1.7") == b"%PDF-1.7"


def test_broken_pictures_never_pass_for_whole_ones() -> None:
    dice = Random(7)
    for _ in range(200):
        noise = dice.randbytes(dice.randrange(40))
        with pytest.raises(ValueError, match="."):
            plain_png(b"\x89PNG\r\n\x1a\n" + noise)
