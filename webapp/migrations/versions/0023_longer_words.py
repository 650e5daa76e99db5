"""longer words of the organiser in other languages: what a session is about, what a specialist says

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def _hold(most: int) -> None:
    """Build the table anew for words of this length; nothing points at it."""
    op.create_table('translation_anew',
    sa.Column('words', sa.String(length=most), nullable=False),
    sa.Column('language', sa.String(length=12), nullable=False),
    sa.Column('text', sa.String(length=most), nullable=False),
    sa.PrimaryKeyConstraint('words', 'language', name=op.f('pk_translation'))
    )
    op.execute("INSERT INTO translation_anew SELECT words, language, text FROM translation")
    op.execute("DROP TABLE translation")
    op.execute("ALTER TABLE translation_anew RENAME TO translation")


def upgrade() -> None:
    _hold(1000)


def downgrade() -> None:
    op.execute("DELETE FROM translation WHERE length(words) > 200 OR length(text) > 200")
    _hold(200)
