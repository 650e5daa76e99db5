"""The commands that need the web application."""

import click

from webapp.commands.answering import beside
from webapp.commands.backups import backup, restore
from webapp.commands.deleting import purge
from webapp.commands.plans import guide, plan, publish, sheets, worker
from webapp.commands.serving import demo, serve
from webapp.commands.staff import staff
from webapp.commands.trading import bring_in, take_out

commands: tuple[click.Command, ...] = (
    demo,
    serve,
    plan,
    publish,
    sheets,
    guide,
    bring_in,
    take_out,
    staff,
    backup,
    restore,
    purge,
    worker,
    beside,
)
