"""The contract's files as closed shapes: every key, its type and its default, and nothing else."""

import json
from datetime import datetime
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from matcher.plan import RestCode, UnmetCode
from matcher.problem import KindWish, WishKind

LATER_FORMATS = ("clinics", "stations", "circles")
ONLY_PAIRS = "this version plans 'pairs' only and does not read this key yet; leave it out"


def _later(value: object) -> None:
    """A part of the contract that this version does not do: nothing in it is fine, anything else is refused."""
    if value is not None and value != []:
        raise ValueError(ONLY_PAIRS)


def _never(value: object) -> None:
    if value is not None:
        raise ValueError(ONLY_PAIRS)


def _format(value: object) -> str:
    if value in LATER_FORMATS:
        raise ValueError(f"{value!r} is not done by this version, which plans 'pairs' only")
    if value != "pairs":
        raise ValueError(f"{short(value)} is not a format; this version plans 'pairs'")
    return "pairs"


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


Later = Annotated[None, PlainValidator(_later)]
Never = Annotated[None, PlainValidator(_never)]
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
    size: Never = None
    move: Never = None


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
    hosts: Later = None
    interpreters: Later = None
    keep_apart: tuple[Pair, ...] = ()
    met_before: tuple[Pair, ...] = ()
    locks: tuple[LockShape, ...] = ()
    chosen: Never = None
    benefits: tuple[tuple[str, str, int], ...] | None = None


class ReasonShape(Closed):
    """Why two people meet, as a code with its values."""

    code: Literal["offer_meets_need", "wish", "other_region", "same_region"]
    topic: str | None = None
    giver: str | None = Field(default=None, alias="from")
    taker: str | None = Field(default=None, alias="to")
    points: int = 0


class MeetingShape(Closed):
    """One table in one round."""

    round: int
    table: str
    people: tuple[str, ...]
    host: Never = None
    interpreter: Never = None
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
    breaks_bound: Never = None
    repeats: Never = None
    repeats_bound: Never = None
    stale_bound: Never = None


class PlanShape(Closed):
    """A plan file."""

    rondo: Version
    session: str = ""
    version: int = 1
    seed: int = 0
    meetings: tuple[MeetingShape, ...]
    rests: tuple[RestShape, ...] = ()
    unmet: tuple[UnmetShape, ...] = ()
    stale: Never = None
    quality: QualityShape


def short(value: object) -> str:
    """Show a value in at most 60 characters."""
    text = json.dumps(value, ensure_ascii=False, default=str) if not isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
