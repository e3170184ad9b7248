"""Forms of accounts: they check and convert, and save nothing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from marsad.accounts.labels import ROLE_LABELS
from marsad.accounts.rules import GRANTABLE, Role

_ROLE_CHOICES = [(role.value, ROLE_LABELS[role]) for role in GRANTABLE]


class InvitationForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    roles = forms.TypedMultipleChoiceField(
        label=_("Roles"), choices=_ROLE_CHOICES, coerce=Role, widget=forms.CheckboxSelectMultiple
    )
    language = forms.ChoiceField(label=_("Language of the message"), choices=settings.LANGUAGES)


class AcceptForm(forms.Form):
    """``ask_email`` is True for the first link, which was made for no address."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    name = forms.CharField(label=_("Name, as colleagues will see it"), max_length=120)
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=password_validators_help_text_html,
    )
    again = forms.CharField(
        label=_("The same password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, ask_email: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not ask_email:
            del self.fields["email"]

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("password") and given["password"] != given.get("again"):
            self.add_error("again", ValidationError(_("The two passwords differ."), code="differ"))
        return given


class RoleForm(forms.Form):
    role = forms.TypedChoiceField(label=_("Role"), choices=_ROLE_CHOICES, coerce=Role)


class ConfirmForm(forms.Form):
    confirm = forms.BooleanField(label=_("I understand that this cannot be undone."))
