"""Forms. The rules for names and texts are not here: sockets and imports share them."""

from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ..accounts.names import clean_name
from ..errors import NameRefused
from ..messages.text import clean_text

# No primary key is larger, and no index can look for a larger number.
KEY_MAX = 2**63 - 1
KEY_DIGITS = len(str(KEY_MAX))


def number_in(text: str) -> int | None:
    """The number of a row in an address or a form; None if the text is no number."""
    if not (text.isascii() and text.isdecimal()):
        return None
    # Python refuses to read thousands of digits.
    return min(int(text), KEY_MAX) if len(text) <= KEY_DIGITS else KEY_MAX


def name_field(**attributes: Any) -> forms.CharField:
    return forms.CharField(
        error_messages={"required": _("Type a name.")},
        widget=forms.TextInput(
            attrs={
                "maxlength": settings.NAME_MAX_LENGTH,
                "autocomplete": "nickname",
                **attributes,
            }
        ),
    )


class NameForm(forms.Form):
    name = name_field()

    def clean_name(self) -> str:
        try:
            return clean_name(self.cleaned_data["name"])
        except NameRefused as refused:
            raise ValidationError(refused.detail) from None


class JoinForm(NameForm):
    name = name_field(autofocus=True)


class RenameForm(NameForm):
    name = name_field()


class TextField(forms.CharField):
    """Text of several lines. Characters that cannot be stored are removed; CR LF becomes LF."""

    def to_python(self, value: object) -> str | None:
        text = super().to_python(value)
        return text and clean_text(text)


class MessageForm(forms.Form):
    body = TextField(
        # The commit refuses an empty body, as for sockets.
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 1, "maxlength": settings.MESSAGE_MAX_LENGTH}),
    )
    # Made with the page, so that sending the same form twice posts one message.
    client_id = forms.RegexField(
        r"\A[A-Za-z0-9_-]{1,64}\Z",
        initial=lambda: str(uuid4()),
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("required", "invalid"), _("Reload the page and send again.")),
    )
    # Set by the button of the question whether to notify so many people.
    confirmed = forms.BooleanField(required=False)
