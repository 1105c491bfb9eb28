"""A community that tells people things, with a case and a wish, for tests through its doors."""

from sqlalchemy import update

from rongjiu import crypto
from rongjiu.actor import acting
from rongjiu.db import db, tenant_scope
from rongjiu.identity.models import Account
from tenants.cases import service as cases
from tenants.residents import service as residents
from tenants.signals import service as signals
from tenants.wishes import intake
from tests import factories
from tests.desk_of import DOOR, ZHOU, a_desk

PHONE = "13900000081"


class Sender:
    """A community at work with a case and a wish on its wall; a volunteer next door; as plain values."""

    def __init__(self) -> None:
        here = a_desk()
        self.tenant, self.slug, self.clerk, self.worker = here.tenant, here.slug, here.clerk.token, here.worker.token
        self.account = here.clerk.account.id
        index = crypto.blind(PHONE, crypto.PLATFORM, "phone")
        db.session.execute(update(Account).where(Account.id == self.account).values(phone=PHONE, phone_index=index))
        next_door = factories.a_community()
        self.helper = factories.a_person_with_role("volunteer", "community", next_door.id, post="志愿者")
        self.helper_id, self.helper_token = self.helper.account.id, self.helper.token
        provider = factories.a_provider(factories.a_street())
        self.provider_id = provider.id
        self.shop = factories.a_person_with_role("provider_owner", "provider", provider.id).token
        with tenant_scope(here.tenant), acting(here.as_clerk()):
            home = residents.register(here.yard, DOOR, ZHOU).household_id
            case = cases.open_case(here.yard)
            cases.attach_household(case.id, home)
            self.number = case.number
            got = signals.ask("想要一把轮椅", kind="wish", caller="春芽", phone="13800001234", courtyard_id=here.yard)
            self.wish = intake.to_wall(got.id)
            self.signal = signals.ask("想学画画", kind="wish", phone="13800001235", courtyard_id=here.yard).id

    def url(self, path: str) -> str:
        """An address of the community."""
        return f"/c/{self.slug}/{path}"
