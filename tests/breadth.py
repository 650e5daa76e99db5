"""With how many examples a property is tried: fewer in each `make test` where one costs much, all in `make long`."""

from hypothesis import settings

QUICK = "steady"


def breadth(examples: int, *, quick: int) -> int:
    """So many examples, or people in one; fewer in the quick run."""
    return quick if settings.get_current_profile_name() == QUICK else examples
