"""Published versions of policies, drafts of the next ones, example households, dry runs; lines that a level above sets."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.rights import drop, overseen, secure

revision = "0014"
down_revision = "0013"

TABLES = ("policy_version", "policy_draft", "policy_example", "policy_trial", "policy_trial_row", "line_confirmation")


def _key() -> list[sa.Column]:
    return [
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
    ]


def _text(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _versions()
    _drafts()
    _trials()
    _lines()
    secure("policy_version", append_only=("policy_version",))
    op.execute("GRANT UPDATE (withdrawn_at, withdrawn_post) ON policy_version TO app_user")
    secure(*TABLES[1:], append_only=("line_confirmation",))
    overseen("line_confirmation", "(tenant_id, line_id, slug, at)")
    op.execute("GRANT SELECT, INSERT ON parameter_line TO app_user")
    op.execute("GRANT UPDATE (withdrawn_at, withdrawn_post) ON parameter_line TO app_user")
    overseen("policy_trial", "(tenant_id, id, slug, name_zh, name_en, as_of, total, done, counts, began_at, ended_at)")


def _versions() -> None:
    op.create_table(
        "policy_version",
        *_key(),
        *_text("slug"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=True),
        *_text("source_title", "source_number"),
        sa.Column("source_date", sa.Date(), nullable=True),
        sa.Column("restored_of", sa.Integer(), nullable=True),
        sa.Column("drafted_by", sa.Uuid(), nullable=True),
        *_text("drafted_post"),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        *_text("published_post"),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        *_text("withdrawn_post"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_policy_version"),
        sa.UniqueConstraint("tenant_id", "slug", "number", name="uq_policy_version_tenant_id_slug_number"),
    )


def _drafts() -> None:
    op.create_table(
        "policy_draft",
        *_key(),
        *_text("slug"),
        sa.Column("content", JSONB(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        *_text("source_title", "source_number"),
        sa.Column("source_date", sa.Date(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=True),
        *_text("saved_post"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_policy_draft"),
        sa.UniqueConstraint("tenant_id", "slug", name="uq_policy_draft_tenant_id_slug"),
    )
    op.create_table(
        "policy_example",
        *_key(),
        *_text("slug", "name"),
        sa.Column("facts", JSONB(), nullable=False),
        *_text("expected", "by_post"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_policy_example"),
    )
    op.create_index("ix_policy_example_slug", "policy_example", ["tenant_id", "slug"])


def _trials() -> None:
    op.create_table(
        "policy_trial",
        *_key(),
        *_text("slug", "name_zh", "name_en"),
        sa.Column("content", JSONB(), nullable=False),
        sa.Column("draft_seq", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("counts", JSONB(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_policy_trial"),
    )
    op.create_index("ix_policy_trial_slug", "policy_trial", ["tenant_id", "slug"])
    op.create_table(
        "policy_trial_row",
        *_key(),
        sa.Column("trial_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        *_text("policy_slug", "kind"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_policy_trial_row"),
        sa.UniqueConstraint(
            "tenant_id", "trial_id", "subject_id", "policy_slug", "kind",
            name="uq_policy_trial_row_subject",
        ),
        sa.CheckConstraint(
            "kind IN ('reached', 'amount', 'near', 'lost', 'unknown')", name=op.f("ck_policy_trial_row_kind")
        ),
    )  # fmt: skip
    for table, column in (("household", "household_id"), ("policy_trial", "trial_id")):
        op.create_foreign_key(
            f"fk_policy_trial_row_tenant_id_{column}", "policy_trial_row", table, ["tenant_id", column],
            ["tenant_id", "id"],
        )  # fmt: skip


def _lines() -> None:
    op.create_table(
        "parameter_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        *_text("level", "place_kind"),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        *_text("slug"),
        sa.Column("value", sa.Numeric(14, 4), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        *_text("document", "document_number"),
        sa.Column("document_date", sa.Date(), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        *_text("published_post"),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        *_text("withdrawn_post"),
        sa.PrimaryKeyConstraint("id", name="pk_parameter_line"),
        sa.CheckConstraint(
            "level IN ('nation', 'province', 'city', 'district', 'street')", name=op.f("ck_parameter_line_level")
        ),
        sa.CheckConstraint("place_kind IN ('district', 'street')", name=op.f("ck_parameter_line_place_kind")),
    )
    op.create_index("ix_parameter_line_place", "parameter_line", ["place_kind", "place_id"])
    op.create_table(
        "line_confirmation",
        *_key(),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        *_text("slug", "document_number"),
        sa.Column("document_date", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        *_text("post"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_line_confirmation"),
        sa.UniqueConstraint("tenant_id", "line_id", name="uq_line_confirmation_tenant_id_line_id"),
    )


def downgrade() -> None:
    drop(*TABLES)
    op.execute("DROP TABLE parameter_line")
