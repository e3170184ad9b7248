"""Forms of the pages of questionnaires, devices and review."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marsad.collection.instruments.labels import MOVE_LABELS
from marsad.collection.instruments.rules import DEVICE_LIFE, LONGEST_DEVICE_LIFE, Move


class _SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files: cleaned, a list, empty where none was chosen."""

    widget = _SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        chosen = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(one, initial) for one in chosen if one]


class UploadForm(forms.Form):
    workbook = forms.FileField(
        label=_("XLSForm workbook (.xlsx)"),
        help_text=_("With the sheets survey, choices and settings, in French, Arabic and English."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
    )
    definition = forms.FileField(
        label=_("Description of the instrument (instrument.toml)"),
        help_text=_("Needed for a new instrument; without it the description of its last version holds."),
        widget=forms.ClearableFileInput(attrs={"accept": ".toml"}),
        required=False,
    )
    named_files = FilesField(
        label=_("Tables and pictures that the form names"),
        help_text=_("Where one is not sent, that of the last version holds."),
        required=False,
    )


class DeviceForm(forms.Form):
    label = forms.CharField(
        label=_("Name of the device"), help_text=_("For example “Blue telephone 3”; no person's name."), max_length=80
    )
    days = forms.IntegerField(
        label=_("Valid for how many days"),
        min_value=1,
        max_value=LONGEST_DEVICE_LIFE.days,
        initial=DEVICE_LIFE.days,
    )

    def __init__(self, *args: Any, people: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = list(people)
        if people:
            self.fields["person"] = forms.ChoiceField(label=_("Who holds it"), choices=people)


class LookForm(forms.Form):
    reason = forms.CharField(
        label=_("Why do you look at these answers?"),
        help_text=_("The look is entered in the access log with this reason."),
        max_length=400,
        min_length=10,
    )


class AnswerForm(forms.Form):
    words = forms.CharField(
        label=_("Your answer"),
        help_text=_("What is so, or what you checked. Write no name, address or telephone number."),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
    )


class MoveForm(forms.Form):
    move = forms.TypedChoiceField(label=_("Step"), coerce=Move)
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Needed to return, to reject and to open again. Write no name."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        required=False,
    )

    def __init__(self, *args: Any, moves: Sequence[Move], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        step: Any = self.fields["move"]
        step.choices = [(move.value, MOVE_LABELS[move]) for move in moves]


class CorrectForm(forms.Form):
    place = forms.ChoiceField(label=_("Answer to correct"))
    value = forms.CharField(
        label=_("New answer"),
        help_text=_("The code of a choice, a number, or a day such as 2026-03-01; empty takes the answer out."),
        max_length=2000,
        required=False,
    )
    reason = forms.CharField(label=_("Reason"), max_length=2000)

    def __init__(self, *args: Any, places: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        where: Any = self.fields["place"]
        where.choices = list(places)


class ConflictForm(forms.Form):
    take = forms.TypedChoiceField(
        label=_("Which answers hold?"),
        choices=[("no", _("Those that stand")), ("yes", _("The other ones"))],
        coerce=lambda said: said == "yes",
    )
    reason = forms.CharField(label=_("Reason"), max_length=2000)
