"""A page of bare Flask on the server that Rondo is served by, to compare with: `python -m tests.load.bare PORT`."""

import sys

import waitress
from flask import Flask

from webapp.commands.answering import MOST_CONNECTIONS, THREADS


def main() -> None:
    """Serve one page until the process is ended."""
    app = Flask(__name__)

    @app.get("/")
    def page() -> str:
        return "<!doctype html><title>bare</title><p>Nothing is looked up here.</p>"

    waitress.serve(
        app, port=int(sys.argv[1]), threads=THREADS, connection_limit=MOST_CONNECTIONS, asyncore_use_poll=True,
        _quiet=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
