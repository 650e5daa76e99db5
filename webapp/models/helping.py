"""Helpers: who ticks people in for one session, and the invitations by which they come."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Row
from webapp.models.people import new_public_id, utc_now
from webapp.models.programme import Session


class Helper(Row):
    """Somebody who ticks people in for one session, in one browser, until `ends_at` or until they are ended.

    Only a hash of the cookie's id is kept. The name is nobody else's, so that it says who ticked.
    """

    __tablename__ = "helper"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    cookie_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    session: Mapped[Session] = relationship()

    __table_args__ = (Index("ix_helper_session_id", "session_id"),)

    def is_in(self, now: datetime) -> bool:
        """Return whether they may still tick at `now` (UTC, without a zone)."""
        return self.ended_at is None and now < self.ends_at


class Invitation(Row):
    """Lets one helper in, once: by a link (128 bits and more) or by a typed code, each kept as a hash."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    finder: Mapped[str] = mapped_column(String(4), index=True)
    secret_hash: Mapped[str] = mapped_column(String(200))
    expires_at: Mapped[datetime]

    session: Mapped[Session] = relationship()

    __table_args__ = (Index("ix_invitation_session_id", "session_id"),)
