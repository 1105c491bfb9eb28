"""A 台账 is asked for and approved; a change that waits says which file or sweep told it; rounds
put families on the home-visit list; a building says which import named it. What the platform keeps of communities has policies too: who is known where, what one
asked another, how headers were read.
"""

import sqlalchemy as sa
from alembic import op

from migrations.rights import drop, secure

revision = "0015"
down_revision = "0014"

HERE = "nullif(current_setting('app.community_id', true), '')::uuid"
STREET = "nullif(current_setting('app.mapping_street', true), '')::uuid"
ASKED = "id_hash = decode(nullif(current_setting('app.known_hash', true), ''), 'hex')"
"""One number at a time may be looked for in the registers of others."""
POLICIES = {
    "known_person": (
        ("scope_r", "SELECT", f"USING (scope_id = {HERE} OR {ASKED})"),
        ("scope_c", "INSERT", f"WITH CHECK (scope_id = {HERE})"),
        ("scope_d", "DELETE", f"USING (scope_id = {HERE})"),
    ),
    "known_question": (
        ("scope_r", "SELECT", f"USING (asker_scope = {HERE} OR other_scope = {HERE})"),
        ("scope_c", "INSERT", f"WITH CHECK (asker_scope = {HERE})"),
        ("scope_u", "UPDATE", f"USING (other_scope = {HERE}) WITH CHECK (other_scope = {HERE})"),
    ),
    "import_mapping": (
        ("scope_r", "SELECT", f"USING (made_by = {HERE} OR street_id = {STREET})"),
        ("scope_c", "INSERT", f"WITH CHECK (made_by = {HERE})"),
        ("scope_u", "UPDATE", f"USING (made_by = {HERE}) WITH CHECK (made_by = {HERE})"),
    ),
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "ledger_request",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("courtyard_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_post", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_post", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_why", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_ledger_request"),
        sa.CheckConstraint(
            "state IN ('open', 'approved', 'refused', 'withdrawn', 'taken')", name=op.f("ck_ledger_request_state")
        ),
    )
    op.create_index("ix_ledger_request_state", "ledger_request", ["tenant_id", "state", "asked_at"])
    op.create_foreign_key(
        "fk_ledger_request_tenant_id_courtyard_id", "ledger_request", "courtyard", ["tenant_id", "courtyard_id"],
        ["tenant_id", "id"],
    )  # fmt: skip
    secure("ledger_request")
    _sources("'survey', 'sweep', 'round'")
    op.add_column("building", sa.Column("import_id", sa.Uuid(), nullable=True))
    op.add_column("change_request", sa.Column("source_id", sa.Uuid(), nullable=True))
    op.create_index("ix_change_request_source", "change_request", ["tenant_id", "source_id"])
    for table, policies in POLICIES.items():
        op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
        op.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
        for name, act, rule in policies:
            op.execute(f'CREATE POLICY {name} ON "{table}" FOR {act} TO app_user, app_owner {rule}')


def _sources(codes: str) -> None:
    """Where a family of the home-visit list may come from; checked without holding up writers."""
    op.execute("ALTER TABLE home_visit DROP CONSTRAINT ck_home_visit_source")
    op.execute(f"ALTER TABLE home_visit ADD CONSTRAINT ck_home_visit_source CHECK (source IN ({codes})) NOT VALID")
    op.execute("ALTER TABLE home_visit VALIDATE CONSTRAINT ck_home_visit_source")


def downgrade() -> None:
    for table, policies in POLICIES.items():
        for name, _act, _rule in policies:
            op.execute(f'DROP POLICY {name} ON "{table}"')
        op.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
        op.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
    op.drop_column("building", "import_id")
    _sources("'survey', 'sweep'")
    op.drop_index("ix_change_request_source", "change_request")
    op.drop_column("change_request", "source_id")
    drop("ledger_request")
