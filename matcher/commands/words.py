"""What the commands say: refusals on one line, and how good a plan is in one sentence."""

import click

from matcher.crowd import RIGHT, crowded
from matcher.errors import MatcherError
from matcher.plan import Plan
from matcher.problem import Problem
from matcher.refusals import lonely

MOST_NOTES = 5


class Refusal(click.ClickException):
    """A file or an option that cannot be used: one line on stderr, exit status 2."""

    exit_code = 2

    def show(self, file: object = None) -> None:  # noqa: ARG002 - click hands a file over, stderr is always right here
        """Print the sentence."""
        click.echo(f"rondo: {line(self.message)}", err=True)


class Fault(Refusal):
    """The engine broke its own rules: exit status 3, and nothing is written."""

    exit_code = 3


def located(error: MatcherError, path: object) -> str:
    """Return the error's sentence, beginning with the file it speaks of."""
    text = str(error)
    return text if text.startswith(str(path)) else f"{path}: {text}"


def tell_lonely(problem: Problem) -> None:
    """Say on stderr who can meet nobody, and why, before the work begins."""
    found = lonely(problem)
    for name, why in found[:MOST_NOTES]:
        click.echo(line(f"{name} can meet nobody: {why}"), err=True)
    if len(found) > MOST_NOTES:
        click.echo(f"{count(len(found) - MOST_NOTES, 'other')} can meet nobody", err=True)


def tell_crowded(problem: Problem) -> None:
    """Say on stderr that the tables are too few, and what would do, before the work begins."""
    crowd = crowded(problem)
    if crowd is None:
        return
    people = f"{count(crowd.people, 'person').replace('persons', 'people')} at {count(crowd.tables, 'table')}"
    if crowd.without_a_place:
        what = f"{people} have {count(crowd.places, 'place')}, so {crowd.without_a_place} of them rest in a round"
        would = [f"{count(crowd.enough_places, 'place')} at every table", count(crowd.enough_tables, "table")]
    else:
        what = f"{people} are {crowd.at_a_table} at a table, where 6 to {RIGHT} is right"
        would = [count(crowd.enough_tables, "table")]
    waves = f"{count(crowd.waves, 'wave')} of {crowd.wave} people"
    click.echo(f"{what}; {', or '.join([*would, waves])} would do", err=True)


def line(text: str) -> str:
    """Keep a sentence on one line: what an unreadable id holds is shown, not obeyed."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def count(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def summary(problem: Problem, plan: Plan) -> str:
    """Return how good a plan is, in one sentence."""
    quality, people = plan.quality, len(problem.people)
    return (
        f"{count(quality.meetings, 'meeting')} in {count(problem.session.rounds, 'round')} "
        f"for {people} {'person' if people == 1 else 'people'}, "
        f"{count(len(plan.rests), 'rest')}; "
        f"benefit {quality.benefit}, proven at most {quality.bound} (gap {quality.gap:.6f}); "
        f"the worst-off gets {quality.lowest_satisfaction:.1%} of the best possible."
    )
