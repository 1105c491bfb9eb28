"""Between review and going live: terms signed, papers that a person looks at, results that reach the applicant."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from rongjiu import crypto
from rongjiu.clock import today
from rongjiu.db import db
from rongjiu.errors import Clash, Refused
from rongjiu.identity.models import Account
from rongjiu.marketplace import claims, jobs, keeping, listings, offers, papers, vetting
from rongjiu.marketplace.models import Listing, OpenRecord, Provider, ProviderPaper, ProviderService
from rongjiu.marketplace.papers import may_meet_children
from rongjiu.notify.models import Message
from rongjiu.outbox import PlatformOutbox
from rongjiu.tenancy.models import Street
from rongjiu.tenancy.queries import Place
from tests import factories

JPEG = b"\xff\xd8\xff\xe0" + b"0" * 64


def _place(street: Street) -> Place:
    return Place("street", street.id, street.slug, street.name)


def _applied(street: Street, kind: str = "barber", **details: object) -> UUID:
    provider = factories.a_provider(street, state="draft", uscc="91610103MA6TESTX1X", phone_index=b"x")
    provider.kind, provider.details = kind, details
    listings.add_paper(provider.id, "licence", JPEG, "a.jpg", None)
    factories.a_service(provider, street)
    vetting.hand_in(provider.id)
    return provider.id


def _reachable(account: Account) -> UUID:
    """An account with a telephone."""
    account.phone = f"138{factories.number():08d}"
    account.phone_index = crypto.blind(account.phone, crypto.PLATFORM, "phone")
    db.session.flush()
    return account.id


def _state(provider_id: UUID) -> str:
    return db.session.get_one(Provider, provider_id).state


def _listed(provider_id: UUID) -> int:
    count = select(func.count()).select_from(Listing).where(Listing.provider_id == provider_id)
    return db.session.scalar(count) or 0


def _open(provider_id: UUID) -> int:
    count = select(func.count()).select_from(OpenRecord).where(OpenRecord.provider_id == provider_id)
    return db.session.scalar(count) or 0


def _told(kind: str) -> list[str]:
    rows = db.session.scalars(select(PlatformOutbox.payload).where(PlatformOutbox.kind == kind))
    return [str(row.get("what", "")) for row in rows]


def test_approved_becomes_active_with_the_signature(inside: None) -> None:
    street = factories.a_street()
    made = _applied(street)
    vetting.approve(made, _place(street))
    assert (_state(made), _listed(made)) == ("approved", 0)
    with pytest.raises(Refused, match="有人办过"):
        vetting.approve(made, _place(street))
    vetting.sign(made, [])
    assert _state(made) == "approved"
    vetting.sign(made, ["general", "no_sales", "nonsense"])
    assert (_state(made), _listed(made)) == ("active", 1)
    vetting.sign(made, ["general"])
    assert _state(made) == "active"


def test_approved_without_a_service_waits_for_the_first(inside: None) -> None:
    street = factories.a_street()
    made = _applied(street)
    (service,) = db.session.scalars(select(ProviderService).where(ProviderService.provider_id == made))
    service.state = "stopped"
    vetting.sign(made, ["general"])
    vetting.approve(made, _place(street))
    assert _state(made) == "approved"
    offer = offers.Offer("home-haircut", "上门理发", "free", "at_home", 8, (street.id,))
    offers.save_service(made, offer)
    assert (_state(made), _listed(made)) == ("active", 1)


def test_lectures_are_listed_only_after_the_promise_to_sell_nothing(inside: None) -> None:
    street = factories.a_street()
    made = _applied(street, "academy", seats=30, no_sales=True)
    vetting.sign(made, ["general"])
    vetting.approve(made, _place(street))
    assert _state(made) == "approved", "the general terms alone are not enough"
    assert _open(made) == 0
    vetting.sign(made, ["no_sales"])
    assert (_state(made), _listed(made)) == ("active", 1)
    barber = factories.a_provider(street)
    factories.a_service(barber, street)
    assert _listed(barber.id) == 1
    barber.kind = "school"
    offer = offers.Offer("home-haircut", "上门理发", "free", "at_home", 8, (street.id,))
    (service,) = db.session.scalars(select(ProviderService.id).where(ProviderService.provider_id == barber.id))
    offers.save_service(barber.id, offer, service)
    assert _open(barber.id) == 0, "nor in the open data"
    assert _listed(barber.id) == 0, "a kind that is changed later signs before it is listed again"
    vetting.sign(barber.id, ["no_sales"])
    assert _listed(barber.id) == 1
    assert _open(barber.id) > 0


def test_a_new_paper_counts_once_a_person_has_looked_at_it(inside: None) -> None:
    street = factories.a_street()
    provider = factories.a_provider(street)
    provider.group = "volunteer_team"
    made = listings.add_paper(provider.id, "child_check", JPEG, "a.jpg", today() + timedelta(days=300))
    assert not may_meet_children(provider.id)
    assert [row.id for row in papers.waiting(street.id)] == [made]
    with pytest.raises(Refused) as caught:
        papers.decide(provider.id, made, accepted=False, reason=" ")
    assert caught.value.field == "reason"
    papers.decide(provider.id, made, accepted=True)
    assert may_meet_children(provider.id)
    assert papers.waiting(street.id) == []
    with pytest.raises(Clash):
        papers.decide(provider.id, made, accepted=False, reason="晚了")
    second = listings.add_paper(provider.id, "licence", JPEG, "b.jpg", None)
    papers.decide(provider.id, second, accepted=False, reason="看不清")
    assert db.session.get_one(ProviderPaper, second).reason == "看不清"
    assert set(_told("provider_told")) >= {"paper_accepted", "paper_refused"}


def test_clerks_hear_of_papers_that_end_once_for_each_step(inside: None) -> None:
    street = factories.a_street()
    provider = factories.a_provider(street)
    clerk = _reachable(factories.a_person_with_role("street_vetting", "street", street.id).account)
    made = listings.add_paper(provider.id, "licence", JPEG, "a.jpg", today() + timedelta(days=20))
    papers.decide(provider.id, made, accepted=True)
    keeping.nightly()
    keeping.nightly()
    assert len(_told("vetting_told")) == 1
    jobs.vetting_told({"street_id": str(street.id), "key": "k"})
    jobs.vetting_told({"street_id": str(street.id), "key": "k"})
    sent = db.session.scalars(select(Message.text).where(Message.account_id == clerk)).all()
    assert sent == [jobs.ENDING]
    newer = listings.add_paper(provider.id, "licence", JPEG, "b.jpg", None)
    assert [row.id for row in papers.ending(street.id)] == [made], "a paper nobody has looked at renews nothing"
    papers.decide(provider.id, newer, accepted=True)
    assert papers.ending(street.id) == []


def test_what_became_of_a_claim_reaches_both_who_asked(inside: None) -> None:
    street = factories.a_street()
    provider = factories.a_provider(street)
    first, second = (
        _reachable(factories.a_person_with_role("secretary", "community", street.id).account) for _ in range(2)
    )
    for account in (first, second):
        claims.ask(provider.id, account, "我是店主")
    (claim, *_rest) = claims.waiting(street.id)
    claims.decide(claim.id, _place(street), granted=True, reason="电话核实")
    assert sorted(_told("claim_told")) == ["granted", "refused"]
    jobs.claim_told({"account_id": str(first), "what": "granted", "key": "c1"})
    sent = db.session.scalars(select(Message.text).where(Message.account_id == first)).all()
    assert sent == [jobs.CLAIMS["granted"]]
