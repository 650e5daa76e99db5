"""who is visited, and who interprets

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("host", "interpreter"):
        op.execute(f"ALTER TABLE meeting ADD COLUMN {name} VARCHAR(32)")


def downgrade() -> None:
    for name in ("host", "interpreter"):
        op.execute(f"ALTER TABLE meeting DROP COLUMN {name}")
