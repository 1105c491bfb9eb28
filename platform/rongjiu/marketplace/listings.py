"""What a provider writes about itself: shop, papers, services. Nothing of it is public before its street says yes."""

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from rongjiu import audit, cash, codes, files, pinyin
from rongjiu.clock import now, today
from rongjiu.crypto import PLATFORM, blind
from rongjiu.db import Scope, db, scoped
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace import requirements, rules
from rongjiu.marketplace.models import Provider, ProviderPaper
from rongjiu.marketplace.service import publish
from rongjiu.tenancy import service as tenancy
from rongjiu.tenancy.models import Membership, Street

EDITABLE = ("draft", "applied", "under_review", "approved", "active", "expired")


@dataclass(frozen=True, slots=True)
class Shop:
    """Who the provider is, as typed."""

    name: str
    group: str
    kind: str
    uscc: str
    phone: str
    contact: str
    address: str
    intro: str
    street_id: UUID
    legal_form: str = ""


def begin(account_id: UUID, *, invited_by: str = "", demo: bool = False) -> UUID:
    """The unfinished registration of an account, made when there is none; its maker becomes the owner."""
    open_draft = db.session.scalar(
        select(Provider.id)
        .join(Membership, Membership.scope_id == Provider.id)
        .where(Membership.account_id == account_id, Membership.scope_kind == "provider", Membership.ends_at.is_(None))
        .where(Provider.state == "draft")
        .order_by(Provider.created_at)
        .limit(1)
    )
    if open_draft:
        return open_draft
    row = Provider(
        id=uuid7(), slug=f"new-{secrets.token_hex(4)}", name="", group="company", kind="other", state="draft",
        invited_by=invited_by[:64], created_at=now(), demo=demo,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    tenancy.join(account_id, "provider", row.id, "provider_owner")
    audit.record("provider.begin", "provider", row.id)
    return row.id


def save_shop(provider_id: UUID, shop: Shop) -> None:
    """Keep who the provider is. Name, code and street stand still once it was vetted.

    Raises Refused at the field: a credit code that fails GB 32100-2015 or belongs to another provider, a number that
    is no telephone, an unknown street.
    """
    row = editable(provider_id)
    if row.state not in ("approved", "active"):
        _identify(row, shop)
    try:
        row.phone = codes.phone(shop.phone)
    except codes.CodeError as error:
        raise Refused(str(error), field="phone") from error
    row.phone_index = blind(row.phone, PLATFORM, "phone")
    cash.refuse(f"{shop.intro} {shop.address}", "intro")
    row.contact, row.address, row.intro, row.kind = shop.contact, shop.address, shop.intro, shop.kind
    row.modified_at = now()
    audit.record("provider.shop", "provider", provider_id)
    published(row)


def _identify(row: Provider, shop: Shop) -> None:
    form = shop.legal_form or rules.USUAL_FORM.get(shop.group, "")
    if form and form not in rules.LEGAL_FORMS or (form == "natural_person") != (shop.group == "individual"):
        raise Refused("法律形式和上面选的不一致:自然人只能是爱心个人。请重新选。", field="legal_form")
    cash.refuse(shop.name, "name")
    row.name, row.group, row.legal_form = shop.name, shop.group, form
    row.uscc = _credit_code(row.id, shop)
    if db.session.scalar(select(Street.id).where(Street.id == shop.street_id)) is None:
        raise Refused("请选店铺所在的街道。", field="street")
    row.street_id = shop.street_id
    if row.slug.startswith("new-"):
        row.slug = f"p-{secrets.token_hex(4)}" if shop.group == "individual" else _slug(shop.name)


def _credit_code(provider_id: UUID, shop: Shop) -> str | None:
    if shop.group == "individual" or not shop.uscc:
        if shop.group in rules.NO_CODE:
            return None
        raise Refused("请照营业执照或登记证书填 18 位代码。", field="uscc")
    try:
        code = codes.credit_code(shop.uscc)
    except codes.CodeError as error:
        raise Refused(str(error), field="uscc") from error
    other = select(Provider.id).where(Provider.uscc == code, Provider.id != provider_id, Provider.state != "denied")
    if db.session.scalar(other):
        raise Refused("这个代码已经登记过。请用原来的账号登录;不是您登记的,请打街道电话。", field="uscc")
    return code


def _slug(name: str) -> str:
    base = pinyin.key(name)[:40] or "shop"
    taken = set(db.session.scalars(select(Provider.slug).where(Provider.slug.startswith(base, autoescape=True))))
    return next(slug for slug in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken)


def save_details(provider_id: UUID, details: dict[str, Any]) -> None:
    """Keep what the provider's kind needs (requirements.NEEDS); raises Refused at the first field that is missing."""
    row = editable(provider_id)
    wanted = requirements.need(row.group, row.kind).fields
    kept = {code: details[code] for code in wanted if details.get(code) not in (None, "", False)}
    for code in requirements.lacking_fields(row.group, row.kind, kept):
        raise Refused("请填写这一项", field=code)
    row.details, row.modified_at = kept, now()
    audit.record("provider.details", "provider", provider_id, fields=sorted(kept))
    published(row)


def save_insurance(provider_id: UUID, note: str, until: date | None) -> None:
    """Keep which insurance covers a volunteer team and until when; raises Refused at the field."""
    row = editable(provider_id)
    if until is not None and until < today():
        raise Refused("这份保险已经到期,请写续保后的日期。", field="insured_until")
    if until is not None and not note.strip():
        raise Refused("请写保险公司和保单号。", field="insurance_note")
    row.insurance_note, row.insured_until = note.strip()[:200], until
    audit.record("provider.insurance", "provider", provider_id, until=str(until or ""))
    published(row)


def show_in_public(provider_id: UUID, name: str, agreed: bool) -> None:
    """An individual agrees to appear under a name of its choice, or takes that back: then it appears nowhere, at once.

    Raises Refused naming `public_name` when none is given or it may be a telephone, or for an organisation.
    """
    row = editable(provider_id)
    if row.group != "individual":
        raise Refused("单位都用登记的名称公开,不用另取名字。")
    if agreed and not 2 <= len(name) <= 20:
        raise Refused("请写 2 到 20 个字的称呼,例如 热心李阿姨。", field="public_name")
    if agreed and any(sign.isdigit() for sign in name):
        raise Refused("称呼里不要写数字,电话不公开。", field="public_name")
    cash.refuse(name if agreed else "", "public_name")
    row.public_name = name if agreed else ""
    row.public_consent_at = (row.public_consent_at or now()) if agreed else None
    row.modified_at = now()
    audit.record("provider.public", "provider", provider_id, agreed=agreed)
    published(row)


def add_paper(provider_id: UUID, kind: str, content: bytes, filename: str, ends_on: date | None) -> UUID:
    """Keep a photograph or PDF of a paper with its end date; raises Refused at `file` or `ends_on`."""
    provider = editable(provider_id)
    if kind not in rules.PAPERS:
        raise Refused("请选这是什么证照。", field="kind")
    if ends_on is not None and ends_on < today():
        raise Refused("这份证照已经到期,请上传换过的新证。", field="ends_on")
    cash.refuse_picture(content, "file")
    file_id = files.save(content, filename, owner_kind="provider", owner_id=provider_id)
    row = ProviderPaper(
        id=uuid7(), provider_id=provider_id, kind=kind, ends_on=ends_on, file_id=file_id, state="waiting"
    )
    db.session.add(row)
    db.session.flush()
    audit.record("provider.paper", "provider", provider_id, paper=kind)
    published(provider)
    return row.id


def open_paper(provider_id: UUID, paper_id: UUID) -> tuple[str, str, bytes]:
    """Name, type and content of a paper of this provider; raises Absent for any other. Papers lie outside communities."""
    file_id = db.session.scalar(
        select(ProviderPaper.file_id).where(ProviderPaper.id == paper_id, ProviderPaper.provider_id == provider_id)
    )
    if file_id is None:
        raise Absent
    with scoped(Scope()):
        return files.load(file_id)


def drop_paper(provider_id: UUID, paper_id: UUID) -> None:
    """Take a paper back; twice changes nothing. Raises Refused once papers were vetted with it."""
    row = editable(provider_id)
    if row.state != "draft":
        raise Refused("已经提交审核的证照不能撤掉,可以再上传一份新的。")
    found = db.session.execute(
        delete(ProviderPaper)
        .where(ProviderPaper.id == paper_id, ProviderPaper.provider_id == provider_id)
        .returning(ProviderPaper.file_id)
    ).one_or_none()
    if found is not None:
        audit.record("provider.paper.drop", "provider", provider_id)


def editable(provider_id: UUID) -> Provider:
    """The provider, locked, if it may write about itself now; raises Refused, Absent."""
    row = db.session.scalar(select(Provider).where(Provider.id == provider_id).with_for_update())
    if row is None:
        raise Absent("没有这家服务方。")
    if row.state not in EDITABLE:
        raise Refused("现在不能修改。请打负责审核的街道电话。")
    return row


def published(row: Provider) -> None:
    """What an active provider changed stands in its listings at once."""
    if row.state == "active":
        publish(row.id)
