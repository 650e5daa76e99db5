"""Runs migrations through the writing engine, each run as one transaction."""

from alembic import context
from flask import current_app

from webapp import models  # noqa: F401  all rows must be known before they are compared
from webapp.db import WRITER

db = current_app.extensions["migrate"].db


def run() -> None:
    """Bring the database to the revision that was asked for, whole or not at all."""
    with db.engines[WRITER].connect() as connection:
        context.configure(
            connection=connection, target_metadata=db.metadata, render_as_batch=True, transactional_ddl=True
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
