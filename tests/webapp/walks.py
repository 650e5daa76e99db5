"""What was found on a walk through a house, and how another process of the run takes it up."""

from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse, create_environ
from werkzeug.wrappers import Request

from tests.webapp.pages import Form

Walked = tuple[dict[str, TestResponse], dict[str, Form], dict[str, str]]
"""Answers by address, and by rule the form that some page offers for it and an address that exists."""

Kept = tuple[bytes, str, list[tuple[str, str]], str, str, str]
WalkKept = tuple[dict[str, Kept], dict[str, Form], dict[str, str]]


def walk_kept(walk: Walked) -> WalkKept:
    """Return a role's walk as another process can read it."""
    told, forms, found = walk
    return {at: kept(one) for at, one in told.items()}, forms, found


def walk_taken_up(walk: WalkKept) -> Walked:
    """Return a role's walk as it was found."""
    told, forms, found = walk
    return {at: taken_up(*one) for at, one in told.items()}, forms, found


def kept(answer: TestResponse) -> Kept:
    """What of an answer another process can read."""
    asked = answer.request
    told = (answer.get_data(), answer.status, list(answer.headers))
    return *told, asked.method, asked.path, asked.query_string.decode("latin-1")


def taken_up(
    data: bytes, status: str, headers: list[tuple[str, str]], method: str, path: str, query: str
) -> TestResponse:
    """The answer of which another process has kept this."""
    asked = Request(create_environ(path, query_string=query, method=method))
    return TestResponse([data], status, Headers(headers), asked)
