"""A line raised by the city puts on the next morning's list whom its dry run named; an elder is on the list before the
birthday."""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from playwright.sync_api import Browser
from sqlalchemy import select

from rongjiu.actor import Actor, acting
from rongjiu.clock import today
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.tenancy.models import Community
from tenants.cases import service as cases
from tenants.residents.models import Courtyard
from tenants.residents.service import Door, NewPerson, register
from tenants.screening import service as screening
from tenants.screening.means import IncomeLine
from tests.stories.browser import BrowserHand
from tests.stories.conftest import DemoSite

pytestmark = pytest.mark.browser

Row = tuple[str, str, str]
TRIES = 300  # a fifth of a second each; the judging of the demo's register takes a few
CLERK = Actor(None, "assistance_clerk", "救助专干")
_ROWS = """() => [...document.querySelectorAll('main tbody tr')].map(row =>
  ['谁', '政策', '变化', '院落'].map(label => {
    const cell = [...row.cells].find(each => each.dataset.label === label);
    return cell ? cell.innerText.replace(/\\s+/g, '') : '';
  }))"""
NOW = {"新够得着", "待遇换档", "新的临界", "不再符合"}


@pytest.fixture
def hands(chromium: Browser, demo_site: DemoSite) -> Iterator[dict[str, BrowserHand]]:
    """The clerk, the secretary and the district, each in a window."""
    found = {who: BrowserHand(chromium, demo_site.url, who, 1280) for who in ("clerk", "secretary", "district")}
    for who, hand in found.items():
        demo_site.become(hand.context, who)
    yield found
    for hand in found.values():
        hand.close()


def a_family(site: DemoSite, room: str, name: str, income: int, born: date) -> None:
    """A household with a case, an income and what the community's policies ask for first."""
    with site.app.app_context():
        number, uid = db.session.execute(
            select(Community.tenant_id, Community.id).where(Community.slug == "huangyan")
        ).one()
        with tenant_scope(Tenant(number, uid)), acting(CLERK):
            yard = db.session.scalars(select(Courtyard.id).order_by(Courtyard.seq)).first()
            assert yard
            home = register(yard, Door("9", "1", room), [NewPerson(name, "female", "02", birth_date=born)])
            case = cases.open_case(yard)
            cases.attach_household(case.id, home.household_id)
            screening.save_income(case.id, [IncomeLine(str(home.person_ids[0]), "wages", Decimal(income))], None)
            household = {"household.assets_within_limit": True, "household.recognised": "none"}
            members = {str(home.person_ids[0]): {"person.hukou_local": True}}
            screening.save_facts(case.id, {"household": household, "members": members})
        db.session.commit()
        db.session.remove()


def judged(hand: BrowserHand, path: str, done: str) -> None:
    """Look at a page again until the work behind it is done."""
    pause = threading.Event()
    for _ in range(TRIES):
        hand.go(path)
        if done in hand.text() and "刷新看进度" not in hand.text():
            return
        pause.wait(0.2)
    pytest.fail(f"{path}: {hand.text()[:600]}")


def rows(hand: BrowserHand) -> Counter[Row]:
    """Who (with the courtyard), policy and change of every row on all pages of a list."""
    found, at = Counter[Row](), hand.path()
    for page in range(1, 9):
        hand.go(f"{at}{'&' if '?' in at else '?'}page={page}")
        more = [tuple(row) for row in hand.page.evaluate(_ROWS) if row[0]]
        found.update((who.removesuffix(yard) + yard, policy, kind) for who, policy, kind, yard in more if kind in NOW)
        if len(more) < 50:
            return found
    return found


def again(clerk: BrowserHand) -> None:
    """Judge the register now, to the end."""
    clerk.go("/c/huangyan/desk/changes")
    clerk.press("现在重新研判")
    judged(clerk, "/c/huangyan/desk/changes", "上次研判")


def test_a_raised_dibao_line_lists_the_next_morning_whom_the_dry_run_named(
    demo_site: DemoSite, hands: dict[str, BrowserHand]
) -> None:
    """The line holds from tomorrow: today nobody is reached yet; the chore of the night, run by its command on
    tomorrow's clock, puts on the page exactly the families that the dry run had named."""
    tomorrow = today() + timedelta(days=1)
    clerk, secretary, district = hands["clerk"], hands["secretary"], hands["district"]
    a_family(demo_site, "901", "线边示例", 790, date(1976, 3, 1))
    again(clerk)
    before = rows(clerk)

    district.start("/street/beilin/lines")
    district.fill(
        parameter="城市低保标准", level="city", value="810", since=tomorrow.isoformat(),
        document="西安市关于提高城乡低保标准的通知", document_number="市民发〔2026〕31号", document_date="2026-10-20",
    )  # fmt: skip
    district.press("公布")
    district.see("市民发〔2026〕31号", "还没确认")

    clerk.go("/c/huangyan/desk/settings/lines")
    clerk.press("先试算")
    judged(clerk, clerk.path(), "已比较")
    tried = rows(clerk)
    assert any(policy == "最低生活保障" and kind == "新够得着" for _who, policy, kind in tried)

    secretary.start("/c/huangyan/desk/settings/lines")
    secretary.see("740")
    secretary.fill(number="市民发(2026)31号", day="2026-10-20")
    secretary.press("对照过文件，确认")
    secretary.see("已确认", "市民发〔2026〕31号")
    judged(clerk, "/c/huangyan/desk/changes", "上次研判")
    assert rows(clerk) - before == Counter(), "today the line is still the old one"

    with time_machine.travel(f"{tomorrow}T03:30:00+08:00"):
        assert demo_site.command("outbox", "night", "rescreen") != "effects: 0\n"
    clerk.go("/c/huangyan/desk/changes")
    concerned = {policy for _who, policy, _kind in tried}
    morning = Counter({row: n for row, n in (rows(clerk) - before).items() if row[1] in concerned})
    assert morning == tried, "a birthday of that night is of other policies"
    clerk.see(f"{tomorrow.month}月{tomorrow.day}日")


def test_an_elder_is_on_the_list_before_the_eightieth_birthday(
    demo_site: DemoSite, hands: dict[str, BrowserHand]
) -> None:
    clerk, day = hands["clerk"], today() + timedelta(days=12)
    day += timedelta(days=(day.month, day.day) == (2, 29))
    a_family(demo_site, "902", "寿星示例", 5000, day.replace(year=day.year - 80))
    again(clerk)
    clerk.go("/c/huangyan/desk/changes?kind=will_amount&policy=age-subsidy")
    found = [line for line in clerk.page.locator("main tbody tr").all_inner_texts() if "寿" in line]
    assert len(found) == 1 and f"{day.month}" in found[0] and "寿星示例" not in found[0]
    clerk.see("快换待遇档", "高龄")
