"""Every column of every table: what of it is told to the person it speaks of, and why the rest is not.

A column that stands nowhere here fails a test, so that nothing new is held without a word.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel.speaklater import LazyString

from webapp.i18n import lazy_gettext as _

Words = Mapping[str, LazyString]


@dataclass(frozen=True, slots=True)
class Shelf:
    """A table that holds something of people: what it is, the column that names the person, and what is told of it."""

    title: LazyString
    owner: str
    columns: Words


SESSION, ROUND, TABLE, WHEN = _("Session"), _("Round"), _("Table"), _("When")
LANGUAGE, SPECIALIST, MADE, NAME = _("Language"), _("Specialist or presenter"), _("Made"), _("Name")
LATIN, ORGANISATION, FROM, UNTIL, KIND = _("Latin spelling"), _("Organisation"), _("From"), _("Until"), _("Kind")
IN_LANGUAGES = {"code": LANGUAGE}
DESK = {"session_id": SESSION, "round_no": ROUND}

SHELVES: Mapping[str, Shelf] = {
    "person": Shelf(_("You"), "id", {
        "number": _("Event number"), "name": NAME, "latin": LATIN, "organisation_id": ORGANISATION,
        "role": _("You come as"), "country": _("Country"), "seated": _("You stay seated"),
        "first_time": _("You are here for the first time"), "saved_at": _("Profile saved"),
        "typed": _("As you typed it"), "registration": _("What you are called where you registered"),
        "offers_words": _("What you can share, in other words"), "seeks_words": _("What you look for, in other words"),
        "shows_topics": _("Others may read the topics you share with them"),
        "listed": _("Your name is on the list to pick from"), "companion": _("You bring somebody"),
        "companion_languages": _("The languages of your interpreter"), "left_at": _("You left the event"),
    }),
    "person_language": Shelf(_("Your languages"), "person_id", IN_LANGUAGES),
    "person_region": Shelf(_("Where you work"), "person_id", {"region_id": _("Region")}),
    "person_interest": Shelf(_("Your topics"), "person_id", {"interest_id": _("Topic"), "side": KIND}),
    "wish": Shelf(_("Whom you would like to meet"), "person_id", {
        "wished_person_id": _("A person from the list"), "organisation_id": ORGANISATION, "role": KIND,
        "region_id": _("Region"), "text": NAME,
    }),
    "absence": Shelf(_("When you are away"), "person_id", {"starts": FROM, "ends": UNTIL}),
    "question": Shelf(_("Your questions to specialists"), "person_id", {
        "session_id": SESSION, "text": _("Question"),
    }),
    "host_wish": Shelf(_("Specialists you would like to see"), "person_id", {"host_id": SPECIALIST}),
    "host": Shelf(_("You as a specialist or presenter"), "person_id", {
        "session_id": SESSION, "name": NAME, "latin": LATIN, "title": _("What you are asked about"),
        "note": _("What is written there about you"), "organisation_id": ORGANISATION, "table_name": TABLE,
        "places": _("Places"), "min_places": _("Places at least"), "away": _("Rounds without you"),
        "gone_from": _("Gone from round"),
    }),
    "host_language": Shelf(_("Your languages there"), "host_id", {"host_id": SPECIALIST, **IN_LANGUAGES}),
    "host_topic": Shelf(_("Your topics there"), "host_id", {"host_id": SPECIALIST, "interest_id": _("Topic")}),
    "seat": Shelf(_("Your tables, in every version of the plans"), "person_id", {
        "plan_id": _("Plan"), "round_no": ROUND, "meeting_id": TABLE,
    }),
    "rest": Shelf(_("Your rounds without a table"), "person_id", {
        "plan_id": _("Plan"), "round_no": ROUND, "code": _("Why"),
    }),
    "attendance": Shelf(_("Whether you have come"), "person_id", {
        "session_id": SESSION, "state": KIND, "first_round": _("From round"), "last_round": _("Until round"),
        "changed_at": WHEN,
    }),
    "help_place": Shelf(_("Where the help point sent you"), "person_id", {
        **DESK, "kind": KIND, "table_name": TABLE, "host": SPECIALIST, "made_at": WHEN,
    }),
    "standby_note": Shelf(_("What was noted in the standby line"), "person_id", {
        **DESK, "host": SPECIALIST, "kind": KIND, "made_at": WHEN,
    }),
    "standby_call": Shelf(_("When the big screen called you"), "person_id", {
        **DESK, "host": SPECIALIST, "table_name": TABLE, "made_at": WHEN,
    }),
    "feedback": Shelf(_("How you found your meetings"), "person_id", {
        **DESK, "kind": _("Answer"), "changes": _("How often you changed it"),
    }),
    "contact": Shelf(_("How you can be reached"), "person_id", {
        "text": _("As you typed it"), "by_desk": _("Typed at the desk"),
    }),
    "contact_answer": Shelf(_("Your answers about contacts"), "person_id", {
        "session_id": SESSION, "yes": _("Answer"), "by_card": _("From your card"),
    }),
    "meeting_note": Shelf(_("Your notes"), "person_id", {**DESK, "text": _("Note")}),
    "access_code": Shelf(_("The code on your slip"), "person_id", {"made_at": MADE}),
    "link": Shelf(_("Links that let you in"), "person_id", {"kind": KIND, "expires_at": UNTIL}),
    "sign_in": Shelf(_("Where you were signed in"), "person_id", {
        "made_at": FROM, "seen_at": _("Last seen"), "expires_at": UNTIL, "revoked_at": _("Ended"),
    }),
    "given_out": Shelf(_("When a code or link was made for you"), "person_id", {"what": KIND, "made_at": WHEN}),
    "answered_form": Shelf(_("Forms that you sent"), "person_id", {
        "turn": _("How often"), "answered_at": _("The last time"),
    }),
}  # fmt: skip
"""Tables in which rows belong to a person, in the order in which files tell of them."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the page: shelves that a person thinks of together, with a sentence on what they are."""

    title: LazyString
    about: LazyString
    tables: tuple[str, ...]


PARTS = (
    Part(
        _("About you"), _("What you or the organisers wrote of you, so that the right people meet you."),
        ("person", "person_language", "person_region", "person_interest", "wish", "absence", "question", "host_wish"),
    ),
    Part(
        _("As somebody who is visited"), _("What stands on lists and sheets of those who are visited."),
        ("host", "host_language", "host_topic"),
    ),
    Part(
        _("Your rounds"), _("Where you sit, whether you came, and where you were sent."),
        ("seat", "rest", "attendance", "help_place", "standby_note", "standby_call"),
    ),
    Part(
        _("After your meetings"), _("What you said and wrote yourself."),
        ("feedback", "contact", "contact_answer", "meeting_note"),
    ),
    Part(
        _("How you come in here"), _("What lets you in, and when you came."),
        ("access_code", "link", "sign_in", "given_out", "answered_form"),
    ),
)  # fmt: skip
"""All shelves, in the order in which the page tells of them."""

SEALED = _("Codes, links, sign-ins and forms are kept as fingerprints, from which nothing can be read.")
INNER = _("Numbers by which the computer tells rows apart, counts saves and keeps lists in order.")
STAFF = _("Who of the staff noted something.")
APART = _("Whom you need not meet, if you wrote anybody there: it is shown to nobody again, so not here either.")
PARTNERS = _("Whom your answers about contacts were about: it would name somebody else.")
OTHERS = _("What others have said, if they have: it is theirs.")
FIGURES = _("Drafts of plans, and figures of how good a plan is: each of them tells of others, too.")
FILES = _("Files that organisers sent and have not read in yet; they are gone after a short time.")
NOTHING = None
"""The table holds nothing of a participant."""

NOT_TOLD: Mapping[str, LazyString | None] = {
    # rows of nobody
    **dict.fromkeys(
        ("event", "region", "region_country", "interest", "removed_interest", "translation", "session", "venue_table",
         "organisation", "staff", "attempt", "helper", "invitation", "screen", "run", "job", "taken_out",
         "interpreter", "interpreter_language", "interpreter_session", "tombstone"),
        NOTHING,
    ),
    "waiting_file": FILES,
    **dict.fromkeys(("keep_apart", "met_before", "apart_entry", "apart_target"), APART),
    **dict.fromkeys(("plan", "meeting"), FIGURES),
    # columns of one's own rows
    **dict.fromkeys(
        ("person.id", "person.public_id", "person.revision", "person.card_turn", "person_language.person_id",
         "person_language.position", "person_region.person_id", "person_interest.person_id", "wish.id",
         "wish.person_id", "wish.position", "absence.id", "absence.person_id", "question.person_id",
         "host_wish.person_id", "host_wish.position", "host.id", "host.public_id", "host.position", "host.person_id",
         "host.revision", "host_language.position", "seat.person_id", "seat.place", "rest.person_id",
         "attendance.person_id", "help_place.person_id", "standby_note.person_id", "standby_call.person_id",
         "feedback.person_id", "access_code.id", "access_code.person_id", "link.id", "link.person_id", "link.staff_id",
         "sign_in.person_id", "sign_in.staff_id", "sign_in.confirmed_at", "given_out.id", "given_out.people",
         "given_out.person_id", "answered_form.person_id", "contact.person_id", "contact_answer.person_id",
         "meeting_note.person_id"),
        INNER,
    ),
    **dict.fromkeys(
        ("attendance.changed_by", "help_place.made_by", "standby_note.made_by", "standby_call.made_by",
         "given_out.made_by"),
        STAFF,
    ),
    **dict.fromkeys(
        ("access_code.finder", "access_code.secret_hash", "link.token_hash", "sign_in.id_hash",
         "answered_form.key_hash", "answered_form.sent", "answered_form.stamp"),
        SEALED,
    ),
    "attendance.instead_of_id": OTHERS,
    "contact_answer.partner_id": PARTNERS,
}  # fmt: skip
"""Whole tables and single columns that are not told, each with the reason."""

BESIDES = (APART, PARTNERS, OTHERS, SEALED, INNER, STAFF, FIGURES, FILES)
"""Every reason, always all of them: the page is the same whether or not there is such a thing."""
