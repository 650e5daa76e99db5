"""Forms of the front door."""

from flask_wtf import FlaskForm
from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from webapp.forms.text import LineField
from webapp.i18n import lazy_gettext as _


class CodeForm(FlaskForm):
    """The code of a paper slip."""

    code = LineField(_("Your code"), [InputRequired(_("Type the 16 digits of your slip.")), Length(max=60)])


class PasswordForm(FlaskForm):
    """A staff account."""

    name = LineField(_("Account"), [InputRequired(_("Type the name of your account.")), Length(max=80)])
    password = PasswordField(_("Password"), [InputRequired(_("Type your password.")), Length(max=200)])
