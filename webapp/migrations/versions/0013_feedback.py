"""what people say of their meetings

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('feedback',
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('round_no', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('changes', sa.Integer(), nullable=False),
    sa.CheckConstraint("kind IN ('useful', 'not_useful', 'not_met')", name=op.f('ck_feedback_kind')),
    sa.CheckConstraint('round_no >= 1', name=op.f('ck_feedback_round')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_feedback_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_feedback_session_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('session_id', 'round_no', 'person_id', name=op.f('pk_feedback'))
    )
    op.create_index('ix_feedback_person_id', 'feedback', ['person_id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_feedback_person_id', table_name='feedback')
    op.drop_table('feedback')
