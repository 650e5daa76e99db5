"""Refusals as values: each carries one sentence for the person who must act.

::

    Refused            what was asked cannot be done
    ├── NotFound       it is not there, or not for you (the two look the same from outside)
    ├── NotNow         it could be done at another time (a plan is being made)
    │   └── TooSoon    after too many wrong tries; `seconds` says how long to wait
    └── BadInput       what was typed or sent does not fit; `field` names where
"""


class Refused(Exception):
    """What was asked cannot be done."""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotFound(Refused):
    """It is not there, or not for this person."""


class NotNow(Refused):
    """It could be done at another time."""


class TooSoon(NotNow):
    """There were too many wrong tries; the next one may come after `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.seconds = seconds


class BadInput(Refused):
    """What was typed or sent does not fit."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field
