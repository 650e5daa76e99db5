"""After a meeting: how people are reached, with whom they would exchange that, and what they note for themselves."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Row

REACH_LENGTH, NOTE_LENGTH = 300, 500


class Contact(Row):
    """How to reach somebody, in lines of their own; read by those alone with whom both said yes, once that is opened.

    `by_desk`: it was typed from a card, by somebody who does not see what stands here.
    """

    __tablename__ = "contact"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[str] = mapped_column(String(REACH_LENGTH))
    by_desk: Mapped[bool] = mapped_column(default=False)


class ContactAnswer(Row):
    """Whether somebody would exchange contacts with whom they met in a session; their own word, whatever it meets.

    `by_card`: they ticked it on paper.
    """

    __tablename__ = "contact_answer"

    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    yes: Mapped[bool]
    by_card: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        CheckConstraint("person_id <> partner_id", name="two"),
        Index("ix_contact_answer_person_id", "person_id"),
        Index("ix_contact_answer_partner_id", "partner_id"),
    )


class MeetingNote(Row):
    """What somebody noted of their meeting in one round, for themselves alone."""

    __tablename__ = "meeting_note"

    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), primary_key=True)
    round_no: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[str] = mapped_column(String(NOTE_LENGTH))

    __table_args__ = (
        CheckConstraint("round_no >= 1", name="round"),
        Index("ix_meeting_note_person_id", "person_id"),
    )
