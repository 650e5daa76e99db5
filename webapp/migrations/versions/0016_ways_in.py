"""where a link stands, the turn of a person's cards, what was given out, from where a screen asked

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE link ADD COLUMN kind VARCHAR(10) DEFAULT 'link' NOT NULL")
    op.execute('ALTER TABLE person ADD COLUMN card_turn INTEGER DEFAULT 0 NOT NULL')
    op.execute("ALTER TABLE screen ADD COLUMN asked_from VARCHAR(32) DEFAULT '' NOT NULL")
    # failed tries were kept under hashes that anybody can compute
    op.execute('DELETE FROM attempt')
    op.create_table('given_out',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('what', sa.String(length=10), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.DateTime(), nullable=False),
    sa.Column('made_by', sa.String(length=80), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_given_out_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_given_out'))
    )
    op.create_index('ix_given_out_person_id', 'given_out', ['person_id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_given_out_person_id', table_name='given_out')
    op.drop_table('given_out')
    op.execute('ALTER TABLE screen DROP COLUMN asked_from')
    op.execute('ALTER TABLE person DROP COLUMN card_turn')
    # without its kind, a link that lets in once would let in again and again
    op.execute("DELETE FROM link WHERE kind = 'once'")
    op.execute('ALTER TABLE link DROP COLUMN kind')
