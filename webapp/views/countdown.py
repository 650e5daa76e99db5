"""How long it is until somebody's next round, in words, and what the page's script counts on by."""

from datetime import datetime
from typing import Any

from webapp import wording
from webapp.i18n import gettext as _
from webapp.i18n import isolate
from webapp.operations.mine.countdown import Step
from webapp.operations.mine.schedule import MyRounds

GAP = "{}"
"""Stands in the script's sentences where the time left comes."""


def counted(mine: MyRounds, now: datetime) -> dict[str, Any] | None:
    """Return what is counted, with the sentence that is true `now`; nothing where no round is to come."""
    if mine.card is None or not mine.steps:
        return None
    steps = [_told(step, of_card=step.number == mine.card.number) for step in mine.steps]
    last = {"until": None, "say": _("That was the last of these rounds."), "tag": ""}
    return {
        "at": now.astimezone(mine.event.zone),
        "say": steps[0]["say"].replace(GAP, wording.time_ahead(mine.steps[0].until - now)),
        "state": {"now": _milliseconds(now), "steps": [*steps, {**last, "aloud": last["say"]}]},
    }


def _told(step: Step, *, of_card: bool) -> dict[str, Any]:
    aloud = wording.awaited(step.number, isolate(step.table), running=step.running, when=GAP)
    say = wording.awaited_here(running=step.running, when=GAP) if of_card else aloud
    tag = "" if not of_card else "now" if step.running else "next"
    return {"until": _milliseconds(step.until), "say": say, "aloud": aloud, "tag": tag}


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
