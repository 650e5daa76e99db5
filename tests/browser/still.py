"""A command of Rondo whose clock stands still: `python -m tests.browser.still 2013-06-19T06:20+00:00 demo --port 8001`.

Only the time of day stands; what is measured (how long something takes) goes on.
"""

import datetime
import os
import sys
import time
from typing import Any

Real = datetime.datetime


class _AnyTime(type):
    def __instancecheck__(cls, one: object) -> bool:
        return isinstance(one, Real)


class Still(Real, metaclass=_AnyTime):
    """What makes moments as ever, except that it is always the same one now."""

    at = Real.fromtimestamp(0, datetime.UTC)

    def __new__(cls, *values: Any, **named: Any) -> Any:
        """Return a plain moment, so that nobody else needs to know."""
        return Real(*values, **named)

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Any:
        """Return the one moment."""
        return cls.at.astimezone(tz) if tz else cls.at.astimezone().replace(tzinfo=None)


if __name__ == "__main__":
    # the clock of a process beside would go on
    os.environ["RONDO_PROCESSES"] = "1"
    Still.at = Real.fromisoformat(sys.argv.pop(1))
    # before anything that takes the names from there is read; browsers judge a cookie's age by the header Date
    datetime.datetime = Still  # type: ignore[misc]
    time.time = Still.at.timestamp
    from webapp.cli import main

    main(prog_name="rondo")
