"""Those who accompany: teams (小雁), volunteers, whom they are paired with, and who goes on which visit."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, PERSONAL, SECRET, SENSITIVE, WORK, Base, TenantRow, field, within

STATES = ("applied", "invited", "active", "refused", "ended")
SEATS = ("open", "taken", "came", "no_show", "closed")


class VolunteerTeam(TenantRow, Base):
    """A team with its lead and its insurance; without a valid insurance nobody of it is sent to a home."""

    __tablename__ = "volunteer_team"
    name: Mapped[str] = field(WORK)
    lead_id: Mapped[UUID | None] = field(KEY)
    """Account of the lead."""
    insurance: Mapped[str] = field(WORK, default="")
    """Who insures, number of the policy."""
    insured_until: Mapped[date | None] = field(WORK)
    started_at: Mapped[datetime] = field(WORK)
    ended_at: Mapped[datetime | None] = field(WORK)


class Volunteer(TenantRow, Base):
    """applied → invited → active (vetted until a day) | refused; ended. Pledge and quiz come before the first visit."""

    __tablename__ = "volunteer"
    __table_args__ = (
        within("volunteer_team", "team_id"),
        Index("uq_volunteer_phone", "tenant_id", "phone_index", unique=True),
        Index("uq_volunteer_account", "tenant_id", "account_id", unique=True),
        Index("ix_volunteer_state", "tenant_id", "state"),
        CheckConstraint(f"state IN {STATES}", name="state"),
    )
    team_id: Mapped[UUID | None] = field(KEY)
    account_id: Mapped[UUID | None] = field(KEY)
    name: Mapped[str] = field(PERSONAL, Sealed("volunteer", "name"))
    called: Mapped[str] = field(PERSONAL)
    """What the team calls this person; the only name that other volunteers see."""
    phone: Mapped[str] = field(PERSONAL, Sealed("volunteer", "phone"))
    phone_index: Mapped[bytes] = field(SECRET, LargeBinary)
    state: Mapped[str] = field(WORK, default="applied")
    kin: Mapped[str] = field(WORK)
    """yes | no: has relatives among those who are helped here (亲属回避)."""
    applied_at: Mapped[datetime] = field(WORK)
    pledged_at: Mapped[datetime | None] = field(WORK)
    quiz_at: Mapped[datetime | None] = field(WORK)
    """When the training quiz was passed."""
    quiz_score: Mapped[int] = field(WORK, default=0)
    quiz_tries: Mapped[int] = field(WORK, default=0)
    checked: Mapped[list[str]] = field(WORK, JSONB, default=list)
    """What was looked at when vetting: id_seen | talked | no_record."""
    vetted_at: Mapped[datetime | None] = field(WORK)
    vetted_by: Mapped[UUID | None] = field(KEY)
    vetted_post: Mapped[str] = field(WORK, default="")
    vetted_until: Mapped[date | None] = field(WORK)
    children: Mapped[bool] = field(WORK, default=False)
    """Vetted for homes with children under 14."""
    reason: Mapped[str | None] = field(SENSITIVE, Sealed("volunteer", "reason"))
    """Why refused or ended."""
    drops: Mapped[int] = field(WORK, default=0)
    no_shows: Mapped[int] = field(WORK, default=0)
    ended_at: Mapped[datetime | None] = field(WORK)


class Pairing(TenantRow, Base):
    """A volunteer who goes to one household as a rule (结对)."""

    __tablename__ = "pairing"
    __table_args__ = (
        within("case_file", "case_id"),
        within("volunteer", "volunteer_id"),
        Index(
            "uq_pairing_open", "tenant_id", "case_id", "volunteer_id", unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_pairing_volunteer", "tenant_id", "volunteer_id"),
    )  # fmt: skip
    case_id: Mapped[UUID] = field(KEY)
    volunteer_id: Mapped[UUID] = field(KEY)
    from_on: Mapped[date] = field(WORK)
    kin_checked: Mapped[bool] = field(WORK, default=False)
    made_by: Mapped[UUID | None] = field(KEY)
    ended_at: Mapped[datetime | None] = field(WORK)


class VisitSeat(TenantRow, Base):
    """A place on one visit: open → taken → came | no_show; closed with the visit. A visit for two has two."""

    __tablename__ = "visit_seat"
    __table_args__ = (
        within("visit", "visit_id"),
        within("volunteer", "volunteer_id"),
        UniqueConstraint("tenant_id", "visit_id", "seq", name="uq_visit_seat"),
        Index("ix_visit_seat_volunteer", "tenant_id", "volunteer_id", "state"),
        CheckConstraint(f"state IN {SEATS}", name="state"),
    )
    visit_id: Mapped[UUID] = field(KEY)
    seq: Mapped[int] = field(WORK)
    volunteer_id: Mapped[UUID | None] = field(KEY)
    state: Mapped[str] = field(WORK, default="open")
    taken_at: Mapped[datetime | None] = field(WORK)
    arrived_at: Mapped[datetime | None] = field(WORK)
    minutes: Mapped[int] = field(WORK, default=0)
    swap_to: Mapped[UUID | None] = field(KEY)
    """The volunteer who was asked to go instead and has not answered."""
    approved_at: Mapped[datetime | None] = field(WORK)
    """When the lead confirmed the hours."""
    approved_by: Mapped[UUID | None] = field(KEY)
