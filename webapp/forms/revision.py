"""A form that knows which state of something it was opened on."""

from wtforms import HiddenField

from webapp.forms.speech import PageForm

LONGEST_REVISION = 9


class RevisedForm(PageForm):
    """A form about something that two may change at once."""

    revision = HiddenField()

    @property
    def seen(self) -> int:
        """The revision that was on the page; -1 where that is no number."""
        typed = str(self.revision.data or "")
        return int(typed) if typed.isdecimal() and len(typed) <= LONGEST_REVISION else -1
