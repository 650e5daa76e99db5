"""Wires the rooms, nothing else."""

import logging
from pathlib import Path

from flask import Flask
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp import i18n, signin, views
from webapp.config import Settings, from_env, open_data_folder, signing_key
from webapp.db import db, open_database

MIGRATIONS = Path(__file__).parent / "migrations"
KILOBYTE = 1024


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application for these settings (those of the environment where none are given)."""
    settings = settings or from_env()
    open_data_folder(settings)
    app = Flask(__name__, static_folder=None)
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=signing_key(settings),
        TESTING=settings.testing,
        TRUSTED_HOSTS=list(settings.hosts),
        SESSION_COOKIE_SECURE=settings.https,
        MAX_CONTENT_LENGTH=256 * KILOBYTE,
        MAX_FORM_MEMORY_SIZE=64 * KILOBYTE,
        MAX_FORM_PARTS=400,
        WTF_CSRF_TIME_LIMIT=None,
        SQLALCHEMY_RECORD_QUERIES=settings.testing,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    logging.getLogger("rondo").addFilter(lambda record: record.exc_info is None)
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    open_database(app, str(settings.database))
    Migrate(app, db, directory=str(MIGRATIONS))
    i18n.open_i18n(app)
    signin.open_doors(app)
    app.request_class = views.page.Letter
    # before the token of a form is looked for, and with it the form read
    app.before_request(views.page.widen_letter_box)
    CSRFProtect(app)
    views.open_counters(app)
    return app
