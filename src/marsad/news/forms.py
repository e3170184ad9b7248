"""What a reader fills in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from marsad.catalogue import queries as catalogue
from marsad.web.words import said


class AskForm(forms.Form):
    """An address, and of what it is told."""

    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"})
    )
    theme = forms.ChoiceField(label=_("Of which releases"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        themes = [(theme.code, said(theme, "name", get_language() or "fr")) for theme in catalogue.themes()]
        self.fields["theme"].choices = [("", _("All releases")), *themes]  # type: ignore[attr-defined]
