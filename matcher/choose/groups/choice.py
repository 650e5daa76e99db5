"""Fixed groups that go round the hosts as a block: who is in which group, and who of it is seated in each round.

A group is its start: in round t it is at the t-th host after it, clockwise. Groups and seats are one whole-number
programme. First come the numbers of visits, one level after the other; where everybody can have all the visits that any
group offers them, that is settled at once, and whole paths are chosen instead of seats. Then the worst-off, then the
benefit, then even groups.
"""

from dataclasses import dataclass

from matcher.choose.groups.exact import Answers
from matcher.choose.groups.floor import lift_lowest
from matcher.choose.groups.listed import Listed
from matcher.choose.groups.lowest import highest, lift
from matcher.choose.groups.paths import Paths
from matcher.choose.groups.search import SMALL, Search
from matcher.choose.stations.graph import Ints, VisitGraph
from matcher.errors import NotPossible
from matcher.solver import NEVER, Deadline

EVENNESS = 0.0005
WIDTHS = (0, 1, 2, 4, 8)


@dataclass(frozen=True, slots=True)
class Grouping:
    """Who is where in which round, and what no groups that leave as few people out can exceed.

    Attributes
    ----------
    at : (n, R) int
        The host of everybody's open visits, -1 for none.
    bound : int
        On the benefit, locked visits included.
    lowest_bound : float
        On the lowest satisfaction.
    """

    at: Ints
    bound: int
    lowest_bound: float


def choose_groups(graph: VisitGraph, *, floor: bool, deadline: Deadline = NEVER) -> Grouping:
    """Make up groups, and seat them.

    Parameters
    ----------
    graph : VisitGraph
        What is open once the locks stand.
    floor : bool
        Raise the lowest satisfaction, for at most 1 % of the total benefit; even groups cost 0.05 % at most.
    deadline : Deadline
        After it no further improvement is begun.

    Raises
    ------
    NotPossible
        The locks of a person are not on the way of one group, or leave a host with too few people.
    """
    paths = Paths(graph)
    _refuse_stray(paths)
    search = Search(paths.seating(full=True), deadline)
    if not search.begin():
        found = _listed(paths, floor=floor, deadline=deadline)
        if found is not None:
            return found
        search = Search(paths.seating(full=False), deadline)
        if not search.begin():
            raise NotPossible(
                "locks: no groups were found that bring every host enough people; lower min_places or remove a lock"
            )
        search.fill()
    bound = search.most()
    top = search.highest()
    if floor and not deadline.over():
        lift_lowest(search, top)
    if not deadline.over():
        _even(search)
    return Grouping(search.seating.at(search.x), bound, top)


def _listed(paths: Paths, *, floor: bool, deadline: Deadline) -> Grouping | None:
    """Choose among all ways, where these are few enough for a list and not so few that seats are asked to the end."""
    if deadline.over() or not Listed.few(paths) or paths.seating(full=False).size <= SMALL:
        return None
    answers = Answers(Listed(paths), deadline)
    if not answers.fill():
        return None
    bound = answers.most()
    top = highest(answers)
    if floor and not deadline.over():
        top = lift(answers, top)
    return Grouping(answers.at(), bound, top)


def _refuse_stray(paths: Paths) -> None:
    for one in paths.graph.guests:
        if not paths.starts[list(one.people)].any(1).all():
            raise NotPossible(
                f"locks: in round {one.round + 1} somebody is locked to a host whom their group does not meet then; "
                'remove a lock, or let session.move be "each"'
            )


def _even(search: Search) -> None:
    """Let the sizes of groups differ as little as 0.05 % of the benefit allows."""
    if search.start is not None or not search.seating.size:
        return
    least = (1 - EVENNESS) * search.total(search.x)
    people, groups = search.seating.members(search.x)
    for width in WIDTHS:
        search.sizes = max(people // groups - width, 0), -(-people // groups) + width
        found = search.ask(search.seating.gain)
        if found is not None and search.total(found[0]) >= least:
            search.x = found[0]
            return
        if search.deadline.over():
            return
