"""Long work in the background: one process a job. It tells its row how far it is, and a stopped job stores nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session as Rows

from webapp.access import DESK, Actor
from webapp.bridge import Rules
from webapp.config import Settings
from webapp.db import db, transaction
from webapp.errors import NotFound, NotNow, Refused
from webapp.i18n import lazy_gettext as _
from webapp.models import Job, Session, Staff
from webapp.models.people import utc_now
from webapp.operations.plans import planning, variants
from webapp.operations.rounds import repair

UNDER_WAY = ("waiting", "running")
TELL_EVERY = 0.5
START_WITHIN = 60.0
SILENT_AT_MOST = 900.0
DOING_WORDS = 60
FAILED = _("Something failed here. Nothing was changed; try again, or tell whoever looks after this computer.")
OTHERWISE = _("Other rules are being tried for this session just now. Wait until that has ended, or stop it.")
ANEW = _("The rounds are being planned anew from another round on just now. Wait until that has ended, or stop it.")
INTERRUPTED = _("This was interrupted. Nothing was changed; plan again.")

_started: dict[str, subprocess.Popen[bytes]] = {}


class Stopped(Exception):
    """Somebody stopped the job while it was at work."""


def enqueue(kind: str, session_id: int, *, by: Actor, asked: dict[str, Any] | None = None) -> str:
    """Start the work, or find it where it is under way already; return the job's public id.

    `asked` is what it is to be done by; while the same is under way by something else, it is refused.
    """
    with transaction() as rows:
        if by.role not in DESK or rows.get(Session, session_id) is None:
            raise NotFound
        job = rows.scalar(select(Job).where(Job.kind == kind, Job.session_id == session_id, Job.state.in_(UNDER_WAY)))
        if job is not None and not _gone(job):
            if job.asked != asked:
                raise NotNow(str(OTHERWISE if kind == "try" else ANEW))
            return job.public_id
        if job is not None:
            _end(rows, job.id, "failed", str(INTERRUPTED))
        job = Job(kind=kind, session_id=session_id, asked_by=by.name, asked=asked)
        rows.add(job)
        rows.flush()
        public_id = job.public_id
    _start(public_id)
    return public_id


def find(public_id: str, session_id: int) -> Job:
    """Return the session's job, as it truly stands: one whose process is gone has failed."""
    job = db.session.scalar(select(Job).where(Job.public_id == public_id, Job.session_id == session_id))
    if job is None:
        raise NotFound
    if job.state in UNDER_WAY and _gone(job):
        # it may have ended well between the two looks
        db.session.rollback()
        db.session.refresh(job)
        if job.state in UNDER_WAY:
            # told, not written: looking changes nothing
            db.session.expunge(job)
            job.state, job.sentence = "failed", str(INTERRUPTED)
    return job


def under_way(session_id: int, kind: str) -> Job | None:
    """Return the session's job of this kind that is at work, if there is one."""
    job = db.session.scalar(select(Job).where(Job.kind == kind, Job.session_id == session_id, Job.state.in_(UNDER_WAY)))
    return job if job is not None and not _gone(job) else None


def stop(public_id: str, session_id: int, *, by: Actor) -> None:
    """Stop the job: from here on it stores nothing, and its process is ended."""
    if by.role not in DESK:
        raise NotFound
    with transaction() as rows:
        job = rows.scalar(select(Job).where(Job.public_id == public_id, Job.session_id == session_id))
        if job is None:
            raise NotFound
        if job.state not in UNDER_WAY:
            raise NotNow(str(_("This has ended already.")))
        process = None if _gone(job) else job.process
        _end(rows, job.id, "stopped", "")
    if process is not None and process != os.getpid():
        with suppress(OSError):
            os.kill(process, signal.SIGTERM)


def run(public_id: str) -> None:
    """Do the work; called in the process that was started for it."""
    with transaction() as rows:
        job = rows.scalar(select(Job).where(Job.public_id == public_id, Job.state.in_(UNDER_WAY)))
        if job is None:
            raise NotFound(f"There is no job {public_id!r} to do.")
        job.state, job.process, job.changed_at = "running", os.getpid(), utc_now()
        job_id, kind, session_id, name = job.id, job.kind, job.session_id, job.asked_by
    by = Actor(staff=Staff(name=name, role="facilitator"))
    try:
        WORK[kind](job_id, session_id, by)
    except Stopped:
        return
    except Refused as refusal:
        _fail(job_id, refusal.sentence or str(FAILED))
    except Exception as error:
        # the kind of failure alone: its message may hold names
        current_app.logger.error("event=job kind=%s err=%s", kind, type(error).__name__)
        _fail(job_id, str(FAILED))


def _plan(job_id: int, session_id: int, by: Actor) -> None:
    planning.make_plan(session_id, by=by, progress=_Teller(job_id), together_with=lambda rows: _finish(rows, job_id))


def _try(job_id: int, session_id: int, by: Actor) -> None:
    asked = Rules(**db.session.get_one(Job, job_id).asked or {})
    done = partial(_finish, job_id=job_id)
    variants.try_rules(session_id, asked, by=by, progress=_Teller(job_id), together_with=done)


def _anew(job_id: int, session_id: int, by: Actor) -> None:
    first = int((db.session.get_one(Job, job_id).asked or {}).get("first", 1))
    done = partial(_finish, job_id=job_id)
    repair.plan_anew(session_id, first, by=by, progress=_Teller(job_id), together_with=done)


WORK: dict[str, Callable[[int, int, Actor], None]] = {"plan": _plan, "try": _try, "anew": _anew}


class _Teller:
    """Writes progress into the job's row, at most twice a second; raises where the job was stopped."""

    def __init__(self, job_id: int) -> None:
        self.job_id = job_id
        self.told_at = float("-inf")

    def __call__(self, fraction: float, what: str) -> None:
        if time.monotonic() - self.told_at < TELL_EVERY:
            return
        self.told_at = time.monotonic()
        with transaction() as rows:
            values = {"fraction": min(max(fraction, 0.0), 1.0), "doing": what[:DOING_WORDS], "changed_at": utc_now()}
            _change(rows, self.job_id, **values)


def _finish(rows: Rows, job_id: int) -> None:
    _change(rows, job_id, state="done", fraction=1.0, changed_at=utc_now())


def _change(rows: Rows, job_id: int, **values: object) -> None:
    if not rows.execute(update(Job).where(Job.id == job_id, Job.state == "running").values(**values)).rowcount:  # type: ignore[attr-defined]
        raise Stopped


def _fail(job_id: int, sentence: str) -> None:
    with transaction() as rows:
        _end(rows, job_id, "failed", sentence)


def _end(rows: Rows, job_id: int, state: str, sentence: str) -> None:
    ended = {"state": state, "sentence": sentence[:1000], "changed_at": utc_now()}
    rows.execute(update(Job).where(Job.id == job_id, Job.state.in_(UNDER_WAY)).values(**ended))


def _start(public_id: str) -> None:
    settings: Settings = current_app.config["SETTINGS"]
    folder = str(settings.data.absolute())
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "webapp.cli", "--data", folder, "worker", "--", public_id],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    _forget_ended()
    _started[public_id] = child
    with transaction() as rows:
        rows.execute(update(Job).where(Job.public_id == public_id, Job.process.is_(None)).values(process=child.pid))


def _forget_ended() -> None:
    # other threads start jobs too, so a copy is walked
    for name, child in list(_started.items()):
        if child.poll() is not None:
            _started.pop(name, None)


def _gone(job: Job) -> bool:
    """Return whether the job's process is no more; process numbers are used again, so its command line must fit."""
    child = _started.get(job.public_id)
    if child is not None:
        return child.poll() is not None
    if job.process is None:
        return (utc_now() - job.made_at).total_seconds() > START_WITHIN
    if job.process == os.getpid():
        return False
    command = Path(f"/proc/{job.process}/cmdline")
    if Path("/proc/self/cmdline").exists():
        try:
            return job.public_id.encode() not in command.read_bytes()
        except OSError:
            return True
    return (utc_now() - job.changed_at).total_seconds() > SILENT_AT_MOST
