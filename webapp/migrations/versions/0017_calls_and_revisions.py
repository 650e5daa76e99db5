"""whom the big screen calls, rounds that wait for the desk, and which state of who is visited somebody changes

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('standby_call',
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('host', sa.String(length=32), nullable=False),
    sa.Column('round_no', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('table_name', sa.String(length=20), nullable=False),
    sa.Column('made_at', sa.DateTime(), nullable=False),
    sa.Column('made_by', sa.String(length=80), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_standby_call_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_standby_call_session_id'),
                            ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('session_id', 'host', name=op.f('pk_standby_call'))
    )
    op.create_index('ix_standby_call_person_id', 'standby_call', ['person_id'], unique=False)
    op.execute("ALTER TABLE run ADD COLUMN waiting BOOLEAN DEFAULT 0 NOT NULL")
    op.execute("ALTER TABLE host ADD COLUMN revision INTEGER DEFAULT 0 NOT NULL")
    op.execute("ALTER TABLE interpreter ADD COLUMN revision INTEGER DEFAULT 0 NOT NULL")


def downgrade() -> None:
    op.execute("ALTER TABLE interpreter DROP COLUMN revision")
    op.execute("ALTER TABLE host DROP COLUMN revision")
    op.execute("ALTER TABLE run DROP COLUMN waiting")
    op.drop_index('ix_standby_call_person_id', table_name='standby_call')
    op.drop_table('standby_call')
