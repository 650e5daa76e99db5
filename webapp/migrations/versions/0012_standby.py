"""specialists whom people would like to see, and what is noted of the standby line

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('host_wish',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('host_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_host_wish_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['host_id'], ['host.id'], name=op.f('fk_host_wish_host_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('person_id', 'host_id', name=op.f('pk_host_wish'))
    )
    op.create_index('ix_host_wish_host_id', 'host_wish', ['host_id'], unique=False)
    op.create_table('standby_note',
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('round_no', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('host', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('made_at', sa.DateTime(), nullable=False),
    sa.Column('made_by', sa.String(length=80), nullable=False),
    sa.CheckConstraint("kind IN ('missing', 'passed')", name=op.f('ck_standby_note_kind')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_standby_note_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_standby_note_session_id'),
                            ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('session_id', 'round_no', 'person_id', 'host', name=op.f('pk_standby_note'))
    )
    op.create_index('ix_standby_note_person_id', 'standby_note', ['person_id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_standby_note_person_id', table_name='standby_note')
    op.drop_table('standby_note')
    op.drop_index('ix_host_wish_host_id', table_name='host_wish')
    op.drop_table('host_wish')
