"""who has left the event; reasons that speak of somebody who is gone can be taken out of a version

Revision ID: 0021
Revises: 0020
"""

from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

COLUMNS = ("id", "plan_id", "round_no", "table_name", "position", "benefit", "language", "host", "interpreter", "locked")
REASONS_ALONE = " AND ".join(
    [*(f"OLD.{name} IS NEW.{name}" for name in COLUMNS),
     "length(NEW.reasons) < length(OLD.reasons)"]
)


def _guard(but: str = "") -> None:
    op.execute("DROP TRIGGER meeting_update_only_in_draft")
    op.execute(
        "CREATE TRIGGER meeting_update_only_in_draft BEFORE UPDATE ON meeting "
        f"WHEN (SELECT state FROM plan WHERE id = OLD.plan_id) <> 'draft'{but} "
        "BEGIN SELECT RAISE(ABORT, 'a published version is never edited'); END"
    )


def upgrade() -> None:
    op.execute("ALTER TABLE person ADD COLUMN left_at DATETIME")
    _guard(f" AND NOT ({REASONS_ALONE})")


def downgrade() -> None:
    _guard()
    op.execute("ALTER TABLE person DROP COLUMN left_at")
