"""Are there tables enough: how many people share one, and what would make it the right number."""

from dataclasses import dataclass

from matcher.problem import Problem
from matcher.rules import Admissibility

RIGHT = 8


@dataclass(frozen=True, slots=True)
class Crowd:
    """Too many people for the tables of a session where groups go round.

    Attributes
    ----------
    people, tables, places : int
        How many there are in the fullest round: people, hosts' tables, and places at them.
    at_a_table : int
        How many people share the fullest table where all tables are as even as can be.
    enough_tables : int
        How many tables would make it 8 people at each, and give everybody a place.
    enough_places : int
        How many places each table would need for everybody to have one.
    waves : int
        In how many waves people could come instead, one after the other.
    wave : int
        How many people are in the largest wave.
    """

    people: int
    tables: int
    places: int
    at_a_table: int
    enough_tables: int
    enough_places: int
    waves: int
    wave: int

    @property
    def without_a_place(self) -> int:
        """How many people have none in the fullest round."""
        return max(self.people - self.places, 0)


def crowded(problem: Problem) -> Crowd | None:
    """Return the fullest round of a rotation over hosts with more than 8 people at a table or too few places, or None.

    Examples
    --------
    >>> from matcher.problem import Host, Person, Session
    >>> people = tuple(Person(f"p{number}") for number in range(200))
    >>> hosts = tuple(Host(f"h{number}", places=25) for number in range(8))
    >>> crowd = crowded(Problem(Session(rounds=7, format="stations"), people, hosts=hosts))
    >>> crowd.at_a_table, crowd.enough_tables, crowd.waves, crowd.wave, crowd.without_a_place
    (25, 25, 4, 50, 0)
    """
    if problem.session.format != "stations" or not problem.visited or not problem.people:
        return None
    rules = Admissibility(problem)
    places = [host.places for host in problem.visited]
    rounds = [
        (int(rules.there[:, when].sum()), [size for size, there in zip(places, column, strict=True) if there])
        for when, column in enumerate(rules.hosts_there.T.tolist())
    ]
    people, sizes = max(rounds, key=lambda one: (max(one[0] - sum(one[1]), 0), one[0] / max(len(one[1]), 1)))
    at_a_table = -(-people // max(len(sizes), 1))
    if at_a_table <= RIGHT and people <= sum(sizes):
        return None
    takes = sum(min(size, RIGHT) for size in sizes) or RIGHT
    waves = -(-people // takes)
    each = min(RIGHT, max(sizes, default=RIGHT))
    return Crowd(people, len(sizes), sum(sizes), at_a_table, -(-people // each), at_a_table, waves, -(-people // waves))
