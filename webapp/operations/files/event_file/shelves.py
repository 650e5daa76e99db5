"""The rows of the house, each found by what a file calls it."""

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

from webapp.models import Host, Interest, Interpreter, Organisation, Person, Region, Session, Table
from webapp.operations.files.event_file.telling import keys_of
from webapp.operations.words.spelling import bare


class Shelves:
    """The rows of the house, each found by what a file calls it."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.regions = {one.slug: one for one in rows.scalars(select(Region))}
        self.interests = {one.slug: one for one in rows.scalars(select(Interest))}
        self.houses = {bare(one.name): one for one in rows.scalars(select(Organisation))}
        self.sessions = {one.slug: one for one in rows.scalars(select(Session))}
        self.tables = {(one.session_id, one.name): one for one in rows.scalars(select(Table))}
        self.people = {one.number: one for one in rows.scalars(select(Person))}
        self.interpreters = {bare(one.name): one for one in rows.scalars(select(Interpreter))}
        hosts = list(rows.scalars(select(Host).order_by(Host.session_id, Host.position, Host.id)))
        keys = keys_of(hosts)
        self.hosts = {(one.session.slug, keys[one.id]): one for one in hosts}

    def house(self, name: str) -> Organisation | None:
        """Return the organisation of this name, a new one where there is none; nothing for no name."""
        if not name:
            return None
        found = self.houses.get(bare(name))
        if found is None:
            found = self.houses[bare(name)] = Organisation(name=name)
            self.rows.add(found)
        return found
