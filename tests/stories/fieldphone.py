"""The grid worker's phone in Chromium, over a community of its own that is being swept."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import func, select

from rongjiu.actor import acting
from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from tenants.accompaniment.service import plan_visit
from tenants.cases import service as cases
from tenants.residents import service as residents
from tenants.residents.service import Door, NewPerson
from tenants.sweeps import planning
from tests.desk_of import Desk, a_desk

if TYPE_CHECKING:
    from tests.stories.conftest import DemoSite

PHONE = {"width": 390, "height": 844}


@dataclass
class Yard:
    """A community of its own with a courtyard of three doors that is being swept, and its grid worker's phone."""

    site: "DemoSite"
    here: Desk
    slug: str
    token: str
    account: UUID
    membership: UUID
    sweep: UUID
    visit: UUID

    @property
    def app(self) -> str:
        return f"{self.site.url}/c/{self.slug}/grid/app"

    def ask(self, statement: Any) -> Any:
        with self.site.app.app_context(), tenant_scope(self.here.tenant):
            return db.session.scalar(statement)

    def run(self, act: Callable[[], Any]) -> Any:
        with self.site.app.app_context(), tenant_scope(self.here.tenant), acting(self.here.as_clerk()):
            answer = act()
            db.session.commit()
            return answer

    def count(self, model: Any) -> int:
        return int(self.ask(select(func.count()).select_from(model)) or 0)


def a_yard(site: "DemoSite") -> Yard:
    """A community made in the demo."""
    with site.app.app_context():
        here = a_desk()
        with tenant_scope(here.tenant), acting(here.as_clerk()):
            for room, names in (("101", ("赵某", "钱某")), ("102", ("孙某",)), ("103", ("李某", "周某"))):
                people = [NewPerson(name, "female", "02" if n == 0 else "10", age=70) for n, name in enumerate(names)]
                home = residents.register(here.yard, Door("1", "1", room), people)
            case = cases.open_case(here.yard)
            cases.attach_household(case.id, home.household_id)
            visit = plan_visit(case.id, "worker", now()).id
            sweep = planning.plan("heat", "高温关怀", today(), today() + timedelta(days=14), courtyards=[here.yard],
                                  left_out={here.other_yard: "另一组"}).id  # fmt: skip
            planning.start(sweep)
        grid = here.grid
        found = Yard(site, here, here.slug, grid.token, grid.account.id, grid.membership.id, sweep, visit)
        db.session.commit()
        return found


def log_in(context: BrowserContext, yard: Yard, token: str) -> None:
    """Put a login into the browser."""
    home = yard.site.url.replace("http:", "https:")
    name = yard.site.app.config["LOGIN_COOKIE"]
    context.add_cookies([{"name": name, "value": token, "url": home, "secure": True, "httpOnly": True}])


def opened(context: BrowserContext, yard: Yard) -> Page:
    """The app, opened and ready: the store filled, the worker in charge."""
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(yard.app)
    page.wait_for_selector("html[data-ready]")
    page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    assert problems == []
    return page


def waiting(page: Page, n: int) -> None:
    """So many items wait to be sent."""
    expect(page.locator("#count")).to_have_attribute("data-waiting", str(n))


def wish(page: Page, words: str) -> None:
    """Note a wish."""
    page.goto(page.url.split("#")[0] + "#wish")
    page.locator("textarea").fill(words)
    page.get_by_text("记下", exact=True).click()
    expect(page.get_by_text("已记下，待上传")).to_be_visible()
