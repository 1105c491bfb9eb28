"""The people of one short story in Chromium, on phones of 360 px unless they sit at a desk; every page they come to is
looked at: nothing over the edge, nothing broken, nobody outside asked."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from playwright.sync_api import Browser
from sqlalchemy import func, select, update

from blueprints.cli.story.steps_merchant import picture, six_digits
from blueprints.cli.story.steps_offers import link_in
from blueprints.cli.story.walk import Story
from rongjiu.clock import now
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.outbox import Outbox
from rongjiu.oversight.models import Step
from rongjiu.tenancy.models import Community
from tenants.cases import service as cases
from tenants.cases.models import CaseFile
from tenants.needs import service as needs
from tenants.referrals.models import ReferralTask
from tenants.residents.models import Courtyard
from tenants.residents.service import Door, NewPerson, register
from tests.stories.browser import BrowserHand, race
from tests.stories.conftest import DemoSite
from tests.stories.judge import WIDE

PHONE, DESK = 360, 1280


class Cast:
    """Who acts in a story, what was wrong on the pages under way, and the messages that arrived."""

    def __init__(self, site: DemoSite, browser: Browser) -> None:
        self.site, self._browser = site, browser
        self.faults: list[str] = []
        self._hands: dict[str, BrowserHand] = {}
        self._story = Story(site.app, self._new, race, lambda _line: None)
        self.message: Callable[[str, str], str] = self._story.message

    def phone(self, who: str) -> BrowserHand:
        """A persona or a stranger with a phone."""
        return self._known(who, PHONE)

    def desk(self, who: str) -> BrowserHand:
        """A persona at a desk."""
        return self._known(who, DESK)

    def close(self) -> None:
        """Close all windows."""
        for hand in self._hands.values():
            hand.close()

    def _known(self, who: str, width: int) -> BrowserHand:
        if who not in self._hands:
            hand = self._hands[who] = BrowserHand(self._browser, self.site.url, who, width, self._look)
            if any(each["slug"] == who for each in self.site.personas) or who in self.site.strangers:
                self.site.become(hand.context, who)
        return self._hands[who]

    def _new(self, who: str) -> BrowserHand:
        return self._known(who, PHONE)

    def _look(self, hand: BrowserHand) -> None:
        found = [*hand.watch.take(), *hand.page.evaluate(WIDE)]
        found += [f"status {hand.status}"] if hand.status >= 500 else []
        self.faults += [f"{hand.who} {hand.path()}: {each}" for each in found]


def place(slug: str) -> Tenant:
    """A community by its short name."""
    row = db.session.execute(select(Community.tenant_id, Community.id).where(Community.slug == slug)).one()
    return Tenant(row.tenant_id, row.id)


def a_case(site: DemoSite, slug: str, name: str, phone: str, room: str, words: str, item: str) -> str:
    """An elder at home whom no other story knows, with one need that is sorted; answers the number of the case."""
    with site.app.app_context(), tenant_scope(place(slug)):
        yard = db.session.scalars(select(Courtyard.id).order_by(Courtyard.seq).limit(1)).one()
        home = register(
            yard, Door("9", "2", room), [NewPerson(name, "female", "02", age=81, phone=phone)], demo=True
        )  # fmt: skip
        case = cases.open_case(yard)
        cases.attach_household(case.id, home.household_id)
        needs.add(case.id, words, is_wish=True, item_slug=item, person_id=home.person_ids[0])
        number = case.number
        db.session.commit()
        db.session.remove()
    return number


def pick(clerk: BrowserHand, case: str, service: str, provider: str) -> None:
    """The clerk asks who could help and chooses one of them."""
    clerk.start(f"{case}/needs/w1/match")
    clerk.fill(types=[service])
    clerk.press("找服务方")
    clerk.follow("选这家", after=provider)


def consent(clerk: BrowserHand, provider: str, *fields: str) -> None:
    """The elder signs for one provider; afterwards the offer can be sent."""
    clerk.follow("现在取授权")
    clerk.fill(
        person_id="户主", given_by_id="户主", provider_id=provider, how="paper", picture=("授权.png", picture()),
        agreed=True, fields=fields or ("name", "address", "phone"),
    )  # fmt: skip
    clerk.press("登记这份授权")
    clerk.see("授权已登记,可随时撤回")


def takes(cast: Cast, who: str, phone: str, words: str = "张新派单") -> BrowserHand:
    """A provider opens the link in the message, picks a time and types the code; answers its phone with the job."""
    hand = cast.phone(who)
    hand.go(link_in(cast.message(phone, words)))
    hand.see("请在", "前答复")
    hand.press("接单")
    hand.fill(code=six_digits(cast.message(phone, "验证码")))
    hand.press("确认接单")
    hand.see("已接单")
    return hand


def silence(site: DemoSite, slug: str, number: str) -> UUID:
    """Nobody answers until the time of the case's open offer is over: the offer, its step and its bells are moved into
    the past as if the days had gone by; what happens then, the running relay does. Answers the offer."""
    with site.app.app_context(), tenant_scope(place(slug)):
        case_id = db.session.scalars(select(CaseFile.id).where(CaseFile.number == number)).one()
        task: Any = db.session.execute(
            select(ReferralTask.id, ReferralTask.due_at).where(
                ReferralTask.case_id == case_id, ReferralTask.state == "requested"
            )
        ).one()
        ago: timedelta = task.due_at - now() + timedelta(seconds=1)
        for column, table, mine in (
            (ReferralTask.offered_at, ReferralTask, ReferralTask.id == task.id),
            (ReferralTask.due_at, ReferralTask, ReferralTask.id == task.id),
            (Step.due_at, Step, Step.id == task.id),
            (Outbox.run_after, Outbox, Outbox.payload["task"].astext == str(task.id)),
        ):
            earlier = {column.key: column - ago}
            db.session.execute(update(table).where(mine).values(earlier).execution_options(synchronize_session=False))
        db.session.execute(select(func.pg_notify("outbox", "")))
        db.session.commit()
        db.session.remove()
    return UUID(str(task.id))
