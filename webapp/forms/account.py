"""Forms of the front door."""

from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from webapp.forms.speech import PageForm
from webapp.forms.text import LineField, readable_name
from webapp.i18n import lazy_gettext as _
from webapp.operations.door.accounts import LONGEST_PASSWORD


class CodeForm(PageForm):
    """The code of a paper slip."""

    code = LineField(_("Your code"), [InputRequired(_("Type the 16 digits of your slip.")), Length(max=60)])


class PasswordForm(PageForm):
    """A staff account."""

    name = LineField(_("Account"), [InputRequired(_("Type the name of your account.")), Length(max=80)])
    password = PasswordField(_("Password"), [InputRequired(_("Type your password.")), Length(max=LONGEST_PASSWORD)])


class ConfirmForm(PageForm):
    """The password of whoever is signed in already."""

    password = PasswordField(
        _("Your password"), [InputRequired(_("Type your password.")), Length(max=LONGEST_PASSWORD)]
    )


class InvitedForm(PageForm):
    """A helper who comes by a link."""

    name = LineField(_("Your first name"), [InputRequired(_("Type your first name.")), Length(max=40), readable_name])


class HelperForm(InvitedForm):
    """A helper who comes by a typed code."""

    code = LineField(_("Code"), [InputRequired(_("Type the 12 digits that the desk shows.")), Length(max=60)])
