"""What must hold before anything is measured: on small rooms everybody keeps the rules, and the proofs agree."""

from matcher import Problem
from tests.benchmarks.judged import most_meetings
from tests.benchmarks.problems import Recipe, conference
from tests.benchmarks.race import BARE, ENGINE, Score, score
from tests.benchmarks.report import Row, Yardstick
from tests.benchmarks.rivals import RIVALS, Board

EXACT = ("networkx", "rustworkx")
SECONDS = 2.0

SMALL = {
    "benefits given": Recipe(people=14, rounds=4, seed=1),
    "profiles": Recipe(people=12, rounds=5, seed=2, given=False),
    "two sides": Recipe(people=16, rounds=3, seed=3, sides=True),
    "odd, some away": Recipe(people=15, rounds=4, seed=4, away=0.4),
    "own limits": Recipe(people=13, rounds=4, seed=5, limited=0.4),
}


def faults(rivals: list[str], *, seconds: float) -> list[str]:
    """Let all plan small rooms, each at most so long; return a sentence for each broken rule and each contradiction."""
    found = []
    for name, recipe in SMALL.items():
        problem = conference(recipe)
        found += [f"{name}: {sentence}" for sentence in _room(problem, rivals, seconds=seconds)]
    return found


def _room(problem: Problem, rivals: list[str], *, seconds: float) -> list[str]:
    scores = {who: score(problem, who, seconds=seconds) for who in (ENGINE, BARE, *rivals)}
    mark = yardstick(scores[ENGINE], scores[BARE], most_meetings(problem))
    rows = [Row(len(problem.people), who, one, mark) for who, one in scores.items()]
    found = [sentence for row in rows for sentence in row.faults()]
    found += [
        f"{who} has more meetings than can be" for who, one in scores.items() if one.meetings > mark.most_meetings
    ]
    return found + disagreement(problem, [who for who in EXACT if who in rivals])


def yardstick(engine: Score | str, bare: Score | str, most: int) -> Yardstick:
    """What the engine's two ways prove together; both are bounds, so the lower one holds."""
    proved = [one for one in (engine, bare) if isinstance(one, Score)]
    return Yardstick(
        seconds=engine.seconds if isinstance(engine, Score) else None,
        bound=min((one.bound for one in proved if one.bound is not None), default=None),
        lowest_bound=min((one.lowest_bound for one in proved if one.lowest_bound is not None), default=None),
        most_meetings=most,
        attendance=max((one.attendance for one in proved), default=()),
    )


def disagreement(problem: Problem, exact: list[str]) -> list[str]:
    """Exact matchings of the first round must have as many meetings and as much benefit, whoever finds them."""
    firsts = {}
    for who in exact:
        board = Board(problem)
        first = [spot for spot in RIVALS[who].plan(board, SECONDS) if spot[0] == 0]
        firsts[who] = len(first), sum(int(board.benefit[one, other]) for _, one, other in first)
    if len(set(firsts.values())) < 2:
        return []
    told = ", ".join(f"{who} {meetings} meetings worth {worth}" for who, (meetings, worth) in firsts.items())
    return [f"exact matchings of round 1 differ: {told}"]
