"""What a column of somebody's file is: told by its name, as Google Forms, pretix, Indico and Eventbrite write them."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

PEOPLE = (
    "number", "registration", "name", "first", "last", "latin", "organisation", "role", "country", "regions",
    "languages", "offers", "seeks", "offers_words", "seeks_words", "wishes", "away", "seated", "first_time",
    "companion", "companion_languages", "shows_topics", "listed",
)  # fmt: skip
SPECIALISTS = (
    "number", "name", "first", "last", "latin", "title", "organisation", "languages", "topics", "table", "places",
    "rounds_away", "note",
)  # fmt: skip
TOOLS = (
    "number", "title", "name", "first", "last", "latin", "organisation", "languages", "topics", "table", "places",
    "least_places", "rounds_away", "note",
)  # fmt: skip
FIELDS = {"people": PEOPLE, "specialists": SPECIALISTS, "tools": TOOLS}
MANY = ("registration",)
"""Fields that may be made of several columns: an order and a place in it."""

NAMES: Mapping[str, tuple[str, ...]] = {
    "number": ("number", "event number", "badge number", "numero", "numero de badge", "numero d evenement"),
    "registration": (
        "registration", "registration id", "id", "order code", "order", "order id", "position id", "attendee",
        "attendee id", "order number", "code de commande", "n de commande", "commande", "n de participant",
        "id de position", "identifiant", "inscription", "response id", "numero de commande",
    ),
    "name": (
        "name", "full name", "attendee name", "participant name", "your name", "nom complet", "nom du participant",
        "nom et prenom", "prenom et nom", "nombre", "presenter", "specialist", "presentateur", "specialiste",
        "nom de la personne", "registrant",
    ),
    "first": (
        "first name", "given name", "attendee name given name", "first names", "forename", "prenom", "prenoms",
        "nom du participant prenom", "prenom du participant", "attendee first name",
    ),
    "last": (
        "last name", "surname", "family name", "attendee name family name", "nom", "nom de famille",
        "nom du participant nom de famille", "attendee last name", "attendee surname",
    ),
    "latin": ("latin", "name in latin letters", "latin spelling", "nom en lettres latines", "ecriture latine"),
    "organisation": (
        "organisation", "organization", "company", "affiliation", "attendee company", "company name", "organisme",
        "societe", "entreprise", "institution", "employer", "ngo", "institut",
    ),
    "role": ("role", "participant type", "role in the network"),
    "country": ("country", "home country", "country of residence", "pays", "pays de residence"),
    "regions": ("regions", "region", "regions they work in"),
    "languages": ("languages", "language", "spoken languages", "langues", "langue", "langues parlees"),
    "offers": ("offers", "offer", "i can offer", "i offer", "offres", "je propose", "j offre"),
    "seeks": ("seeks", "i am looking for", "i seek", "looking for", "je cherche", "recherche"),
    "offers_words": ("offers words", "i can share in other words"),
    "seeks_words": ("seeks words", "i am looking for in other words"),
    "wishes": ("wishes", "souhaits"),
    "away": ("away", "absences", "absent"),
    "seated": ("seated", "stays seated", "assis"),
    "companion": ("companion", "brings a helper or an interpreter"),
    "companion_languages": ("companion languages", "languages of the interpreter"),
    "shows_topics": ("shows topics",),
    "listed": ("listed",),
    "first_time": ("first time", "first timer", "premiere fois"),
    "title": ("title", "about", "tool", "topic of the talk", "outil", "sujet", "what people can ask about"),
    "topics": ("topics", "interests", "themes", "sujets"),
    "table": ("table", "tables"),
    "places": ("places", "visitors at a time", "seats"),
    "least_places": ("least places", "fewest visitors", "min places"),
    "rounds_away": ("away", "rounds away", "absent"),
    "note": ("note", "notes", "in a sentence or two", "biography", "bio", "description"),
}  # fmt: skip

QUESTIONS: Mapping[str, str] = {
    "first_time": r"\bfirst time\b|\bpremiere fois\b",
    "seated": r"\b(seated|wheelchair|step free|stay at one table)\b|\bassis|fauteuil",
    "latin": r"\blatin (letters|spelling|script|alphabet)\b|\b(lettres|caracteres) latin",
    "languages": r"\blanguages? (do|can|are|you)\b|\bspeak\b|\bwhich languages?\b|\blangues?\b|\bparlez\b",
    "offers": r"\b(can|could) (you )?(offer|share|teach|help)\b|\boffer\b|\bexpertise\b|\b(proposer|offrir|partager)\b",
    "seeks": r"\blook(ing)? for\b|\bseek|\bwant to learn\b|\blike to learn\b|\bcherche|\bapprendre\b|\bbesoins?\b",
    "country": r"\b(which|what|your) country\b|\bcountry (do|are|you|of)\b|\bquel pays\b|\bpays\b",
    "regions": r"\bregions?\b",
    "organisation": r"\borgani[sz]ation\b|\bemployer\b|\baffiliation\b|\borganisme\b|\bemployeur\b",
    "first": r"\b(first|given) name\b|\bprenom\b",
    "last": r"\b(last|family) name\b|\bsurname\b|\bnom de famille\b",
    "name": r"\b(your|full|chosen) name\b|\bcalled\b|\bpseudonym|\bvotre nom\b|\bvous appel|\bpseudonyme\b",
    "role": r"\bmember (or|of)\b|\b(which|what|your) role\b|\bmembre ou\b",
}
NEVER = re.compile(
    r"\be?mail\b|\bcourriel\b|\bphone\b|\btelephone\b|\bmobile\b|\btwitter\b|\bevent (slug|name)\b|\btimestamp\b|"
    r"\bhorodateur\b|\bdate\b|\bcheckin\b|\bprice\b|\bprix\b|\btax\b|\bstreet\b|\bzip\b|\bcity\b|\bstatus\b|\bproduct\b|"
    r"\bticket\b|\bjob\b|\bquantity\b|\binvoice\b(?!.*country)|\bsecret\b|\bpassword\b|\bcode d acces\b"
)


def folded_header(header: str) -> str:
    """Return a column's name as names are compared: no accents, no case, no signs.

    >>> folded_header("N° de  commande"), folded_header("Order #"), folded_header("Attendee name: Given name")
    ('n de commande', 'order', 'attendee name given name')
    """
    plain = unicodedata.normalize("NFKD", header).casefold()
    kept = "".join(sign if sign.isalnum() else " " for sign in plain if unicodedata.category(sign) != "Mn")
    return " ".join(kept.replace("°", " ").split())


def guess(kind: str, headers: Sequence[str]) -> tuple[str, ...]:
    """Return which field of a kind each column is, nothing where it is none; no field twice.

    Exact names go before questions, and a whole name before its parts.
    """
    fields, names = FIELDS[kind], [folded_header(header) for header in headers]
    found = [""] * len(names)
    for field in fields:
        for at, name in enumerate(names):
            if not found[at] and name in NAMES[field] and (field in MANY or field not in found):
                found[at] = field
    for field, pattern in QUESTIONS.items():
        asked = [at for at, name in enumerate(names) if re.search(pattern, name) and not NEVER.search(name)]
        free = [at for at in asked if not found[at]]
        if field in fields and field not in found and free:
            found[free[0]] = field
    return tuple(_whole_or_parts(found))


def _whole_or_parts(found: list[str]) -> list[str]:
    """Leave either the whole name or its parts; a last name alone is a name."""
    if "first" in found and "last" in found:
        return ["" if field == "name" else field for field in found]
    if "name" in found:
        return ["" if field in ("first", "last") else field for field in found]
    return ["name" if field in ("first", "last") else field for field in found]
