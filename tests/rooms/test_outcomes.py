"""What came of a case: parts with sources, the sum in the indicator, later looks, the state."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Refused
from rongjiu.oversight.models import Step
from rongjiu.workdays import add_months
from tenants.cases.models import CaseFile
from tenants.outcomes import queries, rules, service
from tests import casework
from tests.casework import count

PARTS = [
    rules.Saving("尿管出厂价差额", Decimal(90), "出厂价单据"),
    rules.Saving("免去往返医院", Decimal(110), "车费估算"),
    rules.Saving("艺术课学费", Decimal(300), "书院价目"),
]


def test_savings_with_their_parts_and_later_looks(family: casework.Family) -> None:
    with tenant_scope(family.tenant):
        assert service.note(family.case_id, PARTS, new_income=True) == 500
        assert count("saving_month") == 500
        found = queries.of_case(family.case_id)
        assert (found.total, found.new_income, len(found.lines)) == (Decimal(500), True, 3)
        days = [day for _, day, _ in found.follow_ups]
        assert days == [add_months(today(), 1), add_months(today(), 3)]
        assert db.session.scalar(select(CaseFile.state)) == "accompanying"
        assert "回访" in set(db.session.scalars(select(Step.verb)))
        service.note(family.case_id, PARTS[:1], new_income=False)
        assert count("saving_month") == 90, "written anew, the figure follows"
        assert len(queries.of_case(family.case_id).follow_ups) == 2
        service.finish_follow_up(family.case_id, 1)
        assert queries.of_case(family.case_id).follow_ups[0][2] is not None


@pytest.mark.parametrize(
    ("part", "field"),
    [
        (rules.Saving("", Decimal(1), "x"), "savings-1-label"),
        (rules.Saving("a", None, "x"), "savings-1-amount"),
        (rules.Saving("a", Decimal(0), "x"), "savings-1-amount"),
        (rules.Saving("a", Decimal(10**7), "x"), "savings-1-amount"),
        (rules.Saving("a", Decimal(1), " "), "savings-1-source"),
    ],
)
def test_a_part_without_name_amount_or_source_is_refused(
    family: casework.Family, part: rules.Saving, field: str
) -> None:
    with tenant_scope(family.tenant), pytest.raises(Refused) as refused:
        service.note(family.case_id, [PARTS[0], part], new_income=False)
    assert refused.value.field == field


def test_later_looks_count_from_the_first_day() -> None:
    assert rules.follow_ups(date(2022, 8, 10), [1, 3]) == [date(2022, 9, 10), date(2022, 11, 10)]


def test_a_look_waits_until_what_repeats_was_to_come_again() -> None:
    """Quarterly help says after a month nothing of whether it lasts; weekly and monthly help does."""
    first = date(2022, 8, 10)
    for rule, looks in {
        "FREQ=WEEKLY": [date(2022, 9, 10), date(2022, 11, 10)],
        "FREQ=MONTHLY": [date(2022, 9, 10), date(2022, 11, 10)],
        "FREQ=MONTHLY;INTERVAL=3": [date(2022, 11, 10), date(2023, 2, 10)],
        "FREQ=MONTHLY;COUNT=1": [date(2022, 9, 10), date(2022, 11, 10)],
    }.items():
        assert rules.follow_ups(first, [1, 3], [(rule, first)]) == looks, rule
    slow, begun = ("FREQ=MONTHLY;INTERVAL=2", date(2022, 7, 20)), ("FREQ=WEEKLY", first)
    assert rules.follow_ups(first, [1, 3], [begun, slow]) == [date(2022, 9, 20), date(2022, 11, 20)]
