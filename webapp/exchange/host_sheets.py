"""Paper for those who are visited: who comes when, a list to sign up on, and what a presenter does."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from webapp.exchange.heading import clock, heading, isolated
from webapp.exchange.paper import Say, SheetHead, plainly
from webapp.exchange.press import press
from webapp.exchange.sheets import speaking
from webapp.policy import Field, shows

UNBROKEN = re.compile(r"[!-~\u00c0-\u024f]{20}(?=[!-~\u00c0-\u024f])")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who comes to a table: what they ask, or else the topics for which they come."""

    number: str
    name: str
    spelling: str = ""
    organisation: str = ""
    question: str = ""
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """One round at a table: who comes; ``note`` says why nobody does. A break of ``pause`` minutes follows it."""

    round: int
    starts: datetime
    ends: datetime
    visitors: tuple[Visitor, ...] = ()
    language: str = ""
    interpreter: str = ""
    note: str = ""
    away: bool = False
    pause: int = 0


@dataclass(frozen=True, slots=True)
class HostSheet:
    """A specialist (or a tool and who shows it) with their table and rounds; without a name once they have gone.

    It is in their ``language``, or in that of all sheets.
    """

    name: str
    spelling: str
    about: str
    table: str
    places: int
    turns: tuple[Turn, ...]
    zone: str = ""
    tool: bool = False
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Rotation:
    """How people go round the tool tables: each on a path of their own, or in fixed ``groups``."""

    rounds: int
    minutes: int
    change: int
    groups: bool = False


def host_sheets(head: SheetHead, hosts: Iterable[HostSheet], *, say: Say = plainly) -> bytes:
    """Print for each of them who comes in which round, with the question and room to write.

    A specialist has a line for each visitor; at a tool table the people of a round stand together.
    """

    def words() -> dict[str, str]:
        return _words(say) | {
            "visitor": say("Visitor"),
            "question": say("Question or topic"),
            "notes": say("Notes"),
        }

    def sheet(own: SheetHead, one: HostSheet) -> dict[str, object]:
        return _front(one, say) | {"tool": one.tool, "turns": [_turn(own, turn, say) for turn in one.turns]}

    return press("hosts.typ", _in_own_words(head, hosts, sheet, words=words, say=say), printed=head.printed)


def sign_up_sheets(head: SheetHead, hosts: Iterable[HostSheet], *, say: Say = plainly) -> bytes:
    """Print for each tool table its rounds with a numbered line for each place; who is planned stands there already.

    In discreet events people stand there by their event number alone, and nobody shows the tool, since such a list lies
    open.
    """
    named = shows("name", to="signup", preset=head.preset)
    if not shows("hosting", to="signup", preset=head.preset):
        hosts = [replace(one, name="", spelling="") if one.about else one for one in hosts]
    data = heading(head, say) | {
        "sheets": [
            _front(one, say) | {"turns": [_places(head, one, turn, say) for turn in one.turns]} for one in hosts
        ],
        "words": _words(say)
        | {
            "title": say("Sign up"),
            "how": say("Write your event number and name on a free line.")
            if named
            else say("Write your event number on a free line."),
        },
    }
    return press("signup.typ", data, printed=head.printed)


def instructions(head: SheetHead, hosts: Iterable[HostSheet], how: Rotation, *, say: Say = plainly) -> bytes:
    """Print a page for each presenter: what happens, when, and what to do when somebody has no place."""

    def words() -> dict[str, str]:
        return _words(say) | {
            "begins": say("Begins"),
            "ends": say("Ends"),
            "people": say("People"),
            "times": say("Your rounds"),
        }

    def sheet(own: SheetHead, one: HostSheet) -> dict[str, object]:
        return _front(one, say) | {
            "figures": _figures(one, how, say),
            "steps": [{"head": title, "text": text} for title, text in _steps(how, say)],
            "turns": [_turn(own, turn, say) for turn in one.turns],
            "counted": any(turn.visitors for turn in one.turns),
        }

    return press("instructions.typ", _in_own_words(head, hosts, sheet, words=words, say=say), printed=head.printed)


def _in_own_words(
    head: SheetHead,
    hosts: Iterable[HostSheet],
    sheet: Callable[[SheetHead, HostSheet], dict[str, object]],
    *,
    words: Callable[[], dict[str, str]],
    say: Say,
) -> dict[str, object]:
    """Return what a template reads where each sheet is in its holder's language: all words once for each language."""
    spoken: dict[str, dict[str, object]] = {}
    told = []
    for one in hosts:
        own = head.spoken(one.language) if one.language else head
        with speaking(one.language):
            if own.locale not in spoken:
                spoken[own.locale] = heading(own, say) | {"words": words()}
            told.append(sheet(own, one) | {"spoken": own.locale})
    return heading(head, say) | {"sheets": told, "spoken": spoken, "words": words()}


def _words(say: Say) -> dict[str, str]:
    return {
        "nobody": say("Nobody is on this list yet."),
        "table": say("Table"),
        "round": say("Round"),
        "time": say("Time"),
        "page": say("Page"),
        "destroy": say("For you alone; destroy after the session."),
    }


def _front(one: HostSheet, say: Say) -> dict[str, object]:
    """What stands on top: a tool by its title with who shows it beneath, a specialist by name."""
    who = " ".join(filter(None, (isolated(one.name), isolated(one.spelling))))
    return {
        "kind": say("Presenter") if one.tool else say("Specialist"),
        "name": isolated(one.name),
        "beneath": [words for words in (isolated(one.spelling), isolated(one.about)) if words],
        "title": isolated(one.about) or isolated(one.name),
        "shown": say("Shown by %(name)s", name=who) if one.about and who else "",
        "table": one.table,
        "zone": isolated(one.zone),
    }


def _turn(head: SheetHead, turn: Turn, say: Say) -> dict[str, object]:
    told = shows("topics", to="hosts", preset=head.preset)
    topics = Counter(topic for one in turn.visitors for topic in one.topics if told)
    return {
        "round": str(turn.round),
        "time": clock(head, turn.starts),
        "ends": clock(head, turn.ends),
        "people": say("People: %(count)s", count=len(turn.visitors)),
        "visitors": [_visitor(head, one) for one in turn.visitors],
        "language": turn.language,
        "interpreter": say("%(name)s interprets", name=isolated(turn.interpreter)) if turn.interpreter else "",
        "topics": [f"{isolated(topic)} {count}" for topic, count in topics.most_common(4)],
        "note": turn.note,
        "pause": _pause(head, turn, say),
    }


def _pause(head: SheetHead, turn: Turn, say: Say) -> str:
    if not turn.pause:
        return ""
    ends = turn.ends + timedelta(minutes=turn.pause)
    return say("Break, %(start)s to %(end)s", start=clock(head, turn.ends), end=clock(head, ends))


def _visitor(head: SheetHead, one: Visitor) -> dict[str, object]:
    def told(field: Field) -> bool:
        return shows(field, to="hosts", preset=head.preset)

    return {
        "number": one.number,
        "name": isolated(one.name),
        "spelling": isolated(one.spelling),
        "organisation": isolated(one.organisation) if told("organisation") else "",
        "question": breakable(one.question) if told("questions") else "",
        "topics": " · ".join(map(isolated, one.topics)) if told("topics") and not one.question else "",
    }


def breakable(text: str) -> str:
    """Let very long words break, so that a question stays in its column."""
    return isolated(UNBROKEN.sub(lambda found: found.group() + "\u200b", text))


def _places(head: SheetHead, one: HostSheet, turn: Turn, say: Say) -> dict[str, object]:
    named = shows("name", to="signup", preset=head.preset)
    planned = [{"number": guest.number, "name": isolated(guest.name) if named else ""} for guest in turn.visitors]
    free = 0 if turn.away else max(0, one.places - len(planned))
    return {
        "title": say("Round %(number)s", number=turn.round),
        "time": clock(head, turn.starts),
        "note": turn.note if turn.away else "",
        "lines": [*planned, *({"number": "", "name": ""} for _place in range(free))],
        "pause": _pause(head, turn, say),
    }


def _figures(one: HostSheet, how: Rotation, say: Say) -> list[dict[str, str]]:
    counts = [len(turn.visitors) for turn in one.turns if turn.visitors]
    many = (say("people a round, about"), round(sum(counts) / len(counts))) if counts else None
    told = [
        (say("rounds"), how.rounds),
        (say("minutes a round"), how.minutes),
        (say("minutes to change"), how.change),
        many or (say("people a round, at most"), one.places),
    ]
    return [{"words": words, "number": str(number)} for words, number in told]


def _steps(how: Rotation, say: Say) -> list[tuple[str, str]]:
    """What to know, the most needed first; those who go round in groups stay with their group."""
    if how.groups:
        comes = say(
            "Fixed groups go round. A whole group comes to your table, stays for a round, and goes on together."
        )
        lost = say(
            "Whoever has lost their group may stay for this round where a chair is free; "
            "afterwards they ask at the help point."
        )
    else:
        comes = say(
            "In each round different people come, each on a path of their own: their card says where they go next."
        )
        lost = say(
            "Where a chair is free, let them stay for this round. Where there is none, send them to the help point."
        )
    return [
        (say("The bell"), say("It rings when a round begins and when it ends. The big screen shows the time left.")),
        (say("Who comes to you"), comes),
        (
            say("Begin anew each time"),
            say("Nobody at your table has heard you before. Show the one thing that helps most, then let people try."),
        ),
        (say("Somebody has no place"), lost),
        (
            say("Keep to time"),
            say("Stop when the bell rings, also in the middle of a sentence: the next people are on their way."),
        ),
    ]
