"""A street vets the providers of its own streets, and nobody else's."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select

from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.marketplace import listings, requirements, vetting
from rongjiu.marketplace.admissions import queries as admissions
from rongjiu.marketplace.models import Listing, Provider
from rongjiu.marketplace.service import publish
from rongjiu.tenancy.models import Community, Street
from tests import factories

Made = Callable[[Callable[[], Any]], Any]
Login = Callable[[FlaskClient, str], None]
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 64


def _applied(invited: bool = False) -> dict[str, str]:
    """A street with clerk and overseer, a community with secretary, and an application that waits."""
    community = factories.a_community()
    street = db.session.get_one(Street, community.street_id)
    provider = factories.a_provider(
        street,
        state="draft",
        name="雁发理发店",
        uscc=None,
        phone_index=b"x",
        invited_by=community.slug if invited else "",
    )
    provider.group, provider.details = "volunteer_team", {"members": 5}
    paper = listings.add_paper(provider.id, "licence", JPEG, "a.jpg", None)
    factories.a_service(provider, street)
    vetting.hand_in(provider.id)
    vetting.sign(provider.id, requirements.TERMS)
    return {
        "street": street.slug, "community": community.slug, "provider": str(provider.id), "paper": str(paper),
        "clerk": factories.a_person_with_role("street_vetting", "street", street.id).token,
        "secretary": factories.a_person_with_role("secretary", "community", community.id).token,
        "community_id": str(community.id), "slug": provider.slug,
    }  # fmt: skip


def _state(provider: str) -> Callable[[], tuple[str, str]]:
    def read() -> tuple[str, str]:
        row = db.session.get_one(Provider, UUID(provider))
        return row.state, row.state_reason

    return read


def test_from_queue_to_approval(client: FlaskClient, made: Made, login: Login) -> None:
    case = made(_applied)
    login(client, case["clerk"])
    page = client.get(f"/street/{case['street']}/vetting").text
    assert "雁发理发店" in page
    one = f"/street/{case['street']}/vetting/{case['provider']}"
    page = client.get(one).text
    assert "还有" in page
    assert "营业执照" in page
    paper = client.get(f"{one}/papers/{case['paper']}")
    assert paper.data == JPEG
    assert paper.headers["Content-Disposition"].startswith("attachment")
    assert client.post(one, data={"verb": "take", "reason": ""}).headers["Location"] == one
    assert client.post(one, data={"verb": "approve", "reason": ""}).status_code == 303
    assert made(_state(case["provider"])) == ("active", "")
    assert "没有等审核的服务方" in client.get(f"/street/{case['street']}/vetting").text
    assert "雁发理发店" in client.get(f"/street/{case['street']}/providers").text
    late = client.post(one, data={"verb": "deny", "reason": "晚了"})
    assert late.status_code == 409
    assert "已经有人办过了" in late.text


def test_a_refusal_needs_words_and_keeps_them(client: FlaskClient, made: Made, login: Login) -> None:
    case = made(_applied)
    login(client, case["clerk"])
    one = f"/street/{case['street']}/vetting/{case['provider']}"
    answer = client.post(one, data={"verb": "ask", "reason": ""})
    assert answer.status_code == 422
    assert "请写明原因" in answer.text
    answer = client.post(one, data={"verb": "ask", "reason": "x" * 501})
    assert answer.status_code == 422
    assert client.post(one, data={"verb": "nonsense"}).status_code == 400
    client.post(one, data={"verb": "ask", "reason": "执照照片看不清"})
    assert made(_state(case["provider"])) == ("draft", "执照照片看不清")


def test_suspend_and_resume(client: FlaskClient, made: Made, login: Login) -> None:
    case = made(_applied)
    login(client, case["clerk"])
    one = f"/street/{case['street']}/vetting/{case['provider']}"
    client.post(one, data={"verb": "approve"})
    client.post(one, data={"verb": "suspend", "reason": "投诉核实中"})
    assert made(_state(case["provider"])) == ("suspended", "投诉核实中")
    assert "投诉核实中" in client.get(one).text
    assert client.get(f"/market/providers/{case['slug']}").status_code == 404
    client.post(one, data={"verb": "resume", "reason": "已核实"})
    assert made(_state(case["provider"])) == ("active", "已核实")


def test_another_street_finds_nothing(client: FlaskClient, made: Made, login: Login) -> None:
    case, other = made(_applied), made(_applied)
    login(client, other["clerk"])
    for address in (
        f"/street/{case['street']}/vetting", f"/street/{case['street']}/vetting/{case['provider']}",
        f"/street/{other['street']}/vetting/{case['provider']}",
        f"/street/{other['street']}/vetting/{case['provider']}/papers/{case['paper']}",
        f"/street/{other['street']}/vetting/{other['provider']}/papers/{case['paper']}",
    ):  # fmt: skip
        assert client.get(address).status_code == 404, address
    answer = client.post(f"/street/{other['street']}/vetting/{case['provider']}", data={"verb": "approve"})
    assert answer.status_code == 404
    assert made(_state(case["provider"]))[0] == "applied"


def test_a_draft_is_nobodys_business(client: FlaskClient, made: Made, login: Login) -> None:
    case = made(_applied)

    def draft() -> str:
        street = db.session.scalars(select(Street).where(Street.slug == case["street"])).one()
        return str(factories.a_provider(street, state="draft").id)

    login(client, case["clerk"])
    assert client.get(f"/street/{case['street']}/vetting/{made(draft)}").status_code == 404


def test_the_inviting_community_may_vet_and_then_admit(client: FlaskClient, made: Made, login: Login) -> None:
    case = made(lambda: _applied(invited=True))
    login(client, case["secretary"])
    desk = f"/c/{case['community']}/desk"
    assert "雁发理发店" in client.get(f"{desk}/providers").text
    one = f"{desk}/providers/{case['provider']}"
    assert "审核通过" in client.get(one).text
    assert client.get(f"{one}/papers/{case['paper']}").data == JPEG
    client.post(f"{one}/vet")
    assert made(_state(case["provider"]))[0] == "active"
    assert "待准入" in client.get(one).text
    answer = client.post(f"{one}/admit", data={"limit": "很多"})
    assert answer.status_code == 422
    assert "写 1 到 9999" in answer.text
    assert client.post(f"{one}/admit", data={"limit": "4"}).status_code == 303
    page = client.get(one).text
    assert "已准入" in page
    assert 'value="4"' in page
    answer = client.post(f"{one}/stop", data={"reason": ""})
    assert answer.status_code == 422
    assert client.post(f"{one}/stop", data={"reason": "多次未答复"}).status_code == 303
    assert "多次未答复" in client.get(one).text


def test_a_community_that_did_not_invite_may_not_vet(client: FlaskClient, made: Made, login: Login) -> None:
    case = made(_applied)
    login(client, case["secretary"])
    one = f"/c/{case['community']}/desk/providers/{case['provider']}"
    assert client.get(one).status_code == 404
    assert client.get(f"{one}/papers/{case['paper']}").status_code == 404
    assert client.post(f"{one}/vet").status_code == 404
    assert client.post(f"{one}/admit", data={"limit": ""}).status_code == 404
    assert made(_state(case["provider"]))[0] == "applied"


def test_the_provider_sees_communities_and_asks(client: FlaskClient, made: Made, login: Login) -> None:
    case = made(_applied)

    def approve() -> str:
        provider = UUID(case["provider"])
        row = db.session.get_one(Provider, provider)
        row.state, row.due_at, row.verified_at = "active", None, now()
        publish(provider)
        return factories.a_person_with_role("provider_owner", "provider", provider).token

    login(client, made(approve))
    page = client.get("/provider/status").text
    assert "请它准入" in page
    client.post(f"/provider/status/ask/{case['community_id']}")
    assert "待准入" in client.get("/provider/status").text
    assert client.get("/provider/").headers["Location"] == "/provider/inbox"
    assert "还没有派单" in client.get("/provider/inbox").text
    assert "这三项已审核" in client.get("/provider/shop").text
    for page_ in ("papers", "services"):
        assert client.get(f"/provider/{page_}").status_code == 200
    client.post("/provider/status/withdraw")
    assert made(_state(case["provider"]))[0] == "withdrawn"
    assert client.post("/provider/status/reopen").headers["Location"] == "/join/provider/shop"
    assert (
        made(lambda: db.session.scalar(select(Listing.service_id).where(Listing.provider_id == UUID(case["provider"]))))
        is None
    )
    assert made(lambda: [row.state for row in admissions.of_provider(UUID(case["provider"]), [])]) == ["withdrawn"]
    assert made(lambda: db.session.get_one(Community, UUID(case["community_id"])).slug) == case["community"]


def test_only_the_registered_are_called_social_organisations(client: FlaskClient, made: Made, login: Login) -> None:
    def shops() -> dict[str, str]:
        street = factories.a_street()
        for name, form in (("登记过的协会", "social_group"), ("律所是企业", "enterprise")):
            row = factories.a_provider(street, name=name)
            row.group, row.legal_form = "social_org", form
        return {
            "street": street.slug, "clerk": factories.a_person_with_role("street_vetting", "street", street.id).token
        }  # fmt: skip

    case = made(shops)
    login(client, case["clerk"])
    every = client.get(f"/street/{case['street']}/providers").text
    assert "登记过的协会" in every
    assert "律所是企业" in every
    registered = client.get(f"/street/{case['street']}/providers?form=registered").text
    assert "登记过的协会" in registered
    assert "律所是企业" not in registered


def test_a_new_paper_of_a_running_provider_is_looked_at_by_its_street(
    client: FlaskClient, made: Made, login: Login
) -> None:
    def build() -> dict[str, str]:
        street = factories.a_street()
        provider = factories.a_provider(street, name="雁发理发店")
        stranger = factories.a_street()
        ids = [str(listings.add_paper(provider.id, "licence", JPEG, name, None)) for name in ("a.jpg", "b.jpg")]
        return {
            "at": f"/street/{street.slug}/vetting", "provider": str(provider.id), "first": ids[0], "second": ids[1],
            "clerk": factories.a_person_with_role("street_vetting", "street", street.id).token,
            "owner": factories.a_person_with_role("provider_owner", "provider", provider.id).token,
            "stranger": factories.a_person_with_role("street_vetting", "street", stranger.id).token,
            "elsewhere": f"/street/{stranger.slug}/vetting",
        }  # fmt: skip

    case = made(build)
    one = f"/{case['provider']}/papers/{case['first']}/decide"
    login(client, case["stranger"])
    assert client.post(case["elsewhere"] + one, data={"verb": "accept"}).status_code == 404
    login(client, case["clerk"])
    assert "新交的证照，等您核对" in client.get(case["at"]).text
    assert client.post(case["at"] + one, data={"verb": "accept", "reason": ""}).status_code == 303
    assert client.post(case["at"] + one, data={"verb": "accept", "reason": ""}).status_code == 409
    other = f"{case['at']}/{case['provider']}/papers/{case['second']}/decide"
    bare = client.post(other, data={"verb": "refuse", "reason": ""})
    assert bare.status_code == 422
    assert "请写明原因" in bare.text
    assert client.post(other, data={"verb": "refuse", "reason": "看不清"}).status_code == 303
    login(client, case["owner"])
    assert "看不清" in client.get("/provider/status").text


def test_an_approved_provider_goes_live_by_signing(client: FlaskClient, made: Made, login: Login) -> None:
    def build() -> tuple[str, str]:
        street = factories.a_street()
        provider = factories.a_provider(street, state="approved")
        factories.a_service(provider, street)
        return str(provider.id), factories.a_person_with_role("provider_owner", "provider", provider.id).token

    provider, owner = made(build)
    login(client, owner)
    assert "证照已通过，还没上线" in client.get("/provider/status").text
    bare = client.post("/provider/terms", data={})
    assert bare.status_code == 422
    assert "勾选" in bare.text
    assert made(_state(provider))[0] == "approved"
    assert client.post("/provider/terms", data={"agreed": "general"}).status_code == 303
    assert made(_state(provider))[0] == "active"
    assert "已签" in client.get("/provider/terms").text
