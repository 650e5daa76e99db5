"""when everything was deleted, its receipt, and signs of who was removed

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE event ADD COLUMN public_id VARCHAR(32) DEFAULT '' NOT NULL")
    op.execute("UPDATE event SET public_id = lower(hex(randomblob(16)))")
    op.execute('ALTER TABLE event ADD COLUMN deleted_at DATETIME')
    op.execute('ALTER TABLE event ADD COLUMN receipt JSON')
    op.create_table('tombstone',
    sa.Column('sign', sa.String(length=100), nullable=False),
    sa.PrimaryKeyConstraint('sign', name=op.f('pk_tombstone'))
    )


def downgrade() -> None:
    op.drop_table('tombstone')
    op.execute('ALTER TABLE event DROP COLUMN receipt')
    op.execute('ALTER TABLE event DROP COLUMN deleted_at')
    op.execute('ALTER TABLE event DROP COLUMN public_id')
