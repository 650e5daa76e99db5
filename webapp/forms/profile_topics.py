"""The second screen of the profile: what I can share and what I am looking for."""

from dataclasses import asdict

from wtforms import BooleanField

from webapp.forms.profile import ChipsField, ScreenForm, at_most, in_one_line
from webapp.forms.text import LineField
from webapp.i18n import lazy_gettext as __
from webapp.operations.profile.profiles import Opened
from webapp.operations.profile.topics import Groups, Topics
from webapp.policy import shows

WORDS_LENGTH = 120


class TopicsForm(ScreenForm):
    """Interests of both sides; a discreet event shows none of them to anybody."""

    offers = ChipsField(__("I can share"))
    offers_words = LineField(__("I can share, in other words"), [at_most(WORDS_LENGTH)])
    seeks = ChipsField(__("I am looking for"))
    seeks_words = LineField(__("I am looking for, in other words"), [at_most(WORDS_LENGTH)])
    shows_topics = BooleanField(__("Others may read which shared topics bring us together"))

    def __init__(self, opened: Opened[Topics], groups: Groups) -> None:
        super().__init__(data=asdict(opened.part) | self.hidden(opened))
        for side in (self.offers, self.seeks):
            side.offer(groups)
        self._shows = opened.part.shows_topics
        if not shows("topics", to="partner", preset=opened.event.preset):
            del self.shows_topics

    def part(self) -> Topics:
        """Return what was typed, after it was found right."""
        return Topics(
            offers=tuple(sorted(self.offers.chosen)),
            seeks=tuple(sorted(self.seeks.chosen)),
            offers_words=in_one_line(self.offers_words.data),
            seeks_words=in_one_line(self.seeks_words.data),
            shows_topics=self.shows_topics.data if "shows_topics" in self else self._shows,
        )
