"""The clock of the rounds: a pure matter of the row, the session and the time."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.webapp import factories as make
from webapp.access import Actor
from webapp.models import Run, Session, Staff
from webapp.models.programme import Timing
from webapp.operations.plans import clock
from webapp.operations.rounds import running

BY = Actor(staff=Staff(name="anna", role="facilitator"))
OPENS = datetime(2013, 6, 19, 7, 0, tzinfo=UTC)  # 14:00 in Phnom Penh
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
LONG = timedelta(hours=3)

timings = st.builds(
    Timing,
    rounds=st.integers(1, 5),
    round_minutes=st.integers(1, 20),
    change_minutes=st.integers(0, 4),
    break_after=st.lists(st.integers(1, 5), unique=True, max_size=2),
    break_minutes=st.integers(1, 30),
)
waits = st.integers(0, 15 * 60_000).map(lambda spent: timedelta(milliseconds=spent))
presses = st.lists(st.tuples(waits, st.sampled_from(["pause", "go-on", "minute", "skip"])), max_size=8)


def room(timing: Timing | None = None) -> Session:
    """A session that is not stored, with a run that was not started."""
    timing = timing or Timing(3, 6, 2)
    session = make.session(
        rounds=timing.rounds,
        round_minutes=timing.round_minutes,
        change_minutes=timing.change_minutes,
        break_after=list(timing.break_after),
        break_minutes=timing.break_minutes,
    )
    session.event = make.event()
    session.run = Run(revision=0, late_minutes=0, steps=[])
    return session


def press(session: Session, verb: str, now: datetime) -> bool:
    """Press without a database."""
    return running.VERBS[verb](session, session.run, now)


def started(timing: Timing | None = None, at: datetime = OPENS) -> Session:
    """A session whose rounds were started."""
    session = room(timing)
    assert press(session, "start", at)
    return session


def pressed(timing: Timing, sequence: list[tuple[timedelta, str]]) -> tuple[Session, datetime]:
    """A session in which all this was pressed, and the time of the last press."""
    session, now = started(timing), OPENS
    for wait, verb in sequence:
        now += wait
        press(session, verb, now)
    return session, now


@given(timings)
def test_phases_are_the_programme_s_own_times(timing: Timing) -> None:
    phases = clock.phases_of(clock.steps_of(timing), OPENS)
    assert phases[0].starts == OPENS
    assert all(one.ends == other.starts for one, other in pairwise(phases))
    rounds = [phase for phase in phases if phase.kind == "round"]
    assert [phase.number for phase in rounds] == list(range(1, timing.rounds + 1))
    assert [phase.starts - OPENS for phase in rounds] == [timing.before(phase.number) for phase in rounds]
    assert phases[-1].ends - OPENS == timing.length


@given(timings, presses, waits)
def test_one_phase_at_every_moment_whatever_was_pressed(
    timing: Timing, sequence: list[tuple[timedelta, str]], wait: timedelta
) -> None:
    session, now = pressed(timing, sequence)
    phases = clock.phases(session.run)
    assert all(one.starts <= one.ends for one in phases)
    assert all(one.ends == other.starts for one, other in pairwise(phases))
    found = clock.position(session, now + wait)
    holding = [phase for phase in phases if phase.starts <= found.at < phase.ends]
    assert [(phase.kind, phase.number) for phase in holding] == (
        [] if found.kind == "over" else [(found.kind, found.number)]
    )
    assert clock.begun(session, now + wait) == sum(
        phase.kind == "round" and phase.starts <= found.at for phase in phases
    )


@given(timings, presses, waits, waits)
def test_a_pause_holds_everything_and_costs_its_own_length(
    timing: Timing, sequence: list[tuple[timedelta, str]], wait: timedelta, long: timedelta
) -> None:
    session, now = pressed(timing, sequence)
    if clock.position(session, now).state == "paused":
        press(session, "go-on", now)
    before = clock.position(session, now)
    done = press(session, "pause", now)
    assert done == (before.kind != "over")
    if done:
        assert clock.position(session, now + wait).left == before.left
        end = clock.phases(session.run)[-1].ends
        assert press(session, "go-on", now + long)
        assert clock.position(session, now + long).left == before.left
        assert clock.phases(session.run)[-1].ends == end + long


@given(timings, presses, waits)
def test_a_minute_more_is_a_minute_and_skip_leads_to_the_next(
    timing: Timing, sequence: list[tuple[timedelta, str]], wait: timedelta
) -> None:
    session, now = pressed(timing, sequence)
    now += wait
    before, phases = clock.position(session, now), clock.phases(session.run)
    for verb in ("minute", "skip"):
        assert press(session, verb, now) == (before.kind != "over")
        if before.kind == "over":
            return
        after = clock.position(session, now)
        if verb == "minute":
            assert (after.left, after.kind, after.number) == (before.left + MINUTE, before.kind, before.number)
            assert clock.phases(session.run)[-1].ends == phases[-1].ends + MINUTE
    following = [(one.kind, one.number) for one in phases if one.starts >= before.ends] or [("over", timing.rounds)]
    assert (after.kind, after.number) == following[0]
    assert after.kind == "over" or after.left == next(
        one.ends - one.starts for one in phases if one.starts >= before.ends
    )


@given(st.permutations(["minute", "minute", "pause", "go-on"]))
def test_the_order_of_presses_does_not_matter_to_the_end(order: list[str]) -> None:
    session = started()
    for at, verb in enumerate(order):
        press(session, verb, OPENS + at * SECOND)
    press(session, "go-on", OPENS + 4 * SECOND)
    paused = order.index("pause")
    resumed = order.index("go-on") if order.index("go-on") > paused else 4
    assert clock.phases(session.run)[-1].ends == OPENS + timedelta(minutes=24) + (resumed - paused) * SECOND


@pytest.mark.parametrize(
    ("into", "sign"),
    [
        (0, "talk"), (179, "talk"), (180, "half"), (299, "half"), (300, "minute"), (360, "change"), (480, "talk"),
        (1320, "over"),
    ],
)  # fmt: skip
def test_signs_come_when_they_should(into: int, sign: str) -> None:
    assert clock.position(started(), OPENS + into * SECOND).sign == sign


def test_before_the_start_the_programme_and_its_lateness_decide() -> None:
    session = room()
    session.run.late_minutes = 5
    assert clock.position(session, OPENS).sign == "before"
    assert clock.position(session, OPENS).left == 5 * MINUTE
    assert clock.position(session, OPENS + 6 * MINUTE).sign == "soon"
    assert [clock.begun(session, OPENS + at * MINUTE) for at in (4, 5, 13)] == [0, 1, 2]
    assert clock.begun(session, OPENS + timedelta(days=1)) == 0
    session.run = None
    assert clock.begun(session, OPENS) == 1


def test_rounds_that_the_desk_has_held_are_never_said_not_to_have_started() -> None:
    session = room()
    session.starts, session.ends = datetime(2013, 6, 19, 8, 0), datetime(2013, 6, 19, 9, 0)
    opens, later = OPENS - timedelta(hours=6), OPENS + timedelta(hours=7)
    assert clock.by_programme(session, later).number == 3
    assert press(session, "start", opens)
    assert clock.deciding(session, later) is None
    assert clock.by_programme(session, later) is None


def test_rounds_over_midnight_go_on_by_the_programme_and_end() -> None:
    session = room()
    session.starts, session.ends = datetime(2013, 6, 19, 23, 50), datetime(2013, 6, 20, 0, 20)
    opens = OPENS + timedelta(hours=9, minutes=50)
    assert [clock.begun(session, opens + at * MINUTE) for at in (-1, 0, 8, 16, 40)] == [0, 1, 2, 3, 3]
    assert clock.begun(session, opens + timedelta(days=1, hours=1)) == 0
    session.run.waiting = True
    assert [clock.is_over(session, 3, opens + at * timedelta(hours=1)) for at in (1, 24, 25)] == [False, False, True]


def test_a_rehearsal_before_midnight_leaves_nothing_behind_after_it() -> None:
    session = room()
    session.starts, session.ends = datetime(2013, 6, 19, 23, 50), datetime(2013, 6, 20, 0, 20)
    early, opens = OPENS + timedelta(hours=6), OPENS + timedelta(hours=9, minutes=50)
    assert press(session, "start", early)
    assert press(session, "stop", early + MINUTE)
    assert clock.position(session, opens + 12 * MINUTE).kind == "before"
    assert clock.begun(session, opens + 12 * MINUTE) == 2


def test_people_s_times_follow_the_run_and_planned_times_stay() -> None:
    session = started(at=OPENS + 7 * MINUTE)
    planned = [session.round_starts(number) for number in session.numbers]
    told = [clock.round_begins(session, number, OPENS + 8 * MINUTE) for number in session.numbers]
    assert [one - other for one, other in zip(told, planned, strict=True)] == [7 * MINUTE] * 3
    press(session, "minute", OPENS + 8 * MINUTE)
    press(session, "pause", OPENS + 9 * MINUTE)
    later = OPENS + 12 * MINUTE
    assert clock.round_begins(session, 1, later) == planned[0] + 7 * MINUTE
    assert clock.round_over(session, 1, later) == session.round_ends(1) + 11 * MINUTE
    assert clock.round_begins(session, 2, later) == planned[1] + 11 * MINUTE
    assert clock.delay(session, later) == 11 * MINUTE
    assert [session.round_starts(number) for number in session.numbers] == planned
    press(session, "stop", later)
    assert clock.is_over(session, 3, later)
    assert clock.begun(session, later + MINUTE) == 1


def test_a_rehearsal_moves_nobody_and_leaves_nothing_behind() -> None:
    session, early = started(at=OPENS - LONG), OPENS - LONG
    assert clock.begun(session, early) == 1
    assert clock.round_begins(session, 1, early) == session.starts
    assert not clock.is_over(session, 3, early)
    press(session, "stop", early + MINUTE)
    assert clock.position(session, early + 2 * MINUTE).kind == "before"
    assert press(session, "start", OPENS)
    assert clock.begun(session, OPENS + 8 * MINUTE) == 2


def test_a_run_over_is_set_back_and_started_again() -> None:
    session = started()
    assert not press(session, "start", OPENS + MINUTE)
    assert not press(session, "back", OPENS + MINUTE)
    assert press(session, "stop", OPENS + MINUTE)
    assert not any(press(session, verb, OPENS + 2 * MINUTE) for verb in ("start", "pause", "go-on", "minute", "skip"))
    assert press(session, "back", OPENS + 2 * MINUTE)
    assert press(session, "start", OPENS + 2 * MINUTE)
    assert clock.position(session, OPENS + 2 * MINUTE).left == 6 * MINUTE
