"""whom somebody need not meet, as they wrote it, and the safety contact who settles it

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

BEFORE, AFTER = "role IN ('facilitator', 'organiser')", "role IN ('facilitator', 'organiser', 'safety')"


def _staff_may_be(check: str) -> None:
    """Build the table anew with another check; what points at it would go with it, so it is kept and put back."""
    bind = op.get_bind()
    pointing = bind.execute(sa.text(
        "SELECT m.name, f.\"from\" FROM sqlite_master AS m JOIN pragma_foreign_key_list(m.name) AS f"
        " WHERE m.type = 'table' AND f.\"table\" = 'staff' ORDER BY m.name"
    )).all()
    for table, column in pointing:
        op.execute(f'CREATE TEMP TABLE "kept_{table}" AS SELECT * FROM "{table}" WHERE "{column}" IS NOT NULL')
    op.create_table('staff_anew',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=True),
    sa.Column('made_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint(check, name=op.f('ck_staff_role')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff')),
    sa.UniqueConstraint('name', name=op.f('uq_staff_name')),
    sa.UniqueConstraint('public_id', name=op.f('uq_staff_public_id'))
    )
    op.execute("INSERT INTO staff_anew SELECT id, public_id, name, role, password_hash, made_at FROM staff")
    op.execute("DROP TABLE staff")
    op.execute("ALTER TABLE staff_anew RENAME TO staff")
    for table, _column in pointing:
        op.execute(f'INSERT INTO "{table}" SELECT * FROM "kept_{table}"')
        op.execute(f'DROP TABLE "kept_{table}"')


def upgrade() -> None:
    _staff_may_be(AFTER)
    op.create_table('apart_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=200), nullable=False),
    sa.Column('settled', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_apart_entry_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_apart_entry')),
    sa.UniqueConstraint('public_id', name=op.f('uq_apart_entry_public_id'))
    )
    op.create_index(op.f('ix_apart_entry_person_id'), 'apart_entry', ['person_id'], unique=False)
    op.create_table('apart_target',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('entry_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('host_id', sa.Integer(), nullable=True),
    sa.Column('called', sa.String(length=200), nullable=False),
    sa.CheckConstraint("person_id IS NOT NULL OR called <> ''", name=op.f('ck_apart_target_someone')),
    sa.ForeignKeyConstraint(['entry_id'], ['apart_entry.id'], name=op.f('fk_apart_target_entry_id'),
                            ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_apart_target_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['host_id'], ['host.id'], name=op.f('fk_apart_target_host_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_apart_target'))
    )
    op.create_index(op.f('ix_apart_target_entry_id'), 'apart_target', ['entry_id'], unique=False)
    op.create_index(op.f('ix_apart_target_host_id'), 'apart_target', ['host_id'], unique=False)
    op.create_index(op.f('ix_apart_target_person_id'), 'apart_target', ['person_id'], unique=False)


def downgrade() -> None:
    op.drop_table('apart_target')
    op.drop_table('apart_entry')
    op.execute("DELETE FROM staff WHERE role = 'safety'")
    _staff_may_be(BEFORE)
