"""What the commands say: refusals on one line, and how good a plan is in one sentence."""

import click

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
