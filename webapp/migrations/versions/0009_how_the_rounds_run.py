"""how the rounds run, and which screens show them

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('run',
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('late_minutes', sa.Integer(), nullable=False),
    sa.Column('steps', sa.JSON(), nullable=False),
    sa.Column('started_at', sa.DateTime(), nullable=True),
    sa.Column('paused_at', sa.DateTime(), nullable=True),
    sa.Column('stopped_at', sa.DateTime(), nullable=True),
    sa.Column('changed_at', sa.DateTime(), nullable=False),
    sa.Column('changed_by', sa.String(length=80), nullable=False),
    sa.CheckConstraint('late_minutes BETWEEN 0 AND 240', name=op.f('ck_run_late_minutes')),
    sa.CheckConstraint('started_at IS NOT NULL OR (paused_at IS NULL AND stopped_at IS NULL)',
                       name=op.f('ck_run_started')),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_run_session_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('session_id', name=op.f('pk_run'))
    )
    op.create_table('screen',
    sa.Column('id_hash', sa.String(length=64), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('code', sa.String(length=6), nullable=True),
    sa.Column('session_id', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.DateTime(), nullable=False),
    sa.Column('expires_at', sa.DateTime(), nullable=False),
    sa.Column('paired_at', sa.DateTime(), nullable=True),
    sa.Column('paired_by', sa.String(length=80), nullable=False),
    sa.CheckConstraint('(code IS NULL) <> (session_id IS NULL)', name=op.f('ck_screen_one_state')),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_screen_session_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id_hash', name=op.f('pk_screen')),
    sa.UniqueConstraint('code', name=op.f('uq_screen_code')),
    sa.UniqueConstraint('public_id', name=op.f('uq_screen_public_id'))
    )
    with op.batch_alter_table('screen', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_screen_session_id'), ['session_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('screen', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_screen_session_id'))
    op.drop_table('screen')
    op.drop_table('run')
