"""files that wait to be read in, and the registration by which a person is known again

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('waiting_file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=True),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('encoding', sa.String(length=20), nullable=False),
    sa.Column('columns', sa.JSON(), nullable=False),
    sa.Column('usual_role', sa.String(length=20), nullable=False),
    sa.Column('expires_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_waiting_file_staff_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_waiting_file_session_id'),
                            ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_waiting_file')),
    sa.UniqueConstraint('public_id', name=op.f('uq_waiting_file_public_id')),
    sa.UniqueConstraint('staff_id', name=op.f('uq_waiting_file_staff_id'))
    )
    op.execute("ALTER TABLE person ADD COLUMN registration VARCHAR(120) DEFAULT '' NOT NULL")
    op.create_index('uq_person_registration', 'person', ['registration'], unique=True,
                    sqlite_where=sa.text("registration <> ''"))


def downgrade() -> None:
    op.drop_index('uq_person_registration', table_name='person')
    op.execute('ALTER TABLE person DROP COLUMN registration')
    op.drop_table('waiting_file')
