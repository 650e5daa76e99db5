"""Who sees what of a participant, in words: the table of the policy, told line by line."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel.speaklater import LazyString
from sqlalchemy import select

from webapp.db import db
from webapp.i18n import lazy_gettext as __
from webapp.models import Event, Host, Person
from webapp.policy import Field, Reader, shows

FIELDS: Mapping[Field, LazyString] = {
    "name": __("your name"),
    "latin": __("its Latin spelling"),
    "number": __("your event number"),
    "organisation": __("your organisation"),
    "country": __("your country"),
    "regions": __("your regions"),
    "languages": __("your languages"),
    "offers": __("what you can share"),
    "seeks": __("what you look for"),
    "topics": __("the topics you share, where both of you allow it"),
    "wishes": __("whom you would like to meet"),
    "specialists": __("which specialists you would like to see"),
    "questions": __("your questions to specialists"),
    "apart": __("whom you need not meet"),
    "absences": __("when you are away"),
    "seated": __("that you stay seated"),
    "first_time": __("that you are here for the first time"),
    "role": __("as what you come: member, donor, guest"),
    "registration": __("what you are called where you registered"),
    "attendance": __("whether you have come"),
    "feedback": __("how you found your meetings"),
    "ways_in": __("a code or link that lets you in"),
    "tables": __("your tables and times"),
    "hosting": __("your name as specialist or presenter"),
    "about": __("what is written there about you"),
    "words": __("what you share or look for in other words"),
    "shows_topics": __("whether others may read shared topics"),
    "listed": __("your name, if you put it on the list to pick from"),
    "companion": __("that you bring somebody"),
    "interpreting": __("the languages of your interpreter"),
    "contact": __("how to reach you"),
    "notes": __("your notes of meetings"),
}
PEOPLE: Mapping[Reader, LazyString] = {
    "partner": __("The people you meet, once the rounds are published"),
    "exchanged": __("Those with whom you exchange contacts: you and they said yes, and the answers are opened"),
    "visited": __("The specialists and presenters whom you visit"),
    "visitor": __("The people who visit you"),
    "others": __("Other participants"),
    "helper": __("Helpers at the door"),
    "facilitator": __("The team at the desk"),
    "organiser": __("Organisers"),
    "safety": __("The safety contact"),
    "screen": __("The big screen"),
    "anybody": __("Whoever is not signed in"),
}
PAPER: Mapping[Reader, LazyString] = {
    "card": __("Your card"),
    "slip": __("The slip with your code"),
    "hosts": __("The list of a specialist or presenter whom you visit"),
    "signup": __("The sign-up sheet of a tool table"),
    "interpreters": __("The list of an interpreter at your table"),
    "tick": __("The list at the door"),
    "rounds": __("The sheets of each round, at the desk"),
    "finder": __("The finder, at the desk"),
    "wall": __("The list on the wall"),
    "signs": __("Table signs"),
    "instructions": __("Instructions for presenters"),
}
FILES: Mapping[Reader, LazyString] = {
    "calendar": __("The calendar of somebody you meet"),
    "people": __("The list of people"),
    "hosts_file": __("The list of specialists or presenters"),
    "plan": __("A published plan"),
    "problem": __("A session for the engine"),
    "event": __("The whole event"),
    "links": __("Links to send"),
    "programme": __("The programme"),
    "numbers": __("Numbers"),
    "backup": __("A backup, locked with a key"),
}
FOR_VISITED = {"visitor", "hosts_file", "instructions", "signs"}
"""Readers who are told of nobody but specialists and presenters."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Somebody who reads, a sheet or a file, and what stands there of a participant; it may be nothing."""

    title: LazyString
    fields: tuple[LazyString, ...]


def sights(person: Person, event: Event, readers: Mapping[Reader, LazyString]) -> list[Sight]:
    """Return what each of these readers is shown of the person at this event, in their order.

    That somebody is visited is told to those alone who are.
    """
    visits = select(Host.id).where(Host.person_id == person.id).exists()
    visited = bool(db.session.scalar(select(visits)))
    fields = {field: words for field, words in FIELDS.items() if visited or field not in ("hosting", "about")}
    return [
        Sight(title, tuple(words for field, words in fields.items() if shows(field, to=to, preset=event.preset)))
        for to, title in readers.items()
        if visited or to not in FOR_VISITED
    ]
