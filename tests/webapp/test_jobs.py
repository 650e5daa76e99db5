"""Work in the background: a real process for each job, one at a time, stopped for good when it is stopped."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from tests.webapp import factories as make
from tests.webapp.test_bridge import BY, open_room
from webapp import jobs
from webapp.access import NOBODY
from webapp.db import db, transaction
from webapp.errors import NotFound, NotNow, Refused
from webapp.models import Job, Plan, Seat, Session
from webapp.models.people import utc_now
from webapp.operations.plans import planning

PATIENCE = 60


@pytest.fixture(autouse=True)
def no_process_stays(app: Flask) -> Iterator[None]:
    """End what a failing test would leave behind."""
    yield
    for child in jobs._started.values():
        child.kill()
        child.wait()
    jobs._started.clear()


def waiting_job(session_id: int, **values: object) -> str:
    job = Job(**{"kind": "plan", "session_id": session_id, "asked_by": "fay", **values})
    make.store(job)
    return job.public_id


def state_of(public_id: str) -> str:
    db.session.rollback()
    return db.session.query(Job).filter_by(public_id=public_id).one().state


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


def test_a_job_plans_in_a_process_of_its_own(app: Flask) -> None:
    session_id, _people = open_room(6)
    public_id = jobs.enqueue("plan", session_id, by=BY)
    assert jobs.enqueue("plan", session_id, by=BY) == public_id
    assert jobs.under_way(session_id, "plan").public_id == public_id
    wait_until(lambda: state_of(public_id) not in jobs.UNDER_WAY)
    job = jobs.find(public_id, session_id)
    assert (job.state, job.fraction, job.sentence) == ("done", 1.0, "")
    assert job.process not in (None, os.getpid())
    assert planning.find_plan(session_id, "draft").made_by == "fay"
    assert jobs.under_way(session_id, "plan") is None


def test_a_job_may_be_named_like_an_option(app: Flask) -> None:
    session_id, _people = open_room(4)
    public_id = waiting_job(session_id, public_id="-looks-like-an-option")
    jobs._start(public_id)
    wait_until(lambda: jobs._started[public_id].poll() is not None)
    assert state_of(public_id) == "done"


def test_a_job_that_cannot_be_done_says_why(app: Flask) -> None:
    session_id, _people = open_room(4)
    with transaction() as rows:
        rows.get(Session, session_id).tables = []
    public_id = waiting_job(session_id)
    jobs.run(public_id)
    job = jobs.find(public_id, session_id)
    assert (job.state, job.sentence) == (
        "failed", "There are no tables yet. An organiser names them on the page of this session.",
    )  # fmt: skip


def test_a_fault_is_told_without_its_message(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    session_id, _people = open_room(4)
    with transaction() as rows:
        rows.connection().exec_driver_sql(
            "CREATE TRIGGER odd BEFORE INSERT ON seat BEGIN SELECT RAISE(ABORT, 'Ada'); END"
        )
    public_id = waiting_job(session_id)
    jobs.run(public_id)
    job = jobs.find(public_id, session_id)
    assert (job.state, job.sentence) == ("failed", str(jobs.FAILED))
    assert "IntegrityError" in caplog.text
    assert "Ada" not in caplog.text
    assert db.session.query(Plan).count() == 0


def test_a_job_that_is_stopped_ends_its_process_and_stores_nothing(app: Flask) -> None:
    session_id, _people = open_room(6)
    public_id = waiting_job(session_id)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", public_id], start_new_session=True)
    jobs._started[public_id] = child
    with transaction() as rows:
        rows.query(Job).filter_by(public_id=public_id).update({"process": child.pid, "state": "running"})
    jobs.stop(public_id, session_id, by=BY)
    assert child.wait(PATIENCE) != 0
    assert state_of(public_id) == "stopped"
    with pytest.raises(NotNow, match="ended already"):
        jobs.stop(public_id, session_id, by=BY)
    with pytest.raises(NotFound):
        jobs.run(public_id)
    assert db.session.query(Plan).count() == 0


@pytest.mark.parametrize("stopped", [True, False])
def test_stopping_at_the_last_moment_keeps_the_draft_from_being_stored(
    app: Flask, stopped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id, _people = open_room(6)
    public_id = waiting_job(session_id)
    solve = planning.bridge.solve

    def solve_then_stop(*args: object, **options: object) -> object:
        plan = solve(*args, **options)  # type: ignore[arg-type]
        if stopped:
            jobs.stop(public_id, session_id, by=BY)
        return plan

    monkeypatch.setattr(planning.bridge, "solve", solve_then_stop)
    jobs.run(public_id)
    assert state_of(public_id) == ("stopped" if stopped else "done")
    assert db.session.query(Plan).count() == (0 if stopped else 1)
    assert db.session.query(Seat).count() == (0 if stopped else 18)


def test_progress_is_told_at_most_twice_a_second_and_notices_a_stop(app: Flask) -> None:
    session_id, _people = open_room(4)
    public_id = waiting_job(session_id, state="running", process=os.getpid())
    job_id = jobs.find(public_id, session_id).id
    tell = jobs._Teller(job_id)
    tell(0.25, "choose")
    tell(0.75, "rounds")
    job = jobs.find(public_id, session_id)
    assert (job.fraction, job.doing) == (0.25, "choose")
    tell.told_at = float("-inf")
    jobs.stop(public_id, session_id, by=BY)
    with pytest.raises(jobs.Stopped):
        tell(0.8, "seat")


def test_a_job_whose_process_is_gone_has_failed_and_gives_way(app: Flask) -> None:
    session_id, _people = open_room(4)
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    public_id = waiting_job(session_id, state="running", process=child.pid, changed_at=utc_now() - timedelta(hours=1))
    assert jobs.under_way(session_id, "plan") is None
    second = jobs.enqueue("plan", session_id, by=BY)
    assert second != public_id
    job = jobs.find(public_id, session_id)
    assert (job.state, job.sentence) == ("failed", "This was interrupted. Nothing was changed; plan again.")


def test_another_process_with_the_same_number_is_not_taken_for_the_job(app: Flask) -> None:
    session_id, _people = open_room(4)
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        public_id = waiting_job(session_id, state="running", process=other.pid)
        told = Path("/proc/self/cmdline").exists()
        assert jobs.find(public_id, session_id).state == ("failed" if told else "running")
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_job_that_never_started_fails_after_a_while(app: Flask) -> None:
    session_id, _people = open_room(4)
    fresh = waiting_job(session_id)
    assert jobs.find(fresh, session_id).state == "waiting"
    with transaction() as rows:
        rows.query(Job).update({"made_at": utc_now() - timedelta(minutes=5)})
    assert jobs.find(fresh, session_id).state == "failed"


def test_a_file_beside_the_work_is_never_run(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "matcher.py").write_text("raise SystemExit('not mine')")
    monkeypatch.chdir(tmp_path)
    session_id, _people = open_room(4)
    public_id = jobs.enqueue("plan", session_id, by=BY)
    wait_until(lambda: state_of(public_id) not in jobs.UNDER_WAY or jobs._gone(jobs.find(public_id, session_id)))
    assert state_of(public_id) == "done"


def test_many_threads_forget_what_ended_at_once(app: Flask) -> None:
    class Ended:
        """A process that ended, seen by a thread that then lets others go on."""

        def poll(self) -> int:
            time.sleep(0)
            return 0

        kill = wait = lambda self: None

    failed: list[Exception] = []

    def work(name: str) -> None:
        for at in range(200):
            try:
                jobs._started[f"{name} {at}"] = Ended()  # type: ignore[assignment]
                jobs._forget_ended()
            except (KeyError, RuntimeError) as error:
                failed.append(error)

    workers = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failed == []
    assert not jobs._started


def test_jobs_are_for_staff_and_stay_with_their_session(app: Flask) -> None:
    session_id, _people = open_room(4)
    public_id = waiting_job(session_id)
    for verb in (
        lambda: jobs.enqueue("plan", session_id, by=NOBODY),
        lambda: jobs.enqueue("plan", session_id + 1, by=BY),
        lambda: jobs.find(public_id, session_id + 1),
        lambda: jobs.stop(public_id, session_id, by=NOBODY),
        lambda: jobs.stop("nothing", session_id, by=BY),
        lambda: jobs.run("nothing"),
    ):
        with pytest.raises(Refused) as told:
            verb()
        assert isinstance(told.value, NotFound)
    assert state_of(public_id) == "waiting"
