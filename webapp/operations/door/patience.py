"""Patience with typed secrets: tries are counted, and the more of them failed, the longer the next one has to wait.

Three counts make guessing slow and lock nobody out, in a venue of hundreds behind one address least of all:

- tries at one door (a code's first four digits, an account) from one address: after some, up to a minute between two;
- tries at one door from everywhere: some seconds at most, and only for an address that has tried there a few times;
- failures of one address: after many of them, already the second try at any door from there has to wait.

So the first try at a door never waits because of its neighbours, nor because of others who try without a pause.

What those first tries give away: three an hour for each address. Each costs a slow hash, some 25 ms of a core, so that
two cores compare no more than 300,000 an hour, as many as 100,000 addresses have. Of the 10^12 secrets behind a code's
first four digits that is one in 140,000 after a whole day; of the 10^8 behind those of a helper's code, one in 2,000 in
the ten minutes that it lasts, for who has read its first four digits and commands so many addresses. A password has to
stand up to as many guesses: seven million a day.

A try is counted before it is compared, so that many at once are as slow as one after the other. Rows, not memory, hold
the counts: all processes share them, and a restart forgets nothing. Doors and addresses are kept as seals only, and
forgotten after an hour.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session as Rows

from webapp.db import db, transaction
from webapp.errors import TooSoon
from webapp.models import Attempt
from webapp.models.people import utc_now
from webapp.sealing import seal

FREE_TRIES, LONGEST_WAIT = 5, timedelta(seconds=60)
FRESH_TRIES = 3
FREE_EVERYWHERE, LONGEST_EVERYWHERE = 20, timedelta(seconds=8)
MANY_FAILURES = 20
FORGOTTEN_AFTER = timedelta(hours=1)
HOUSEHOLD = 64
STEEPEST = 6


@dataclass(frozen=True, slots=True)
class Door:
    """What somebody tries to open, and the address from which they try."""

    name: str
    address: str = ""

    @property
    def here(self) -> str:
        """The row for this door from this address."""
        return seal("door", self.name, household(self.address))

    @property
    def everywhere(self) -> str:
        """The row for this door from all addresses."""
        return seal("door", self.name)

    @property
    def neighbours(self) -> str:
        """The row for this address at all doors."""
        return seal("address", household(self.address))


def household(address: str) -> str:
    """Return the address as far as it is one household's: of version 6, its network."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((parsed, HOUSEHOLD), strict=False)) if isinstance(parsed, IPv6Address) else address


def knock(door: Door) -> None:
    """Count a try before it is made; refuse it where those before it ask for patience."""
    now = utc_now()
    with transaction() as rows:
        rows.execute(delete(Attempt).where(Attempt.open_again_at < now - FORGOTTEN_AFTER))
        here, everywhere = _row(rows, door.here, now), _row(rows, door.everywhere, now)
        neighbours = rows.get(Attempt, door.neighbours)
        watched = neighbours is not None and neighbours.failures >= MANY_FAILURES
        fresh = here.failures < (1 if watched else FRESH_TRIES)
        left = (here.open_again_at if fresh else max(here.open_again_at, everywhere.open_again_at)) - now
        if left > timedelta():
            raise TooSoon(-(-left // timedelta(seconds=1)))
        _count(here, now, free=1 if watched else FREE_TRIES, longest=LONGEST_WAIT)
        _count(everywhere, now, free=FREE_EVERYWHERE, longest=LONGEST_EVERYWHERE)


def note_failure(door: Door) -> None:
    """Note that a try failed; its door has counted it already, its address counts it now."""
    now = utc_now()
    with transaction() as rows:
        neighbours = _row(rows, door.neighbours, now)
        neighbours.failures += 1
        neighbours.open_again_at = now


def forget_failures(rows: Rows, door: Door) -> None:
    """Let the next try at this door wait for nothing, as a part of a larger change."""
    rows.execute(delete(Attempt).where(Attempt.door_hash.in_((door.here, door.everywhere))))


def forget_old() -> None:
    """Forget what is too old to count, where nobody knocks any more."""
    old = Attempt.open_again_at < utc_now() - FORGOTTEN_AFTER
    if db.session.scalar(select(exists().where(old))):
        with transaction() as rows:
            rows.execute(delete(Attempt).where(old))


def _row(rows: Rows, door_hash: str, now: datetime) -> Attempt:
    attempt = rows.get(Attempt, door_hash)
    if attempt is None:
        attempt = Attempt(door_hash=door_hash, failures=0, open_again_at=now)
        rows.add(attempt)
    return attempt


def _count(attempt: Attempt, now: datetime, *, free: int, longest: timedelta) -> None:
    attempt.failures += 1
    over = attempt.failures - free
    wait = min(timedelta(seconds=2 ** min(over, STEEPEST)), longest) if over >= 0 else timedelta()
    attempt.open_again_at = now + wait
