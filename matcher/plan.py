"""What is answered: meetings, rests and how good the whole is, as frozen values."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

ReasonCode = Literal["offer_meets_need", "wish", "other_region", "same_region", "given"]
RestCode = Literal["odd_number", "no_partner", "limit", "no_table"]
UnmetCode = Literal["not_possible", "no_shared_language", "away", "host_full", "clash"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of a meeting's benefit: `code`, its value in benefit points, and what it speaks of.

    "given" is a benefit that the problem gives; it stands in explanations only.
    """

    code: ReasonCode
    points: int = 0
    topic: str | None = None
    giver: str | None = None
    taker: str | None = None


@dataclass(frozen=True, slots=True)
class Meeting:
    """One table in one round: two people, a circle, or people with the host they visit.

    `language` is one that all at the table speak, None where none is known; an `interpreter` stands between sides
    that share none.
    """

    round: int
    table: str
    people: tuple[str, ...]
    benefit: int
    language: str | None = None
    reasons: tuple[Reason, ...] = ()
    starts: datetime | None = None
    host: str | None = None
    interpreter: str | None = None


@dataclass(frozen=True, slots=True)
class Rest:
    """Somebody who is there and has no table in a round, and why."""

    round: int
    person: str
    code: RestCode


@dataclass(frozen=True, slots=True)
class Unmet:
    """A wish that the plan does not grant, and why."""

    person: str
    wish: str
    code: UnmetCode


@dataclass(frozen=True, slots=True)
class Quality:
    """How good a plan is and how sure that is.

    `bound` is a proven upper bound on `benefit` over all plans that leave as few people out; `gap` is
    (bound - benefit) / bound. `lowest_satisfaction` is the worst-off person's share of the best that person could
    have had alone, and `lowest_bound` a proven upper bound on it. `seconds` is the solving time after reading.
    """

    meetings: int
    benefit: int
    bound: int
    gap: float
    lowest_satisfaction: float
    lowest_bound: float | None
    breaks: int
    table_changes: int
    seconds: float
    breaks_bound: int | None = None
    repeats: int | None = None
    repeats_bound: int | None = None
    stale_bound: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole answer for one session; `meetings` are sorted by round, then in walking order of the tables.

    `stale` names, after a repair, whose card no longer holds.
    """

    session: str
    meetings: tuple[Meeting, ...]
    rests: tuple[Rest, ...]
    unmet: tuple[Unmet, ...]
    quality: Quality
    version: int = 1
    seed: int = 0
    stale: tuple[str, ...] | None = None

    def timed(self, seconds: float) -> "Plan":
        """Return the same plan with another solving time."""
        return replace(self, quality=replace(self.quality, seconds=seconds))
