"""other rules, tried beside the draft

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

# Columns are added one by one: to build these tables anew would delete what points at them.
COLUMNS = (
    ("plan", "trial", "BOOLEAN DEFAULT 0 NOT NULL CONSTRAINT ck_plan_trial CHECK (NOT trial OR state = 'draft')"),
    ("plan", "rules", "JSON"),
    ("session", "floor", "BOOLEAN DEFAULT 1 NOT NULL"),
    ("job", "asked", "JSON"),
)


def _one_draft_for_each(*columns: str) -> None:
    op.drop_index('uq_plan_draft', table_name='plan')
    op.create_index('uq_plan_draft', 'plan', list(columns), unique=True, sqlite_where=sa.text("state = 'draft'"))


def upgrade() -> None:
    for table, name, kind in COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
    _one_draft_for_each('session_id', 'trial')


def downgrade() -> None:
    op.execute("DELETE FROM plan WHERE trial")
    _one_draft_for_each('session_id')
    for table, name, _kind in reversed(COLUMNS):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
