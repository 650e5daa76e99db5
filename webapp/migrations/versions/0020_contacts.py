"""after a meeting: how people are reached, with whom they would exchange that, and their own notes

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('contact',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=300), nullable=False),
    sa.Column('by_desk', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_contact_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_contact'))
    )
    op.create_table('contact_answer',
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('partner_id', sa.Integer(), nullable=False),
    sa.Column('yes', sa.Boolean(), nullable=False),
    sa.Column('by_card', sa.Boolean(), nullable=False),
    sa.CheckConstraint('person_id <> partner_id', name=op.f('ck_contact_answer_two')),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_contact_answer_session_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_contact_answer_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['partner_id'], ['person.id'], name=op.f('fk_contact_answer_partner_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('session_id', 'person_id', 'partner_id', name=op.f('pk_contact_answer'))
    )
    op.create_index('ix_contact_answer_person_id', 'contact_answer', ['person_id'], unique=False)
    op.create_index('ix_contact_answer_partner_id', 'contact_answer', ['partner_id'], unique=False)
    op.create_table('meeting_note',
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('round_no', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=500), nullable=False),
    sa.CheckConstraint('round_no >= 1', name=op.f('ck_meeting_note_round')),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_meeting_note_session_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_meeting_note_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('session_id', 'round_no', 'person_id', name=op.f('pk_meeting_note'))
    )
    op.create_index('ix_meeting_note_person_id', 'meeting_note', ['person_id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_meeting_note_person_id', table_name='meeting_note')
    op.drop_table('meeting_note')
    op.drop_index('ix_contact_answer_partner_id', table_name='contact_answer')
    op.drop_index('ix_contact_answer_person_id', table_name='contact_answer')
    op.drop_table('contact_answer')
    op.drop_table('contact')
