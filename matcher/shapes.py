"""The contract's files as closed shapes: every key, its type and its default, and nothing else."""

import json
from datetime import datetime
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from matcher.plan import ReasonCode, RestCode, UnmetCode
from matcher.problem import Format, KindWish, WishKind


def _format(value: object) -> str:
    if value not in get_args(Format):
        raise ValueError(f"{short(value)} is not a format; there are {', '.join(get_args(Format))}")
    return str(value)


def _version(value: object) -> int:
    if value != 1 or isinstance(value, bool | float):
        raise ValueError(f"{short(value)} is not a version that can be read; write 1")
    return 1


def _tables(value: object) -> int | tuple[str, ...] | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, list) and all(isinstance(name, str) and name for name in value):
        return tuple(value)
    raise ValueError(f"{short(value)} is neither a whole number nor a list of table names")


def _wish(value: object) -> str | KindWish:
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and len(value) == 1:
        ((kind, wanted),) = value.items()
        if kind in get_args(WishKind) and isinstance(wanted, str):
            return KindWish(kind, wanted)
    raise ValueError(
        f'{short(value)} is neither an id nor one of {{"organisation": …}}, {{"role": …}}, {{"region": …}}'
    )


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(f"{short(value)} is not a time with its zone, as in 2013-06-19T14:00:00+07:00")
    return moment


def _some(value: object) -> object:
    if value == "":
        raise ValueError("is empty")
    return value


Version = Annotated[int, PlainValidator(_version)]
Moment = Annotated[datetime | None, PlainValidator(_moment)]
Name = Annotated[str, BeforeValidator(_some)]
Pair = tuple[str, str]


class Closed(BaseModel):
    """A shape without any other keys."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class SessionShape(Closed):
    """The timed frame of a session."""

    id: str = ""
    title: str = ""
    format: Annotated[str, PlainValidator(_format)]
    start: Moment = None
    rounds: int
    round_minutes: int = 6
    change_minutes: int = 2
    tables: Annotated[int | tuple[str, ...] | None, PlainValidator(_tables)] = None
    size: int = 4
    move: Literal["each", "groups"] = "each"


class RulesShape(Closed):
    """Who may meet whom, and how often."""

    same_organisation: Literal["apart", "allow"] = "apart"
    shared_language: bool = True
    regions: Literal["mix", "same", "any"] = "any"
    limit: int | None = None


class PersonShape(Closed):
    """A participant with profile, absences and wishes."""

    id: Name
    name: str = ""
    organisation: str | None = None
    role: str | None = None
    regions: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    seeks: tuple[str, ...] = ()
    side: str | None = None
    away: frozenset[int] = frozenset()
    limit: int | None = None
    wishes: tuple[Annotated[str | KindWish, PlainValidator(_wish)], ...] = ()
    first_time: bool = False
    seated: bool = False


def _gains(value: object) -> tuple[tuple[str, int], ...]:
    rows = list(value.items()) if isinstance(value, dict) else value
    whole = isinstance(rows, list) and all(
        isinstance(row, list | tuple) and len(row) == 2 and isinstance(row[0], str) and type(row[1]) is int
        for row in rows
    )
    if not whole or not isinstance(rows, list):
        raise ValueError(f'{short(value)} is not a list of [id, benefit], as in [["p7", 300]]')
    return tuple((row[0], row[1]) for row in rows)


class LatecomerShape(PersonShape):
    """A participant who comes late, with the benefit of meeting others."""

    benefits: Annotated[tuple[tuple[str, int], ...], PlainValidator(_gains)] = ()


class LatecomersShape(Closed):
    """Those who come late, and rows of benefits as in a problem."""

    rondo: Version = 1
    people: tuple[LatecomerShape, ...]
    benefits: tuple[tuple[str, str, int], ...] = ()


class HostShape(Closed):
    """A specialist with a clinic, or a tool with its table."""

    id: Name
    name: str = ""
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    organisation: str | None = None
    places: int = 1
    min_places: int = 1
    away: frozenset[int] = frozenset()
    table: Name | None = None


class InterpreterShape(Closed):
    """Somebody who shares a language with each side."""

    id: Name
    languages: tuple[str, ...] = ()
    away: frozenset[int] = frozenset()
    most_in_a_row: int = 3


class ChosenShape(Closed):
    """A meeting agreed beforehand."""

    people: Pair
    rounds: tuple[int, ...] | None = None


class LockShape(Closed):
    """A meeting that must stand."""

    round: int
    table: Name | None = None
    people: tuple[str, ...]


class ProblemShape(Closed):
    """A problem file."""

    rondo: Version
    session: SessionShape
    rules: RulesShape = Field(default_factory=RulesShape)
    people: tuple[PersonShape, ...] = ()
    hosts: tuple[HostShape, ...] = ()
    interpreters: tuple[InterpreterShape, ...] = ()
    keep_apart: tuple[Pair, ...] = ()
    met_before: tuple[Pair, ...] = ()
    locks: tuple[LockShape, ...] = ()
    chosen: tuple[ChosenShape, ...] | None = None
    benefits: tuple[tuple[str, str, int], ...] | None = None


class ReasonShape(Closed):
    """Why two people meet, as a code with its values."""

    code: ReasonCode
    topic: str | None = None
    giver: str | None = Field(default=None, alias="from")
    taker: str | None = Field(default=None, alias="to")
    points: int = 0


class MeetingShape(Closed):
    """One table in one round."""

    round: int
    table: str
    people: tuple[str, ...]
    host: str | None = None
    interpreter: str | None = None
    benefit: int
    language: str | None = None
    reasons: tuple[ReasonShape, ...] = ()
    starts: Moment = None


class RestShape(Closed):
    """Who rests in a round, and why."""

    round: int
    person: str
    code: RestCode


class UnmetShape(Closed):
    """A wish that is not met, and why."""

    person: str
    wish: str
    code: UnmetCode


class QualityShape(Closed):
    """How good a plan is, with its bounds."""

    meetings: int
    benefit: int
    bound: int
    gap: float
    lowest_satisfaction: float
    lowest_bound: float | None = None
    breaks: int
    table_changes: int
    seconds: float
    breaks_bound: int | None = None
    repeats: int | None = None
    repeats_bound: int | None = None
    stale_bound: int | None = None


class PlanShape(Closed):
    """A plan file."""

    rondo: Version
    session: str = ""
    version: int = 1
    seed: int = 0
    meetings: tuple[MeetingShape, ...]
    rests: tuple[RestShape, ...] = ()
    unmet: tuple[UnmetShape, ...] = ()
    stale: tuple[str, ...] | None = None
    quality: QualityShape


def short(value: object) -> str:
    """Show a value in at most 60 characters."""
    text = json.dumps(value, ensure_ascii=False, default=str) if not isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
