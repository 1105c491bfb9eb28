"""Terms of what explains itself or is sealed: grounds of screenings, dispute files, papers of consents that ended."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import func, select, text, update

from rongjiu import files
from rongjiu.actor import Actor, acting
from rongjiu.audit import Audit
from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.oversight.models import Indicator
from tenants.acceptance import freezing
from tenants.cases.models import CaseFile
from tenants.casework import closing
from tenants.catalogue import service as catalogue
from tenants.catalogue.models import Timer
from tenants.catalogue.queries import forget_timers
from tenants.consents import service as consents
from tenants.consents.models import Consent
from tenants.disputes import queries as dispute_reads
from tenants.disputes import service as disputes
from tenants.disputes.models import DisputeEntry, DisputeFile
from tenants.keeping import queries, service
from tenants.rescreening.models import Standing
from tenants.screening import queries as screening
from tenants.screening import service as screenings
from tenants.screening.models import Determination, FactSheet, IncomeSheet, NearMiss, Screening
from tests import factories, families
from tests.desk_of import Desk, a_desk
from tests.families import Family

YEAR = timedelta(days=366)
PICTURE = b"\xff\xd8\xff\xe0" + b"0" * 64


@pytest.fixture
def family(inside: None) -> Iterator[Family]:
    with tenant_scope(factories.tenant(factories.a_modelled_community())):
        yield families.zhou()


@pytest.fixture
def here(inside: None) -> Iterator[Desk]:
    desk = a_desk()
    with tenant_scope(desk.tenant):
        yield desk


def _screened(family: Family, *, closed: bool = True) -> UUID:
    taken = screenings.take(family.case_id, date(2022, 8, 10)).id
    screenings.confirm(family.case_id, taken, "救助专干（示例）")
    if closed:
        db.session.execute(update(CaseFile).where(CaseFile.id == family.case_id).values(closed_at=now()))
    return taken


def _count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def _open_near_misses() -> int:
    return db.session.scalar(select(func.sum(Indicator.value)).where(Indicator.name == "near_miss_open")) or 0


def test_the_grounds_of_a_closed_case_go_and_its_figures_stay(family: Family) -> None:
    taken = _screened(family)
    before = screening.result(family.case_id, taken)
    household = db.session.scalar(select(CaseFile.household_id))
    db.session.add(Standing(subject_id=household, household_id=household, verdicts={"dibao": "e"}, as_of=today()))
    db.session.flush()
    assert _open_near_misses() == len(before.frozen.near_misses) > 0
    with time_machine.travel(now() + 3 * YEAR - timedelta(days=5), tick=False):
        assert service.clear()["screening"] == 0
    with time_machine.travel(now() + 3 * YEAR, tick=False):
        assert service.clear()["screening"] == 1
        assert service.clear()["screening"] == 0
        assert [(row.what, row.things) for row in queries.runs(["screening"])[0]] == [("screening", 1)]
    db.session.expire_all()
    after = screening.result(family.case_id, taken)
    assert {each.policy_id: each.verdict for each in after.verdicts} == {
        each.policy_id: each.verdict for each in before.verdicts
    }
    kept = (after.counts, after.pack, after.as_of, after.model, after.track, after.confirmed_post)
    assert kept == (before.counts, before.pack, before.as_of, before.model, before.track, before.confirmed_post)
    assert after.cleared_at is not None
    assert [_count(table) for table in (Determination, IncomeSheet, FactSheet, Standing)] == [0, 0, 0, 0]
    assert db.session.scalars(select(NearMiss.distance_pct)).all() == [None]
    assert _open_near_misses() == 0
    assert db.session.scalars(select(Audit.detail).where(Audit.verb == "keeping.clear")).one() == {"screening": 1}


def test_nothing_of_a_person_is_left_in_a_cleared_screening(family: Family) -> None:
    taken = _screened(family)
    with time_machine.travel(now() + 3 * YEAR, tick=False):
        service.clear()
    row = db.session.execute(select(Screening.inputs, Screening.glance).where(Screening.id == taken)).one()
    left = row.inputs + row.glance
    for person in family.people:
        assert str(person) not in left
    assert all(each["best"]["conditions"] == [] and each["subjects"] == [] for each in json.loads(row.glance))
    assert json.loads(row.inputs)["facts"] == {"members": {}}
    with pytest.raises(Absent, match="保存期限"):
        screening.one(family.case_id, taken, "dibao")


def test_a_cleared_screening_is_no_ground_for_anything_new(family: Family) -> None:
    confirmed = _screened(family, closed=False)
    assert screening.standing(family.case_id) is not None
    waiting = screenings.take(family.case_id, date(2022, 8, 11)).id
    db.session.execute(update(CaseFile).where(CaseFile.id == family.case_id).values(closed_at=now()))
    with time_machine.travel(now() + 3 * YEAR, tick=False):
        assert service.clear()["screening"] == 1
        closing.reopen(family.case_id)
        assert screening.standing(family.case_id) is None
        assert freezing.screened(family.case_id, "age-subsidy", [str(family.people[0])]) is None
        with pytest.raises(Clash, match="清除"):
            screenings.confirm(family.case_id, waiting, "救助专干（示例）")
        assert screening.income(family.case_id).version == 0
        again = screenings.take(family.case_id, date(2022, 8, 12)).id
        assert screening.result(family.case_id, again).determinations
    assert screening.result(family.case_id, confirmed).cleared_at is not None


def test_a_case_at_work_keeps_its_grounds(family: Family) -> None:
    taken = _screened(family)
    closing.reopen(family.case_id)
    with time_machine.travel(now() + 9 * YEAR, tick=False):
        assert service.clear()["screening"] == 0
    assert screening.result(family.case_id, taken).determinations


def test_years_are_set_between_the_shortest_and_the_longest(family: Family) -> None:
    for years in (None, 2, 11):
        with pytest.raises(Refused) as refused:
            catalogue.set_kept("keep-screening", years)
        assert (refused.value.field, refused.value.words) == ("keep-screening", {"a": 3, "b": 10})
    catalogue.set_kept("keep-screening", 4)
    line = next(each for each in queries.lines() if each.rule.what == "screening")
    assert (line.value, line.unit, line.mine, line.least, line.most) == (4, "years", True, 3, 10)
    _screened(family)
    with time_machine.travel(now() + 3 * YEAR, tick=False):
        assert service.clear()["screening"] == 0
    for closed in ("keep-case", "keep-consent-log", "dept-accept"):
        with pytest.raises(Absent):
            catalogue.set_kept(closed, 6)


def test_a_community_with_an_older_model_has_the_terms_all_the_same(family: Family) -> None:
    db.session.execute(text("DELETE FROM timer WHERE slug IN ('keep-screening', 'keep-dispute')"))
    forget_timers()
    _screened(family)
    with time_machine.travel(now() + 3 * YEAR, tick=False):
        assert service.clear()["screening"] == 1
    catalogue.set_kept("keep-dispute", 2)
    assert db.session.scalars(select(Timer.content["value"]).where(Timer.slug == "keep-dispute")).one() == 2
    assert next(each.value for each in queries.lines() if each.rule.what == "dispute") == 2


def _ended(here: Desk, years: int) -> DisputeFile:
    """A file that ended so many years ago, with a paper."""
    with (
        time_machine.travel(now() - years * YEAR, tick=False),
        acting(Actor(here.worker.account.id, "community_worker", "社区工作者")),
    ):
        row = disputes.open_file("楼上漏水泡了楼下的墙", [("三楼李某", "13800001234"), ("二楼王某", "")])
        disputes.add_paper(row.id, "墙面照片", PICTURE, "wall.jpg")
        disputes.end(row.id, "settled", "楼上修管，楼下自己刷墙")
    return row


def test_an_ended_dispute_file_becomes_its_cover(here: Desk) -> None:
    old, young = _ended(here, 3), _ended(here, 2)
    paper = db.session.scalars(select(files.TenantFile).where(files.TenantFile.owner_id == old.id)).one()
    assert service.clear()["dispute"] == 1
    assert service.clear()["dispute"] == 0
    with disputes.held(here.worker.account.id):
        left = db.session.scalars(select(DisputeEntry.dispute_id).distinct()).all()
    assert left == [young.id]
    with pytest.raises(Absent):
        files.load(paper.id)
    rows = {row.number: row for row in dispute_reads.page(None)[0]}
    assert (rows[old.number].state, rows[old.number].holder) == ("settled", here.worker.account.name)
    cover = dispute_reads.cover(old.number)
    assert cover is not None and cover.cleared_at is not None and cover.closed_at is not None
    assert young.cleared_at is None


def test_the_database_lets_no_entry_of_this_year_go(here: Desk) -> None:
    _ended(here, 0)
    with disputes.held(here.worker.account.id):
        db.session.execute(text("DELETE FROM dispute_entry"))
        assert _count(DisputeEntry) == 5


def _consent(family: Family, scope: str = "survey_and_casework") -> Consent:
    old_man = family.people[0]
    paper = files.save(PICTURE, "a.jpg", owner_kind="consent", owner_id=family.case_id)
    return consents.give(
        family.case_id, old_man, old_man, scope, how="paper", witness="见证人（示例）", file_id=paper,
    )  # fmt: skip


def test_the_paper_of_a_consent_goes_three_years_after_its_end_and_the_proof_stays(family: Family) -> None:
    casework, story = _consent(family), _consent(family, "publish_story")
    papers = [casework.file_id, story.file_id]
    consents.withdraw(story.id, "不想登了")
    with time_machine.travel(now() + 3 * YEAR, tick=False):
        assert service.clear()["consent"] == 1
        assert service.clear()["consent"] == 0
    db.session.expire_all()
    assert (story.witness, story.file_id) == ("", None) and story.cleared_at is not None
    assert (story.scope, story.how, story.withdrawn_at is None) == ("publish_story", "paper", False)
    with pytest.raises(Absent):
        files.load(papers[1])
    assert casework.cleared_at is None and files.load(papers[0])


def test_the_consent_on_which_a_file_rests_is_kept_while_its_words_are(family: Family) -> None:
    casework, story = _consent(family), _consent(family, "publish_story")
    db.session.execute(update(CaseFile).where(CaseFile.id == family.case_id).values(closed_at=now()))
    with time_machine.travel(now() + 4 * YEAR, tick=False):
        assert service.clear()["consent"] == 0
    with time_machine.travel(now() + 5 * YEAR, tick=False):
        found = service.clear()
    assert (found["case"], found["consent"]) == (1, 1)
    db.session.expire_all()
    assert casework.cleared_at is not None
    assert story.cleared_at is None, "a story that is told stands on its consent until it is taken back"
