"""What every migration that makes a table of a community says of it: row security, its policy, the rights of the app."""

from alembic import op

HERE = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::int"
"""Rows of the community in force."""
VISIBLE = "tenant_id = ANY (string_to_array(nullif(current_setting('app.visible_tenants', true), ''), ',')::int[])"
"""Rows of the communities that the level above sees."""
DEMO = "NOT demo OR coalesce(current_setting('app.demo', true), '') = 'on'"
"""Sample rows stand only in a database marked as a demo."""


def secure(*tables: str, append_only: tuple[str, ...] = ()) -> None:
    """Force row security on new tables of a community; `append_only` may be added to and read, never changed."""
    for table in tables:
        rights = "SELECT, INSERT" if table in append_only else "SELECT, INSERT, UPDATE, DELETE"
        op.execute(f'GRANT {rights} ON "{table}" TO app_user')
        op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
        op.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
        op.execute(f'CREATE POLICY tenant_rw ON "{table}" TO app_user, app_owner USING ({HERE}) WITH CHECK ({HERE})')


def public(table: str, columns: str = "") -> None:
    """Let public pages read a table, or some columns of it, of the community in force: never a person's."""
    op.execute(f'GRANT SELECT {columns} ON "{table}" TO app_public')
    op.execute(f'CREATE POLICY public_r ON "{table}" FOR SELECT TO app_public USING ({HERE})')


def overseen(table: str, columns: str = "") -> None:
    """Let the level above read a table, or some columns of it, of its communities: numbers, never a person."""
    op.execute(f'GRANT SELECT {columns} ON "{table}" TO app_overseer')
    op.execute(f'CREATE POLICY overseer_r ON "{table}" FOR SELECT TO app_overseer USING ({VISIBLE})')


def drop(*tables: str) -> None:
    """Undo: remove tables, the last made first."""
    for table in reversed(tables):
        op.execute(f'DROP TABLE "{table}" CASCADE')
