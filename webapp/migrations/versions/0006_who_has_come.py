"""who has come, and for which rounds

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('attendance',
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('first_round', sa.Integer(), nullable=False),
    sa.Column('last_round', sa.Integer(), nullable=True),
    sa.Column('instead_of_id', sa.Integer(), nullable=True),
    sa.Column('changed_at', sa.DateTime(), nullable=False),
    sa.Column('changed_by', sa.String(length=80), nullable=False),
    sa.CheckConstraint("state IN ('here', 'late', 'absent')", name=op.f('ck_attendance_state')),
    sa.CheckConstraint('first_round >= 1', name=op.f('ck_attendance_first_round')),
    sa.CheckConstraint('last_round >= 0', name=op.f('ck_attendance_last_round')),
    sa.CheckConstraint("state <> 'absent' OR last_round IS NOT NULL", name=op.f('ck_attendance_absent')),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_attendance_session_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_attendance_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['instead_of_id'], ['person.id'], name=op.f('fk_attendance_instead_of_id'),
                            ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('session_id', 'person_id', name=op.f('pk_attendance'))
    )
    with op.batch_alter_table('attendance', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_attendance_person_id'), ['person_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('attendance', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_attendance_person_id'))
    op.drop_table('attendance')
