"""Providers: kinds with what each needs, places, open records for anyone to read, claims; terms frozen in an offer."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"

PUBLIC_LISTING = (
    '(service_id, provider_id, provider_slug, public_name, "group", kind, service_type, title, price_class, price, '
    "delivery_mode, places_a_month, words, demo, verified_at, confirmed_on, paused)"
)
"""What anyone may read of a listing: never the name of somebody who did not agree to be named."""


def _text(name: str) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=False, server_default="")


def _json(name: str) -> sa.Column:
    return sa.Column(name, JSONB(), nullable=False, server_default="{}")


def _moment(name: str, *, known: bool = False) -> sa.Column:
    default = sa.text("now()") if known else None
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not known, server_default=default)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _providers()
    _services()
    _open_records()
    _claims()
    op.add_column("referral_task", _json("terms"))
    op.execute("REVOKE SELECT ON listing FROM app_public")
    op.execute(f"GRANT SELECT {PUBLIC_LISTING} ON listing TO app_public")
    op.execute("GRANT SELECT ON capacity TO app_public")


def _providers() -> None:
    for column in (
        _text("legal_form"), _text("public_name"), _moment("public_consent_at"), _moment("paused_at"),
        sa.Column("paused_until", sa.Date(), nullable=True), sa.Column("confirmed_on", sa.Date(), nullable=True),
        _text("insurance_note"), sa.Column("insured_until", sa.Date(), nullable=True), _json("details"), _moment("modified_at", known=True),
    ):  # fmt: skip
        op.add_column("provider", column)
    op.create_table(
        "provider_location",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("name", "address", "city", "province", "postal_code")
        ),
        sa.Column("accessibility", JSONB(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_provider_location"),
    )
    op.create_index("ix_provider_location_provider_id", "provider_location", ["provider_id"])
    op.create_foreign_key(
        "fk_provider_location_provider_id", "provider_location", "provider", ["provider_id"], ["id"]
    )  # fmt: skip
    op.execute("GRANT SELECT, INSERT, UPDATE ON provider_location TO app_user")


def _services() -> None:
    op.add_column("provider_service", _json("terms"))
    op.add_column("provider_service", _moment("modified_at", known=True))
    op.add_column("provider_service", sa.Column("location_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        "fk_provider_service_location_id", "provider_service", "provider_location", ["location_id"], ["id"]
    )
    op.add_column("listing", sa.Column("public_name", sa.Text(), nullable=True))
    op.add_column("listing", sa.Column("confirmed_on", sa.Date(), nullable=True))
    op.add_column("listing", sa.Column("paused", sa.Boolean(), nullable=False, server_default=sa.false()))


def _open_records() -> None:
    op.create_table(
        "open_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("words", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("terms", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("minimal", "brief", "whole")),
        sa.Column("page", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_open_record"),
        sa.CheckConstraint(
            "kind IN ('organization', 'service', 'service_at_location')", name=op.f("ck_open_record_kind")
        ),
    )
    op.create_index("ix_open_record_kind", "open_record", ["kind", "id"])
    op.create_index("ix_open_record_provider_id", "open_record", ["provider_id"])
    op.create_index("ix_open_record_slug", "open_record", ["slug"])
    op.create_index("ix_open_record_words", "open_record", ["words"], postgresql_using="gin")
    op.create_index("ix_open_record_terms", "open_record", ["terms"], postgresql_using="gin")
    op.create_foreign_key("fk_open_record_provider_id", "open_record", "provider", ["provider_id"], ["id"])
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON open_record TO app_user")
    op.execute("GRANT SELECT ON open_record TO app_public")


def _claims() -> None:
    op.create_table(
        "provider_claim",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_provider_claim"),
        sa.UniqueConstraint("provider_id", "account_id", name="uq_provider_claim_provider_id_account_id"),
        sa.CheckConstraint("state IN ('asked', 'granted', 'refused')", name=op.f("ck_provider_claim_state")),
    )
    op.create_index(
        "uq_provider_claim_granted", "provider_claim", ["provider_id"], unique=True,
        postgresql_where=sa.text("state = 'granted'"),
    )  # fmt: skip
    op.create_foreign_key("fk_provider_claim_provider_id", "provider_claim", "provider", ["provider_id"], ["id"])
    op.create_foreign_key("fk_provider_claim_account_id", "provider_claim", "account", ["account_id"], ["id"])
    op.execute("GRANT SELECT, INSERT, UPDATE ON provider_claim TO app_user")


def downgrade() -> None:
    op.execute("REVOKE SELECT ON capacity FROM app_public")
    op.execute(f"REVOKE SELECT {PUBLIC_LISTING} ON listing FROM app_public")  # noqa: S608  a constant of this file
    op.drop_column("referral_task", "terms")
    op.execute("DROP TABLE provider_claim")
    op.execute("DROP TABLE open_record")
    for column in ("paused", "confirmed_on", "public_name"):
        op.drop_column("listing", column)
    op.execute("GRANT SELECT ON listing TO app_public")
    for column in ("location_id", "modified_at", "terms"):
        op.drop_column("provider_service", column)
    op.execute("DROP TABLE provider_location")
    for column in (
        "modified_at", "details", "insured_until", "insurance_note", "confirmed_on", "paused_until", "paused_at", "public_consent_at",
        "public_name", "legal_form",
    ):  # fmt: skip
        op.drop_column("provider", column)
