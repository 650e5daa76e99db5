"""What can go wrong in the study, as one small tree.

::

    MatcherError
    ├── BadFile          a file cannot be read as a problem or a plan
    └── BadProblem       the problem contradicts the contract, or itself
        ├── UnknownId        something names a person that is not there
        └── NotPossible      locks or chosen meetings that no plan can keep

Each carries one sentence for the person who must act: what is wrong, where (key, id) and what to do.
"""


class MatcherError(Exception):
    """Anything the study refuses, as one sentence."""


class BadFile(MatcherError):
    """A file cannot be read as a problem or a plan."""


class BadProblem(MatcherError):
    """The problem contradicts the contract, or itself."""


class UnknownId(BadProblem):
    """Something names a person who is not in the problem."""


class NotPossible(BadProblem):
    """The locks or the chosen meetings contradict the rules, or each other."""
