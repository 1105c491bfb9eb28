"""Terms that somebody signs for a provider before anything of it is listed (requirements.TERMS)."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from rongjiu import audit
from rongjiu.actor import current_actor
from rongjiu.clock import now
from rongjiu.db import db, telling
from rongjiu.ids import uuid7
from rongjiu.marketplace import requirements
from rongjiu.marketplace.models import Signature
from rongjiu.marketplace.queries import Line


def stamp(code: str) -> str:
    """Terms with their version, as they are kept: no_sales-1."""
    return f"{code}-{requirements.VERSION}"


def sign(provider_id: UUID, codes: Collection[str]) -> None:
    """Write down who agreed to which terms and when; the first signature stays."""
    with telling(provider_id=provider_id):
        for code in codes:
            made = db.session.scalar(
                insert(Signature)
                .values(
                    id=uuid7(), provider_id=provider_id, terms=stamp(code), account_id=current_actor().account_id,
                    signed_at=now(),
                )
                .on_conflict_do_nothing()
                .returning(Signature.id)
            )  # fmt: skip
            if made is not None:
                audit.record("provider.sign", "provider", provider_id, terms=stamp(code))


def signed(provider_id: UUID) -> list[Line]:
    """What was signed: terms, signed_at."""
    rows = select(Signature.terms, Signature.signed_at).where(Signature.provider_id == provider_id)
    return list(db.session.execute(rows))


def unsigned(provider_id: UUID, group: str, kind: str) -> tuple[str, ...]:
    """Codes of terms that wait for a signature."""
    known = {row.terms for row in signed(provider_id)}
    return tuple(code for code in requirements.terms(group, kind) if stamp(code) not in known)


def listable(provider_id: UUID, group: str, kind: str) -> bool:
    """May anything be listed? What a kind promises in particular (no sales at lectures) must be signed; the general
    terms are asked for once, on the way from approved to active."""
    return not set(unsigned(provider_id, group, kind)) & set(requirements.need(group, kind).signs)
