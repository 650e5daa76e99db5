"""Who sees what of a person: one literal table, which pages, paper and files ask before they show anything.

A field that is not marked for a reader is shown to nobody there. Which routes a role may use stands in `access`.
"""

from typing import Literal

Field = Literal[
    "name", "latin", "number", "organisation", "country", "regions", "languages", "offers", "seeks", "topics", "wishes",
    "specialists", "questions", "apart", "absences", "seated", "first_time", "role", "registration", "attendance",
    "feedback", "ways_in", "tables", "hosting", "words", "shows_topics", "listed", "companion", "interpreting",
    "about", "contact", "notes",
]  # fmt: skip
Reader = Literal[
    "oneself", "exchanged", "partner", "visited", "visitor", "others", "helper", "facilitator", "organiser", "safety",
    "screen", "anybody",
    "card", "rounds", "finder", "wall", "tick", "signs", "signup", "hosts", "instructions", "interpreters", "slip",
    "calendar", "people", "hosts_file", "plan", "problem", "event", "links", "programme", "numbers", "backup", "held",
]  # fmt: skip

ON_PAGES = """
              oneself exchanged partner visited visitor others  helper  facilitator organiser safety  screen  anybody
name          yes     yes       yes     open    yes     -       yes     yes         yes       yes     -       -
latin         yes     yes       yes     open    yes     -       yes     yes         yes       yes     -       -
number        yes     -         -       open    -       -       yes     yes         yes       yes     yes     -
organisation  open    -         open    open    open    -       open    open        yes       yes     -       -
country       yes     -         -       -       -       -       -       -           yes       -       -       -
regions       yes     -         -       -       -       -       -       -           yes       -       -       -
languages     yes     -         -       -       -       -       -       yes         yes       -       -       -
offers        yes     -         -       -       -       -       -       -           -         -       -       -
seeks         yes     -         -       -       -       -       -       -           -         -       -       -
topics        yes     -         open    open    open    -       -       -           -         -       -       -
wishes        yes     -         -       -       -       -       -       -           -         -       -       -
specialists   yes     -         -       -       -       -       -       yes         yes       -       -       -
questions     yes     -         -       open    -       -       -       -           -         -       -       -
apart         -       -         -       -       -       -       -       -           -         yes     -       -
absences      yes     -         -       -       -       -       -       -           -         -       -       -
seated        yes     -         -       -       -       -       -       yes         yes       -       -       -
first_time    yes     -         -       -       -       -       -       -           yes       -       -       -
role          -       -         -       -       -       -       -       -           yes       -       -       -
registration  -       -         -       -       -       -       -       -           -         -       -       -
attendance    -       -         -       -       -       -       yes     yes         yes       -       -       -
feedback      yes     -         -       -       -       -       -       -           -         -       -       -
ways_in       -       -         -       -       -       -       -       yes         yes       -       -       -
tables        yes     -         yes     yes     yes     -       -       yes         yes       -       -       -
hosting       yes     -         yes     yes     yes     open    -       yes         yes       -       -       -
words         yes     -         -       -       -       -       -       -           yes       -       -       -
shows_topics  open    -         -       -       -       -       -       -           -         -       -       -
listed        open    -         -       -       -       open    -       -           -         -       -       -
companion     yes     -         open    open    -       -       -       yes         yes       -       -       -
interpreting  yes     -         -       -       -       -       -       yes         yes       -       -       -
about         -       -         -       -       -       open    -       yes         yes       -       -       -
contact       yes     yes       -       -       -       -       -       -           -         -       -       -
notes         yes     -         -       -       -       -       -       -           -         -       -       -
"""

ON_PAPER = """
              card    rounds  finder  wall    tick    signs   signup  hosts   instructions interpreters slip
name          yes     yes     yes     open    yes     -       open    yes     -            yes          yes
latin         yes     yes     yes     open    yes     -       -       yes     -            yes          -
number        yes     yes     yes     open    yes     -       yes     yes     -            yes          yes
organisation  open    -       -       -       open    -       -       open    -            -            open
languages     -       -       -       -       -       -       -       -       -            yes          -
topics        -       -       -       -       -       -       -       open    -            -            -
questions     -       -       -       -       -       -       -       yes     -            -            -
ways_in       open    -       -       -       -       -       -       -       -            -            yes
tables        yes     yes     yes     open    -       -       yes     yes     -            yes          -
hosting       yes     yes     -       -       -       open    open    yes     yes          yes          -
companion     yes     -       -       -       -       -       -       -       -            -            -
"""

IN_FILES = """
              calendar people hosts_file plan    problem event   links   programme numbers backup  held
name          open     yes    -          yes     -       yes     yes     -         -       yes     yes
latin         open     yes    -          -       -       yes     -       -         -       yes     yes
number        -        yes    yes        yes     yes     yes     yes     -         -       yes     yes
organisation  -        yes    yes        -       -       yes     -       -         -       yes     yes
country       -        yes    -          -       -       yes     -       -         -       yes     yes
regions       -        yes    -          -       yes     yes     -       -         -       yes     yes
languages     -        yes    yes        -       yes     yes     -       -         -       yes     yes
offers        -        yes    -          -       yes     yes     -       -         -       yes     yes
seeks         -        yes    -          -       yes     yes     -       -         -       yes     yes
topics        -        -      -          -       -       -       -       -         -       yes     -
wishes        -        yes    -          -       yes     yes     -       -         -       yes     yes
specialists   -        -      -          -       yes     yes     -       -         -       yes     yes
questions     -        -      -          -       -       yes     -       -         -       yes     yes
apart         -        -      -          -       -       -       -       -         -       yes     -
absences      -        yes    -          -       -       yes     -       -         -       yes     yes
seated        -        yes    -          -       yes     yes     -       -         -       yes     yes
first_time    -        yes    -          -       yes     yes     -       -         -       yes     yes
role          -        yes    -          -       yes     yes     -       -         -       yes     yes
registration  -        yes    -          -       -       yes     yes     -         -       yes     yes
attendance    -        -      -          -       -       -       -       -         -       yes     yes
feedback      -        -      -          -       -       -       -       -         -       yes     yes
ways_in       -        -      -          -       -       -       yes     -         -       -       -
tables        yes      -      -          yes     yes     yes     -       -         -       yes     yes
hosting       open     -      yes        yes     -       yes     -       -         -       yes     yes
words         -        yes    -          -       -       yes     -       -         -       yes     yes
shows_topics  -        yes    -          -       -       yes     -       -         -       yes     yes
listed        -        yes    -          -       -       yes     -       -         -       yes     yes
companion     -        yes    -          -       -       yes     -       -         -       yes     yes
interpreting  -        yes    -          -       yes     yes     -       -         -       yes     yes
about         -        -      yes        -       -       yes     -       -         -       yes     yes
contact       -        -      -          -       -       -       -       -         -       yes     yes
notes         -        -      -          -       -       -       -       -         -       yes     yes
"""


def _read(*tables: str) -> dict[tuple[str, str], str]:
    """Take the tables apart: `yes`, `open` (in open events alone) or `-` for each field and reader."""
    found: dict[tuple[str, str], str] = {}
    for table in tables:
        readers, *rows = (line.split() for line in table.strip().splitlines())
        found |= {(field, reader): mark for field, *marks in rows for reader, mark in zip(readers, marks, strict=True)}
    return found


TABLE = _read(ON_PAGES, ON_PAPER, IN_FILES)


def shows(field: Field, *, to: Reader, preset: str) -> bool:
    """Return whether `field` of a person is shown to a reader, on a sheet or in a file, at an event of this preset."""
    mark = TABLE.get((field, to), "-")
    return mark == "yes" or (mark == "open" and preset == "open")
