"""which meetings stay when one plans again

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE meeting ADD COLUMN locked BOOLEAN DEFAULT 0 NOT NULL")


def downgrade() -> None:
    op.execute("ALTER TABLE meeting DROP COLUMN locked")
