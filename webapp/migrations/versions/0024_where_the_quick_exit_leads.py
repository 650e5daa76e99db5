"""where the quick exit of a discreet event leads

Revision ID: 0024
Revises: 0023
"""

from alembic import op

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE event ADD COLUMN exit_to VARCHAR(200) DEFAULT '' NOT NULL")


def downgrade() -> None:
    op.execute("ALTER TABLE event DROP COLUMN exit_to")
