"""Income sheet and facts at the desk: a version each time, what was typed stays on an error."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tenants.screening.models import IncomeSheet
from tests.screened import Desk, count

Login = Callable[[FlaskClient, str], None]


def test_the_income_sheet_says_per_head(clerk: FlaskClient, zhous: Desk) -> None:
    page = clerk.get(f"{zhous.case}/income").text
    assert "4 人，人均 1,150 元/月" in page
    assert "刚性支出占 62 %" in page


def test_a_saved_sheet_is_a_new_version(app: Flask, clerk: FlaskClient, zhous: Desk) -> None:
    member = str(zhous.family.people[0])
    form = {"seen": "1", "lines-0-member": member, "lines-0-kind": "pension", "lines-0-month": "５,000元", "rigid": ""}
    answer = clerk.post(f"{zhous.case}/income", data=form)
    assert answer.status_code == 303
    assert "人均 1,250 元/月" in clerk.get(f"{zhous.case}/income").text
    assert count(app, zhous, IncomeSheet) == 2


def test_typed_values_stay_on_error(app: Flask, clerk: FlaskClient, zhous: Desk) -> None:
    member = str(zhous.family.people[2])
    form = {"seen": "1", "lines-0-member": member, "lines-0-kind": "wages", "lines-0-month": "三千", "rigid": "40"}
    answer = clerk.post(f"{zhous.case}/income", data=form)
    assert answer.status_code == 422
    assert 'value="三千"' in answer.text
    assert 'value="40"' in answer.text
    assert f'<option selected value="{member}">' in answer.text
    assert "请填数字，例如 4600。" in answer.text
    stale = clerk.post(f"{zhous.case}/income", data={**form, "seen": "0", "lines-0-month": "3000"})
    assert stale.status_code == 409
    assert 'value="3000"' in stale.text
    assert count(app, zhous, IncomeSheet) == 1


def test_nothing_at_all_must_be_said(clerk: FlaskClient, zhous: Desk) -> None:
    assert clerk.post(f"{zhous.case}/income", data={"seen": "1"}).status_code == 422
    assert clerk.post(f"{zhous.case}/income", data={"seen": "1", "no_income": "1"}).status_code == 303
    assert "人均 0 元/月" in clerk.get(f"{zhous.case}/income").text


def test_more_lines_keep_what_was_typed(clerk: FlaskClient, zhous: Desk) -> None:
    page = clerk.post(f"{zhous.case}/income", data={"seen": "1", "lines-0-month": "77", "more": "1"})
    assert page.status_code == 200
    assert 'value="77"' in page.text
    assert 'name="lines-3-month"' in page.text


def test_facts_are_prefilled_and_a_wrong_number_stands_at_its_field(clerk: FlaskClient, zhous: Desk) -> None:
    page = clerk.get(f"{zhous.case}/facts").text
    assert "84 岁" in page
    who = zhous.family.people[2]
    field = f"f-{who}-person.unemployed_months"
    assert 'value="30" placeholder="不清楚" maxlength="10"' in page
    answer = clerk.post(f"{zhous.case}/facts", data={"seen": "1", field: "很久", f"f-{who}-person.hukou_local": "yes"})
    assert answer.status_code == 422
    assert 'value="很久"' in answer.text
    assert f'id="{field}-error"' in answer.text
    assert f'value="yes" id="f-{who}-person.hukou_local-1" checked' in answer.text
    good = clerk.post(f"{zhous.case}/facts", data={"seen": "1", field: "31", "then": "screen"})
    assert (good.status_code, good.location) == (303, f"{zhous.case}/screening/new")


@pytest.mark.parametrize("wrong", ["-1", "99999999999", "1e9", "NaN"])
def test_a_negative_or_absurd_income_is_refused(clerk: FlaskClient, zhous: Desk, wrong: str, app: Flask) -> None:
    before = count(app, zhous, IncomeSheet)
    member = str(zhous.family.people[2])
    form = {"seen": "1", "lines-0-kind": "wages", "lines-0-month": wrong, "lines-0-member": member, "rigid": "40"}
    assert clerk.post(f"{zhous.case}/income", data=form | {"lines-0-month": "3000", "seen": "0"}).status_code != 422
    assert clerk.post(f"{zhous.case}/income", data=form).status_code == 422
    assert count(app, zhous, IncomeSheet) == before
