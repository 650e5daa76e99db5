"""What is said of a meeting: its language, its benefit, and the reasons for it."""

from collections.abc import Iterator

from matcher.check.case import Case, met, table_of, told
from matcher.plan import Meeting, Reason
from matcher.points import fitting, kinds_of
from matcher.problem import Host, KindWish, Person


def words(case: Case) -> Iterator[str]:
    """Judge language, benefit and reasons of every meeting."""
    for meeting, true in zip(case.meetings, case.worth.tolist(), strict=True):
        yield from _language(case, meeting)
        if meeting.benefit != true:
            yield f"the benefit of {told(meeting)} is told as {meeting.benefit}, it is {true}"
        points = sum(reason.points for reason in meeting.reasons)
        if points and points != true:
            yield f"the reasons for the meeting of {told(meeting)} add up to {points}, not to {true}"
        yield from _reasons(case, meeting)


def _language(case: Case, meeting: Meeting) -> Iterator[str]:
    """A named language is one that all at the table speak; somebody without languages may speak it."""
    lists = [node.languages for node in table_of(case, meeting)]
    if meeting.language is not None and (
        not any(lists) or any(spoken and meeting.language not in spoken for spoken in lists)
    ):
        whom = "both" if len(lists) == 2 else "all"
        yield f"{told(meeting)} are told to speak {meeting.language}, which not {whom} speak"


def _reasons(case: Case, meeting: Meeting) -> Iterator[str]:
    table = {*meeting.people, meeting.host, None}
    nodes = case.nodes
    pairs = {frozenset(two) for two in met(meeting)}
    for reason in meeting.reasons:
        if not {reason.giver, reason.taker} <= table:
            yield f"a reason for the meeting of {told(meeting)} speaks of somebody else"
        elif reason.code in ("other_region", "same_region"):
            if not any(_region(case, reason, *(nodes[name] for name in pair)) for pair in pairs):
                yield f"a reason for the meeting of {told(meeting)} is told as {reason.code}, which is not so"
        elif reason.giver is not None and reason.taker is not None:
            true = frozenset((reason.giver, reason.taker)) in pairs
            if not (true and _gives(reason, nodes[reason.giver], nodes[reason.taker])):
                who = f"from {reason.giver} to {reason.taker}"
                yield f"a reason for the meeting of {told(meeting)} is told as {reason.code} {who}, which is not so"


def _gives(reason: Reason, giver: Person | Host, taker: Person | Host) -> bool:
    """Whether the taker seeks what the giver offers, or wishes to meet the giver."""
    if isinstance(taker, Host):
        return False
    if reason.code == "offer_meets_need":
        offers = giver.topics if isinstance(giver, Host) else giver.offers
        return reason.topic is None or (reason.topic in offers and reason.topic in taker.seeks)
    wishes = [wish for wish in taker.wishes if _fits(wish, taker, giver)]
    return any(reason.topic in (None, wish.value if isinstance(wish, KindWish) else None) for wish in wishes)


def _fits(wish: str | KindWish, taker: Person, giver: Person | Host) -> bool:
    if isinstance(giver, Host):
        return any(wish == granted for _, granted in fitting(taker, giver))
    return wish == giver.id or wish in kinds_of(giver)


def _region(case: Case, reason: Reason, one: Person | Host, other: Person | Host) -> bool:
    if isinstance(one, Host) or isinstance(other, Host):
        return False
    mine, yours = set(one.regions), set(other.regions)
    if reason.code == "same_region":
        return case.problem.rules.regions == "same" and bool(mine & yours)
    return case.problem.rules.regions == "mix" and bool(mine) and bool(yours) and not mine & yours
