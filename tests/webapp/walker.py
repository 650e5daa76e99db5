"""Walks through a whole house: every rule at an address that exists, every page of every role, every form."""

import re
from collections import Counter, deque
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect, Rule
from werkzeug.test import TestResponse

from tests.webapp.building import TOKEN, Building
from tests.webapp.canaries import ROLES, Populated
from tests.webapp.once import once
from tests.webapp.pages import Form, read_page
from tests.webapp.walks import Walked, walk_kept, walk_taken_up
from webapp.access import ROUTES

BACK = re.compile(r'name="back" value="[^"]*"')
UNLINKED = {
    "static": "/static/style.css", "public.robots": "/robots.txt", "public.healthz": "/healthz",
    # asked for until the evening of the day on which people met
    "participant.exchange": "/me/contacts/first-talks", "participant.news": "/me/news",
    "facilitator.news": "/desk/first-talks/news",
    # the sessions of this house are over, and from those nobody withdraws
    "participant.withdraw": "/me/leaving/session/first-talks",
}  # fmt: skip
TYPED = ("/tick/first-talks?q=zq",)
"""Searches that find somebody, since a list that is shown unasked leads nowhere from there."""
SAME_RULE_AT_MOST = 8
ARGUMENT = re.compile(r"<[^>]*>")


class House(Building):
    """A building whose every corner has been walked to: all rules, pages and forms of all roles.

    Houses on the same data that are given the same `shelf`, a folder, are walked through once for all of them.
    """

    shelf: Path | None = None

    def rules(self, within: str = "") -> list[Rule]:
        """Every rule there is, or those whose endpoint starts with a word."""
        return [rule for rule in self.app.url_map.iter_rules() if rule.endpoint.startswith(within)]

    def address(self, rule: Rule) -> str:
        """An address of this rule at which there is something."""
        if not rule.arguments:
            return rule.rule
        if rule.endpoint in UNLINKED:
            return UNLINKED[rule.endpoint]
        if rule.endpoint in {"public.link", "public.use_link"}:
            return f"/in/{self.populated.link}"
        if rule.endpoint in {"public.card", "public.use_card"}:
            return f"/c/{self.populated.link}"
        if rule.endpoint in {"public.invited", "public.come_by_link"}:
            return f"/helper/{self.populated.link}"
        path = self._found.get(rule.rule) or beside(self._found, rule.rule)
        assert "<" not in path, f"no page of any role leads to {rule.rule}; link it, or name it in walker.UNLINKED"
        return path

    def addresses(self, within: str = "") -> list[str]:
        """An address for each of these rules, each once: what is looked at and what is sent there share it."""
        return sorted({self.address(rule) for rule in self.rules(within)})

    def variants(self, rule: Rule, value: str) -> Iterator[str]:
        """Addresses of this rule with one argument after the other replaced by a percent-encoded value."""
        path, method = self.address(rule), next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        known = self.app.url_map.bind(self.host).match(path, method)[1]
        for name in sorted(rule.arguments):
            filled = {key: quote(str(held), safe="/") for key, held in known.items()} | {name: value}
            yield ARGUMENT.sub(lambda found, to=filled: to[found.group()[1:-1].rpartition(":")[2]], rule.rule)

    def role_for(self, rule: Rule) -> str:
        """A role that may come through this door, one with something behind it where there is a choice."""
        allowed = ROUTES[rule.endpoint]
        likely = ("organiser", "facilitator", "participant", "safety")
        return next((role for role in likely if role in allowed), "anonymous")

    def form_for(self, rule: Rule) -> Form | None:
        """The form that some page offers for this rule."""
        return next((forms[rule.rule] for forms in self._forms.values() if rule.rule in forms), None)

    def match(self, address: str, method: str = "GET") -> Rule | None:
        """The rule that an address of this site leads to."""
        parts = urlsplit(urljoin(f"http://{self.host}/", address))
        try:
            rule, _ = self.app.url_map.bind(self.host).match(parts.path, method, return_rule=True)
        except RequestRedirect as led:
            return self.match(led.new_url, method)
        except HTTPException:
            return None
        return rule

    def pages(self, role: str) -> dict[str, TestResponse]:
        """Every answer that a role can walk to by links, and what its forms answer, sent as they are and emptied."""
        return self._walked[role][0]

    def names_asked(self, rule: Rule) -> list[str]:
        """The names that stand in the queries of a rule's linked addresses."""
        linked = (a for role in ROLES for a in self.pages(role) if a.startswith("/") and "?" in a)
        return sorted({name for address in linked if self.match(address) == rule for name in queried(address)})

    @cached_property
    def _found(self) -> dict[str, str]:
        return {rule: path for role in ROLES for rule, path in self._walked[role][2].items()}

    @cached_property
    def _forms(self) -> dict[str, dict[str, Form]]:
        return {role: self._walked[role][1] for role in ROLES}

    @cached_property
    def _walked(self) -> dict[str, Walked]:
        if self.shelf is None:
            return {role: self._walk_from_the_start(role) for role in ROLES}
        # those who have most to walk to are the last of the roles, and begun first
        kept = once(self.shelf, ROLES[::-1], lambda role: walk_kept(self._walk_from_the_start(role)))
        return {role: walk_taken_up(kept[role]) for role in ROLES}

    def _walk_from_the_start(self, role: str) -> Walked:
        walked = self._walk(role)
        self.restore()
        return walked

    def _walk(self, role: str) -> Walked:
        walked: Walked = ({}, {}, {})
        self._walk_on(role, walked)
        # some buttons wait until nothing is under way
        self.end_work()
        at_rest: Walked = ({}, walked[1], walked[2])
        self._walk_on(role, at_rest, leave={at for at, one in walked[0].items() if one.mimetype != "text/html"})
        walked[0].update(otherwise(walked[0], at_rest[0]))
        for text, form in walked[1].items():
            walked[0].update(self._sent(role, walked[2][text], form))
        return walked

    def _walk_on(self, role: str, walked: Walked, leave: Collection[str] = ()) -> None:
        """Go wherever links lead, but to the addresses to leave out."""
        answers, forms, found = walked
        seen: Counter[tuple[str, str]] = Counter()
        waiting = deque(rule.rule for rule in self.rules() if not rule.arguments and "GET" in (rule.methods or ()))
        waiting += ["/static/style.css", "/nothing-here", f"/in/{self.populated.link}", *TYPED]
        while waiting:
            address = waiting.popleft()
            rule = self.match(address)
            kind = (rule.rule if rule else "", ",".join(queried(address)))
            if address in answers or address in leave or seen[kind] >= SAME_RULE_AT_MOST:
                continue
            seen[kind] += 1
            answers[address] = answer = self.get(role, address)
            if rule and answer.status_code == 200:
                found.setdefault(rule.rule, urlsplit(address).path)
            waiting += self._onward(address, answer, forms, found)

    def _onward(
        self, address: str, answer: TestResponse, forms: dict[str, Form], found: dict[str, str]
    ) -> Iterator[str]:
        """Note a page's forms and yield where it leads."""
        if answer.headers.get("Location"):
            yield own(urljoin(address, answer.headers["Location"]), self.host)
        if answer.mimetype != "text/html":
            return
        page = read_page(answer.text)
        yield from (own(urljoin(address, link), self.host) for _tag, name, link in page.links if name != "action")
        for form in page.forms:
            target = own(urljoin(address, form.action or address), self.host)
            rule = self.match(target, form.method)
            if rule and form.method == "POST":
                forms.setdefault(rule.rule, form)
                found.setdefault(rule.rule, urlsplit(target).path)
            elif rule:
                yield f"{urlsplit(target).path}?{urlencode(form.filled())}"

    def _sent(self, role: str, path: str, form: Form) -> dict[str, TestResponse]:
        answers = {}
        emptied = [(name, "" if name != "revision" else value) for name, value in form.filled()]
        for how, fields in (("as it is", form.filled()), ("emptied", emptied)):
            self.restore()
            answers[f"POST {path} {how}"] = self.send(role, path, fields)
        self.restore()
        return answers


def beside(found: Mapping[str, str], text: str) -> str:
    """Fill in a rule that no page leads to just now with what stands in the addresses of the rules beside it."""
    known: dict[str, str] = {}
    for other, path in found.items():
        shape = re.compile("".join(_group(part) for part in re.split(r"(<[^>]*>)", other)))
        held = shape.fullmatch(path)
        ends = [hit.end() for hit in ARGUMENT.finditer(other)]
        known |= {other[:end]: path[: held.end(at)] for at, end in enumerate(ends, 1) if held}
    best = max((start for start in known if text.startswith(start)), key=len, default="")
    return known.get(best, "") + text[len(best) :]


def _group(part: str) -> str:
    return "(.+)" if ARGUMENT.fullmatch(part) else re.escape(part)


def otherwise(before: Mapping[str, TestResponse], now: Mapping[str, TestResponse]) -> dict[str, TestResponse]:
    """The answers that are new or not what they were before, each with a mark at its address."""
    return {
        f"{at}#at-rest": one
        for at, one in now.items()
        if at not in before or (before[at].status, plain(before[at])) != (one.status, plain(one))
    }


def own(address: str, host: str) -> str:
    """Return where a link leads within this site; the front door for one that leads elsewhere."""
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "") if parts.netloc in {"", host} else "/"


def queried(address: str) -> list[str]:
    """The names in an address's query."""
    return sorted({name for name, _ in parse_qsl(urlsplit(address).query, keep_blank_values=True)})


def plain(answer: TestResponse) -> str:
    """A page without what differs from browser to browser and address to address."""
    return BACK.sub("", TOKEN.sub("", text_of(answer)))


def text_of(answer: TestResponse) -> str:
    """An answer's bytes as text, whatever they are."""
    return answer.get_data().decode("utf-8", "replace")


def open_house(populated: Populated, folder: Path, **settings: object) -> House:
    """Return a house of its own on a copy of everything."""
    return House(populated.open(folder, **settings), populated)
