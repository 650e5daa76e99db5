"""what is gone from which round on, versions that follow on others, and places of the help point

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

# Columns are added one by one: to build these tables anew would delete what points at them.
COLUMNS = (
    ("venue_table", "gone_from", "INTEGER"),
    ("host", "gone_from", "INTEGER"),
    ("interpreter_session", "gone_from", "INTEGER"),
    ("plan", "open_from", "INTEGER DEFAULT 0 NOT NULL"),
)


def _one_draft_for_each(*columns: str) -> None:
    op.drop_index('uq_plan_draft', table_name='plan')
    op.create_index('uq_plan_draft', 'plan', list(columns), unique=True, sqlite_where=sa.text("state = 'draft'"))


def upgrade() -> None:
    for table, name, kind in COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
    _one_draft_for_each('session_id', 'trial', 'open_from')
    op.create_table('help_place',
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('round_no', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('table_name', sa.String(length=20), nullable=False),
    sa.Column('host', sa.String(length=32), nullable=True),
    sa.Column('made_at', sa.DateTime(), nullable=False),
    sa.Column('made_by', sa.String(length=80), nullable=False),
    sa.CheckConstraint("kind IN ('pair', 'third', 'visit', 'staff')", name=op.f('ck_help_place_kind')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_help_place_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_help_place_session_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('session_id', 'round_no', 'person_id', name=op.f('pk_help_place'))
    )
    with op.batch_alter_table('help_place', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_help_place_person_id'), ['person_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('help_place', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_help_place_person_id'))
    op.drop_table('help_place')
    op.execute("DELETE FROM plan WHERE open_from > 0 AND state = 'draft'")
    _one_draft_for_each('session_id', 'trial')
    for table, name, _kind in reversed(COLUMNS):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
