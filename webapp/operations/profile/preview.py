"""What those whom somebody meets will read of them, told by the same code as their page."""

from dataclasses import dataclass

from sqlalchemy.orm import joinedload, selectinload

from webapp.access import Actor
from webapp.models import Event, Person, PersonInterest
from webapp.operations.plans.talks import MOST_TOPICS, Talk, Topic, as_met
from webapp.operations.profile import profiles
from webapp.operations.words.titles import titled
from webapp.policy import shows


@dataclass(frozen=True, slots=True)
class Preview:
    """A talk as the one across the table would see it; its topics are examples from the person's own."""

    event: Event
    talk: Talk
    questions: tuple[str, ...]
    shows_topics: bool


def preview(by: Actor) -> Preview:
    """Return the actor as others will see them."""
    event, person = profiles.who_asks(
        by,
        joinedload(Person.organisation),
        selectinload(Person.languages),
        selectinload(Person.interests).joinedload(PersonInterest.interest),
        selectinload(Person.questions),
    )
    told = person.shows_topics and shows("topics", to="partner", preset=event.preset)
    talk = Talk(
        format="pairs",
        table="",
        zone="",
        partners=(as_met(person, event),),
        language=next((language.code for language in person.languages), None),
        interpreter=None,
        topics=_examples(person) if told else (),
        pick=0,
    )
    asked = tuple(question.text for question in person.questions)
    return Preview(event, talk, asked if shows("questions", to="visited", preset=event.preset) else (), told)


def _examples(person: Person) -> tuple[Topic, ...]:
    """Topics as somebody reads them who looks for what the person offers, and offers what they look for."""
    sides = {(own.interest.title, own.side) for own in person.interests}
    order = sorted({(own.interest.position, own.interest.title) for own in person.interests})
    every = [
        Topic(titled(title), gives=(title, "seeks") in sides, takes=(title, "offers") in sides) for _at, title in order
    ]
    taken = [topic for topic in every if topic.takes]
    given = [topic for topic in every if topic.gives and topic not in taken[:2]]
    return tuple((taken[:2] + given)[:MOST_TOPICS] if given else taken[:MOST_TOPICS])
