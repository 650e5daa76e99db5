"""when a sign-in was last confirmed, which files with names were taken out, and files that hold a whole event

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('taken_out',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('what', sa.String(length=40), nullable=False),
    sa.Column('made_at', sa.DateTime(), nullable=False),
    sa.Column('made_by', sa.String(length=80), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_taken_out'))
    )
    op.execute('ALTER TABLE sign_in ADD COLUMN confirmed_at DATETIME')
    op.execute('ALTER TABLE waiting_file ADD COLUMN whole BOOLEAN DEFAULT 0 NOT NULL')


def downgrade() -> None:
    op.execute('ALTER TABLE waiting_file DROP COLUMN whole')
    op.execute('ALTER TABLE sign_in DROP COLUMN confirmed_at')
    op.drop_table('taken_out')
