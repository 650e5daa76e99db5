"""The organiser's counter: the checklist, the event, interests, regions; the other pages are beside it."""

from typing import Any

from flask import render_template, request

from webapp.forms.programme import EventForm, InterestForm, RegionForm, event_as_typed, time_zones
from webapp.forms.titles import as_told, as_typed
from webapp.operations.event import interests as topics
from webapp.operations.event import programme, retention
from webapp.operations.event import regions as places
from webapp.operations.plans import readiness
from webapp.operations.words import titles
from webapp.signin import current_actor
from webapp.views import (
    office_deleting,
    office_hosts,
    office_numbers,
    office_paper,
    office_people,
    office_programme,
    office_trade,
    office_ways,
)
from webapp.views.office import counter, form_page, told
from webapp.views.page import see_other

__all__ = [
    "counter",
    "office_deleting",
    "office_hosts",
    "office_numbers",
    "office_paper",
    "office_people",
    "office_programme",
    "office_trade",
    "office_ways",
]


@counter.get("/office")
def checklist() -> str:
    """What is still missing before the event can start."""
    return render_template("office/checklist.html", event=programme.the_event(), points=readiness.checklist())


@counter.route("/office/event", methods=["GET", "POST"])
def event() -> Any:
    """Describe the event."""
    described = programme.the_event()
    form = EventForm(data=event_as_typed(described))
    if form.validate_on_submit():
        with told(form):
            programme.save_event(form.values(), by=current_actor())
            return see_other("organiser.event" if described else "organiser.checklist", note="saved")
    days = {"usual": retention.USUAL, "most": retention.MOST}
    return form_page("office/event.html", form, event=described, zones=time_zones(), **days)


@counter.route("/office/interests", methods=["GET", "POST"])
def interests() -> Any:
    """The list of interests, with a form to add one."""
    form = InterestForm()
    if form.validate_on_submit():
        with told(form):
            topics.add_interest(form.heading.data, form.title.data, by=current_actor())
            return see_other("organiser.interests", note="added")
    return form_page("office/interests.html", form, groups=topics.by_heading(), words=topics.other_words())


@counter.route("/office/interests/<string:slug>", methods=["GET", "POST"])
def interest(slug: str) -> Any:
    """Rename one interest, or move it under another heading."""
    found = topics.interest_called(slug)
    words = {"heading": found.heading, "title": found.title}
    form = InterestForm(data=words | as_typed({name: titles.others(own) for name, own in words.items()}))
    if form.validate_on_submit():
        with told(form):
            said = as_told(form, *words)
            topics.rename_interest(slug, form.heading.data, form.title.data, by=current_actor(), told=said)
            return see_other("organiser.interests", note="saved")
    shown = {
        "groups": topics.by_heading(),
        "in_use": topics.in_use(found),
        "languages": titles.languages_in_order(programme.the_event()),
    }
    return form_page("office/interest.html", form, interest=found, **shown)


@counter.post("/office/interests/<string:slug>/retire")
def retire_interest(slug: str) -> Any:
    """Take one interest out of the list that people choose from, or put it back."""
    topics.retire_interest(slug, retired=request.form.get("retired") == "yes", by=current_actor())
    return see_other("organiser.interests", note="saved")


@counter.post("/office/interests/<string:slug>/remove")
def remove_interest(slug: str) -> Any:
    """Remove an interest that nobody ever chose."""
    topics.remove_interest(slug, by=current_actor())
    return see_other("organiser.interests", note="removed")


@counter.get("/office/regions")
def regions() -> str:
    """The regions that people work in."""
    return render_template("office/regions.html", regions=programme.regions())


@counter.route("/office/regions/<string:slug>", methods=["GET", "POST"])
def region(slug: str) -> Any:
    """Rename one region."""
    found = places.region_called(slug)
    form = RegionForm(data={"title": found.title} | as_typed({"title": titles.others(found.title)}))
    if form.validate_on_submit():
        with told(form):
            places.rename_region(slug, form.title.data, by=current_actor(), told=as_told(form, "title"))
            return see_other("organiser.regions", note="saved")
    languages = titles.languages_in_order(programme.the_event())
    return form_page("office/region.html", form, region=found, languages=languages)
