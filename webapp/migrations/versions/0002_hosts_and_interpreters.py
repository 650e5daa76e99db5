"""hosts and interpreters

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

# Columns are added one by one: to build these tables anew would delete what points at them.
SESSION = {
    "break_after": "JSON DEFAULT '[]' NOT NULL",
    "break_minutes": "INTEGER DEFAULT 15 NOT NULL"
    " CONSTRAINT ck_session_break_minutes CHECK (break_minutes BETWEEN 0 AND 240)",
    "must_attend": "BOOLEAN DEFAULT 0 NOT NULL",
    "size": "INTEGER DEFAULT 4 NOT NULL CONSTRAINT ck_session_size CHECK (size BETWEEN 2 AND 20)",
    "move": "VARCHAR(10) DEFAULT 'each' NOT NULL CONSTRAINT ck_session_move CHECK (move IN ('each', 'groups'))",
}
TABLE = ("step_free", "quiet", "power")


def upgrade() -> None:
    for name, kind in SESSION.items():
        op.execute(f"ALTER TABLE session ADD COLUMN {name} {kind}")
    for name in TABLE:
        op.execute(f"ALTER TABLE venue_table ADD COLUMN {name} BOOLEAN DEFAULT 0 NOT NULL")
    op.create_table('removed_interest',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_removed_interest'))
    )
    op.create_table('interpreter',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('latin', sa.String(length=80), nullable=False),
    sa.Column('most_in_a_row', sa.Integer(), nullable=False),
    sa.CheckConstraint('most_in_a_row BETWEEN 1 AND 100', name=op.f('ck_interpreter_most_in_a_row')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_interpreter')),
    sa.UniqueConstraint('public_id', name=op.f('uq_interpreter_public_id'))
    )
    op.create_table('interpreter_language',
    sa.Column('interpreter_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=12), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['interpreter_id'], ['interpreter.id'], name=op.f('fk_interpreter_language_interpreter_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('interpreter_id', 'code', name=op.f('pk_interpreter_language'))
    )
    op.create_table('host',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('latin', sa.String(length=80), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('note', sa.String(length=1000), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('table_name', sa.String(length=20), nullable=False),
    sa.Column('places', sa.Integer(), nullable=False),
    sa.Column('min_places', sa.Integer(), nullable=False),
    sa.Column('away', sa.JSON(), nullable=False),
    sa.CheckConstraint('min_places BETWEEN 1 AND places', name=op.f('ck_host_min_places')),
    sa.CheckConstraint('places BETWEEN 1 AND 200', name=op.f('ck_host_places')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_host_organisation_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_host_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_host_session_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_host')),
    sa.UniqueConstraint('public_id', name=op.f('uq_host_public_id')),
    sa.UniqueConstraint('session_id', 'person_id', name=op.f('uq_host_session_id_person_id'))
    )
    op.create_index('ix_host_person_id', 'host', ['person_id'], unique=False)
    op.create_index('uq_host_table', 'host', ['session_id', 'table_name'], unique=True, sqlite_where=sa.text("table_name <> ''"))
    op.create_table('interpreter_session',
    sa.Column('interpreter_id', sa.Integer(), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['interpreter_id'], ['interpreter.id'], name=op.f('fk_interpreter_session_interpreter_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_interpreter_session_session_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('interpreter_id', 'session_id', name=op.f('pk_interpreter_session'))
    )
    op.create_table('host_language',
    sa.Column('host_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=12), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['host_id'], ['host.id'], name=op.f('fk_host_language_host_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('host_id', 'code', name=op.f('pk_host_language'))
    )
    op.create_table('host_topic',
    sa.Column('host_id', sa.Integer(), nullable=False),
    sa.Column('interest_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['host_id'], ['host.id'], name=op.f('fk_host_topic_host_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['interest_id'], ['interest.id'], name=op.f('fk_host_topic_interest_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('host_id', 'interest_id', name=op.f('pk_host_topic'))
    )

def downgrade() -> None:
    op.drop_table('host_topic')
    op.drop_table('host_language')
    op.drop_table('interpreter_session')
    op.drop_index('uq_host_table', table_name='host', sqlite_where=sa.text("table_name <> ''"))
    op.drop_index('ix_host_person_id', table_name='host')
    op.drop_table('host')
    op.drop_table('interpreter_language')
    op.drop_table('interpreter')
    op.drop_table('removed_interest')
    for name in TABLE:
        op.execute(f"ALTER TABLE venue_table DROP COLUMN {name}")
    for name in SESSION:
        op.execute(f"ALTER TABLE session DROP COLUMN {name}")
