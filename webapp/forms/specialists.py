"""The form in which somebody writes what they would like to ask."""

from webapp.forms.profile import at_most
from webapp.forms.profile_meeting import QUESTION_LENGTH
from webapp.forms.speech import PageForm
from webapp.forms.text import LinesField
from webapp.i18n import lazy_gettext as _


class QuestionForm(PageForm):
    """A question for the specialist; empty for none."""

    question = LinesField(_("Your question for the specialist"), [at_most(QUESTION_LENGTH)])

    @property
    def text(self) -> str:
        """The question as it is kept: in one line, as the profile keeps it."""
        return " ".join((self.question.data or "").split())
