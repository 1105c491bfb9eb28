"""The community's own model: its rows, its waits, and whether its lines are confirmed."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import update

from rongjiu.clock import ZONE, now
from rongjiu.db import db, tenant_scope
from tenants.catalogue import queries, service
from tenants.catalogue.models import Parameter
from tests import factories
from tests.asked import statements

START = datetime(2022, 8, 10, 2, 10, tzinfo=UTC)


@pytest.mark.usefixtures("inside")
def test_the_model_of_a_cloned_community_reads_as_the_pack_wrote_it() -> None:
    with tenant_scope(factories.tenant(factories.a_modelled_community())):
        assert len(queries.departments()) == 13
        assert len(queries.policies()) == 50
        assert len(queries.parameters()) == 39
        assert len(queries.need_categories()) == 5
        assert len(queries.need_items()) == 12
        assert len(queries.groups()) == 14
        assert len(queries.service_types()) == 33
        assert len(queries.timers()) == 133
        first = queries.policies()[0]
        assert (first["id"], first["department_id"], first["scope"]) == ("dibao", "mzj", "household")
        assert first["criteria"]["all"][1]["value"] == {"param": "dibao_line_urban_month"}


@pytest.mark.usefixtures("inside")
def test_another_community_has_its_own_rows_only() -> None:
    with tenant_scope(factories.tenant(factories.a_community())):
        assert queries.policies() == []
        assert queries.timers() == []


@pytest.mark.usefixtures("inside")
def test_a_parameter_confirmed_as_not_set_has_no_value_on_any_day() -> None:
    with tenant_scope(factories.tenant(factories.a_modelled_community())):
        line = next(row for row in queries.parameters() if row["id"] == "dibao_line_urban_month")
        assert (line["value"], str(line["effective_from"]), line["confirmed_as"]) == (740, "2020-10-01", "value")
        here = update(Parameter).where(Parameter.slug == "dibao_line_urban_month")
        db.session.execute(here.values(value=Decimal("812.50")))
        line = next(row for row in queries.parameters() if row["id"] == "dibao_line_urban_month")
        assert line["value"] == Decimal("812.5")
        db.session.execute(here.values(confirmed_as="not_set"))
        line = next(row for row in queries.parameters() if row["id"] == "dibao_line_urban_month")
        assert (line["value"], line["effective_from"], line["history"]) == (None, None, [])


@pytest.mark.usefixtures("inside")
def test_screening_is_ready_when_every_reviewed_parameter_is_confirmed() -> None:
    with tenant_scope(factories.tenant(factories.a_modelled_community(confirmed=False))):
        missing = service.screening_ready()
        assert len(missing) == 30
        assert sum(row.value is None for row in missing) == 22
        confirm = update(Parameter).where(Parameter.must_review).values(confirmed_as="not_set", confirmed_at=now())
        db.session.execute(confirm.where(Parameter.slug != "dibao_line_urban_month"))
        assert [row.slug for row in service.screening_ready()] == ["dibao_line_urban_month"]
        db.session.execute(confirm)
        assert service.screening_ready() == []


@pytest.mark.usefixtures("inside")
def test_due_times_run_in_working_days_by_urgency() -> None:
    with tenant_scope(factories.tenant(factories.a_modelled_community())):
        assert service.due("plan", start=START) == datetime(2022, 8, 15, 18, tzinfo=ZONE)
        assert service.due("plan", "critical", START) == datetime(2022, 8, 11, 10, 10, tzinfo=ZONE)
        assert service.due("assessment", "critical", START) == service.due("assessment", "urgent", START)
        assert str(service.due_date("near-miss-look", start=START)) == "2023-02-10"
        offered = datetime(2022, 8, 10, 10, 40, tzinfo=ZONE)
        half = service.half(offered, datetime(2022, 8, 12, 18, tzinfo=ZONE))
        assert half == datetime(2022, 8, 11, 14, 20, tzinfo=ZONE)
        assert service.setting("rescreen-ages")[0] == 6
        with pytest.raises(KeyError):
            service.due("no-such-wait")


@pytest.mark.usefixtures("inside")
def test_the_waits_are_read_once_a_session() -> None:
    with tenant_scope(factories.tenant(factories.a_modelled_community())):
        service.due("plan")
        with statements() as asked:
            service.due("plan")
            service.due("confirm")
            assert asked == []
            queries.forget_timers()
            service.due("plan")
            assert len(asked) == 1
