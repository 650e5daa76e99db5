"""Problem and plan files (version 1) to values and back. Text in, text out: files are opened in `cli` alone."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields
from datetime import datetime
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import ValidationError

from matcher.errors import BadFile, BadProblem
from matcher.plan import Meeting, Plan, Quality, Reason, Rest, Unmet
from matcher.problem import Chosen, Host, Interpreter, KindWish, Lock, Person, Problem, Rules, Session
from matcher.shapes import (
    ChosenShape,
    Closed,
    HostShape,
    InterpreterShape,
    LatecomersShape,
    LockShape,
    MeetingShape,
    PersonShape,
    PlanShape,
    ProblemShape,
    QualityShape,
    RestShape,
    RulesShape,
    SessionShape,
    UnmetShape,
    short,
)

Shape = TypeVar("Shape", bound=Closed)


def read_problem(text: str | bytes, *, name: str = "problem") -> Problem:
    """Read a problem file's text.

    Parameters
    ----------
    text : str or bytes
        JSON in UTF-8.
    name : str
        What errors call the text: usually the file's name.

    Raises
    ------
    BadFile
        Not UTF-8, not JSON, a key twice, an unknown key, a wrong type, or a part that this version does not do.
    BadProblem
        Values out of range, ids twice or unknown.

    Examples
    --------
    >>> read_problem('{"rondo": 1, "session": {"format": "pairs", "rounds": 2}, "people": [{"id": "p1"}]}').people[0].id
    'p1'
    >>> read_problem('{"rondo": 1, "session": {"format": "pairs", "rounds": 2}, "people": [{"id": "p1", "age": 7}]}')
    Traceback (most recent call last):
    matcher.errors.BadFile: problem: people[0] ('p1'): unknown key 'age'
    """
    told = _read(ProblemShape, text, name)
    try:
        return Problem(
            session=Session(**_values(told.session)),
            people=tuple(Person(**_values(person)) for person in told.people),
            rules=Rules(**_values(told.rules)),
            keep_apart=told.keep_apart,
            met_before=told.met_before,
            locks=tuple(Lock(**_values(lock)) for lock in told.locks),
            benefits=told.benefits,
            hosts=tuple(Host(**_values(host)) for host in told.hosts),
            interpreters=tuple(Interpreter(**_values(one)) for one in told.interpreters),
            chosen=None if told.chosen is None else tuple(Chosen(**_values(one)) for one in told.chosen),
        )
    except BadProblem as error:
        raise type(error)(f"{name}: {error}") from None


def read_plan(text: str | bytes, *, name: str = "plan") -> Plan:
    """Read a plan file's text; it may still break every rule of its problem, which `breaches` tells.

    Raises
    ------
    BadFile
        As in `read_problem`.
    """
    told = _read(PlanShape, text, name)
    meetings = tuple(
        Meeting(**_values(one) | {"reasons": tuple(Reason(**_values(r)) for r in one.reasons)}) for one in told.meetings
    )
    return Plan(
        session=told.session,
        meetings=meetings,
        rests=tuple(Rest(**_values(rest)) for rest in told.rests),
        unmet=tuple(Unmet(**_values(unmet)) for unmet in told.unmet),
        quality=Quality(**_values(told.quality)),
        version=told.version,
        seed=told.seed,
        stale=told.stale,
    )


def read_latecomers(
    text: str | bytes, *, name: str = "people"
) -> tuple[tuple[Person, ...], tuple[tuple[str, str, int], ...]]:
    """Read people who come late, and what it is worth that they meet others, as rows (id, id, benefit).

    A list of people as in a problem, each with a key `benefits` of rows [other id, benefit] if need be; or an object
    with such a list under `people` and rows [id, id, benefit] under `benefits`.

    Raises
    ------
    BadFile
        As in `read_problem`.

    Examples
    --------
    >>> people, benefits = read_latecomers('[{"id": "p9", "benefits": [["p1", 300]]}]')
    >>> people[0].id, benefits
    ('p9', (('p9', 'p1', 300),))
    """
    data, clean = _json(text, name)
    if isinstance(data, list):
        data, clean = {"people": data}, f'{{"people": {clean}}}'
    if not isinstance(data, dict):
        raise BadFile(f"{name}: holds {short(data)} where a list of people is expected")
    told = _validated(LatecomersShape, data, clean, name)
    own = tuple((one.id, other, value) for one in told.people for other, value in one.benefits)
    return tuple(Person(**_values(one, "benefits")) for one in told.people), told.benefits + own


def write_problem(problem: Problem) -> str:
    """Write a problem file's text; defaults are left out, the same problem gives the same text.

    Examples
    --------
    >>> print(write_problem(Problem(Session(rounds=2), (Person("p1"), Person("p2", away=frozenset({2}))))), end="")
    {
      "rondo": 1,
      "session": {"rounds": 2, "format": "pairs"},
      "people": [
        {"id": "p1"},
        {"id": "p2", "away": [2]}
      ]
    }
    """
    data = {
        "rondo": 1,
        "session": _told(problem.session) | {"format": problem.session.format},
        "rules": _told(problem.rules),
        "people": [_told(person) for person in problem.people],
        "hosts": [_told(host) for host in problem.hosts],
        "interpreters": [_told(one) for one in problem.interpreters],
        "keep_apart": problem.keep_apart,
        "met_before": problem.met_before,
        "locks": [_told(lock) for lock in problem.locks],
        "benefits": problem.benefits,
    }
    kept = {key: value for key, value in data.items() if key in ("rondo", "session", "people") or value}
    if problem.chosen is not None:
        kept["chosen"] = [_told(one) for one in problem.chosen]
    return lay_out(kept if problem.benefits is None else kept | {"benefits": problem.benefits})


def write_plan(plan: Plan) -> str:
    """Write a plan file's text: one meeting, rest or unmet wish a line; the same plan gives the same text."""
    figures = {field.name: getattr(plan.quality, field.name) for field in fields(Quality)}
    quality = {name: value for name, value in figures.items() if value is not None or name == "lowest_bound"}
    data = {
        "rondo": 1,
        "session": plan.session,
        "version": plan.version,
        "seed": plan.seed,
        "meetings": [_meeting(meeting) for meeting in plan.meetings],
        "rests": [{"round": rest.round, "person": rest.person, "code": rest.code} for rest in plan.rests],
        "unmet": [{"person": unmet.person, "wish": unmet.wish, "code": unmet.code} for unmet in plan.unmet],
        "quality": quality,
    }
    if plan.stale is not None:
        data["stale"] = plan.stale
    return lay_out(data)


def write_benefits(rows: Iterable[tuple[str, str, int]]) -> str:
    """Write benefits as a list that can stand under `benefits` in a problem file, one pair a line."""
    return _rows([list(row) for row in rows], "") + "\n"


def _meeting(meeting: Meeting) -> dict[str, object]:
    told: dict[str, object] = {
        "round": meeting.round,
        "table": meeting.table,
        "people": meeting.people,
        "host": meeting.host,
        "benefit": meeting.benefit,
        "language": meeting.language,
        "reasons": [told_reason(reason) for reason in meeting.reasons],
        "starts": _plain(meeting.starts),
    }
    return told if meeting.interpreter is None else told | {"interpreter": meeting.interpreter}


def told_reason(reason: Reason) -> dict[str, object]:
    """Return a reason as it stands in files."""
    parts = {"code": reason.code, "topic": reason.topic, "from": reason.giver, "to": reason.taker}
    return {key: value for key, value in parts.items() if value is not None} | {"points": reason.points}


def _told(value: Session | Rules | Person | Lock | Host | Interpreter | Chosen) -> dict[str, object]:
    """Every field that is not at its default."""
    pairs = [(field, getattr(value, field.name)) for field in fields(value)]
    return {field.name: _plain(own) for field, own in pairs if field.default is MISSING or own != field.default}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, KindWish):
        return {value.kind: value.value}
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def lay_out(data: Mapping[str, object]) -> str:
    """Lay an object out as JSON: one line for each key, and for each item of a list."""
    lines = [
        f'  "{key}": {_rows(value, "  ") if isinstance(value, list | tuple) else _line(value)}'
        for key, value in data.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _rows(items: Iterable[object], indent: str) -> str:
    lines = [f"{indent}  {_line(item)}" for item in items]
    return "[\n" + ",\n".join(lines) + f"\n{indent}]" if lines else "[]"


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _values(told: Closed, *without: str) -> dict[str, Any]:
    return {key: value for key, value in told if key not in without}


def _read(shape: type[Shape], text: str | bytes, name: str) -> Shape:
    data, clean = _json(text, name)
    if not isinstance(data, dict):
        raise BadFile(f"{name}: holds {short(data)} where an object with the key 'rondo' is expected")
    return _validated(shape, data, clean, name)


def _validated(shape: type[Shape], data: Mapping[str, object], clean: str, name: str) -> Shape:
    try:
        return shape.model_validate_json(clean)
    except ValidationError as error:
        raise BadFile(f"{name}: {_sentence(error, data)}") from None


def _json(text: str | bytes, name: str) -> tuple[object, str]:
    """Parse strictly: UTF-8, no key twice, no NaN, no lone surrogate, no bottomless nesting."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            twice = next(key for at, (key, _) in enumerate(pairs) if key in dict(pairs[:at]))
            raise BadFile(f"{name}: the key {short(twice)} stands twice in one object; keep one")
        return found

    def refuse(constant: str) -> None:
        raise BadFile(f"{name}: {constant} is not a number that JSON knows; write a plain number")

    try:
        clean = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        data = json.loads(clean, object_pairs_hook=once, parse_constant=refuse)
        if "\\ud" in clean.lower() or isinstance(text, str):
            json.dumps(data, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        raise BadFile(f"{name}: is not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except UnicodeEncodeError:
        raise BadFile(f"{name}: holds half a character (a lone surrogate, \\ud800 to \\udfff); write it anew") from None
    except json.JSONDecodeError as error:
        raise BadFile(f"{name}: is not JSON at line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise BadFile(f"{name}: is nested too deeply for a file of this kind") from None
    except ValueError:
        raise BadFile(f"{name}: holds a number that is too long to be read") from None
    return data, clean


def _sentence(error: ValidationError, data: Mapping[str, object]) -> str:
    """Turn the first complaint into a sentence: where, and what is wrong there."""
    first = error.errors(include_url=False)[0]
    kind, place, value = first["type"], first["loc"], first["input"]
    if kind == "missing" and isinstance(place[-1], int):
        where, says = _where(place[:-1], data), f"{short(value)} has too few items"
    elif kind in ("extra_forbidden", "missing"):
        key = str(place[-1])
        where = _where(place[:-1], data)
        says = _unknown(key, place) if kind == "extra_forbidden" else f"the key {key!r} is missing"
    else:
        where = _where(place, data)
        says = _SAYINGS.get(kind, _as_told)(first["msg"], short(value))
    return f"{where}: {says}" if where else says


def _as_told(message: str, value: str) -> str:
    return f"{value}: {message[0].lower()}{message[1:]}"


_SAYINGS: dict[str, Callable[[str, str], str]] = {
    "value_error": lambda message, _: message.removeprefix("Value error, "),
    "json_invalid": lambda message, _: "is nested too deeply" if "recursion" in message else message,
    "literal_error": lambda message, value: f"{value} is not {message.removeprefix('Input should be ')}",
    "int_type": lambda _, value: f"{value} is not a whole number",
    "int_from_float": lambda _, value: f"{value} is not a whole number",
    "float_type": lambda _, value: f"{value} is not a number",
    "string_type": lambda _, value: f"{value} is not a text",
    "bool_type": lambda _, value: f"{value} is neither true nor false",
    "tuple_type": lambda _, value: f"{value} is not a list",
    "frozen_set_type": lambda _, value: f"{value} is not a list",
    "too_long": lambda _, value: f"{value} has too many items",
    "model_type": lambda _, value: f"{value} is not an object",
}


def _unknown(key: str, place: tuple[int | str, ...]) -> str:
    known = _keys_at(place[:-1])
    near = get_close_matches(key, known, n=1)
    return f"unknown key {short(key)}" + (f"; is {near[0]!r} meant?" if near else "")


def _keys_at(place: tuple[int | str, ...]) -> list[str]:
    shapes: dict[str, type[Closed]] = {
        "session": SessionShape, "rules": RulesShape, "people": PersonShape, "locks": LockShape,
        "hosts": HostShape, "interpreters": InterpreterShape, "chosen": ChosenShape,
        "meetings": MeetingShape, "rests": RestShape, "unmet": UnmetShape, "quality": QualityShape,
    }  # fmt: skip
    return list((shapes[str(place[0])] if place else ProblemShape).model_fields)


def _where(place: tuple[int | str, ...], data: Mapping[str, object]) -> str:
    """Write a place as people[3] ('p4').away[0]."""
    text = ""
    here: object = data
    for step in place:
        if isinstance(step, int):
            here = here[step] if isinstance(here, list) and step < len(here) else None
            name = here.get("id") if isinstance(here, dict) else None
            text += f"[{step}]" + (f" ({name!r})" if isinstance(name, str) else "")
        else:
            here = here.get(step) if isinstance(here, dict) else None
            text += f".{step}" if text else step
    return text
