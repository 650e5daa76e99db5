"""wishes as they were typed, free words, who may be read and picked, companions, and forms that were answered

Revision ID: 0018
Revises: 0017
"""

import json

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

KINDS = "(wished_person_id IS NOT NULL) + (organisation_id IS NOT NULL) + (role IS NOT NULL) + (region_id IS NOT NULL)"
HELD = "id, person_id, position, wished_person_id, organisation_id, role, region_id"
COLUMNS = (
    "offers_words VARCHAR(120) DEFAULT '' NOT NULL",
    "seeks_words VARCHAR(120) DEFAULT '' NOT NULL",
    "shows_topics BOOLEAN DEFAULT '1' NOT NULL",
    "listed BOOLEAN DEFAULT '0' NOT NULL",
    "companion BOOLEAN DEFAULT '0' NOT NULL",
    "companion_languages JSON DEFAULT '[]' NOT NULL",
)


def _build_wishes(check: str, *more: sa.Column) -> None:
    """Build the table anew: what it checks cannot be changed otherwise."""
    op.create_table('wish_anew',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('wished_person_id', sa.Integer(), nullable=True),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('role', sa.String(length=20), nullable=True),
    sa.Column('region_id', sa.Integer(), nullable=True),
    *more,
    sa.CheckConstraint(check, name=op.f('ck_wish_one_kind')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_wish_organisation_id'),
                            ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_wish_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['region_id'], ['region.id'], name=op.f('fk_wish_region_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['wished_person_id'], ['person.id'], name=op.f('fk_wish_wished_person_id'),
                            ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_wish'))
    )
    op.execute(f"INSERT INTO wish_anew ({HELD}) SELECT {HELD} FROM wish")
    op.drop_index('ix_wish_person_id', table_name='wish')
    op.drop_table('wish')
    op.rename_table('wish_anew', 'wish')
    op.create_index('ix_wish_person_id', 'wish', ['person_id'], unique=False)


def _as_typed() -> None:
    """Let what people typed of others stand for the wishes that were made of it."""
    bind = op.get_bind()
    for row, said in bind.execute(sa.text("SELECT id, typed FROM person ORDER BY id")).all():
        typed = json.loads(said) if said else {}
        lines = [*str(typed.get("numbers") or "").split(), *typed.get("wished_organisations", ())]
        if "numbers" in typed or "wished_organisations" in typed:
            bind.execute(
                sa.text("DELETE FROM wish WHERE person_id = :row"
                        " AND (wished_person_id IS NOT NULL OR organisation_id IS NOT NULL)"), {"row": row})
            for at, line in enumerate(lines):
                bind.execute(
                    sa.text("INSERT INTO wish (person_id, position, text) VALUES (:row, :at, :line)"),
                    {"row": row, "at": at, "line": line})
            kept = {key: value for key, value in typed.items() if key == "organisation"}
            bind.execute(sa.text("UPDATE person SET typed = :kept WHERE id = :row"),
                         {"row": row, "kept": json.dumps(kept)})


def upgrade() -> None:
    for column in COLUMNS:
        op.execute(f"ALTER TABLE person ADD COLUMN {column}")
    _build_wishes(f"{KINDS} + (text IS NOT NULL) = 1", sa.Column('text', sa.String(length=200), nullable=True))
    _as_typed()
    op.create_table('answered_form',
    sa.Column('key_hash', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('turn', sa.Integer(), nullable=False),
    sa.Column('sent', sa.String(length=64), nullable=False),
    sa.Column('stamp', sa.String(length=64), nullable=False),
    sa.Column('answered_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_answered_form_person_id'),
                            ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('key_hash', name=op.f('pk_answered_form'))
    )
    op.create_index('ix_answered_form_person_id', 'answered_form', ['person_id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_answered_form_person_id', table_name='answered_form')
    op.drop_table('answered_form')
    op.execute("DELETE FROM wish WHERE text IS NOT NULL")
    _build_wishes(f"{KINDS} = 1")
    for column in reversed(COLUMNS):
        op.execute(f"ALTER TABLE person DROP COLUMN {column.split()[0]}")
