"""Forms of the register of requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marsad.collection.labels import MOVE_LABELS, RIGHT_LABELS
from marsad.collection.rules import Move, Right


class RequestForm(forms.Form):
    right = forms.TypedChoiceField(
        label=_("Right that the person uses"),
        choices=[(right.value, RIGHT_LABELS[right]) for right in Right],
        coerce=Right,
    )
    received_on = forms.DateField(label=_("Received on"), widget=forms.DateInput(attrs={"type": "date"}))
    person = forms.CharField(label=_("Person"), max_length=200)
    contact = forms.CharField(label=_("How to reach the person"), max_length=200)
    subject = forms.CharField(label=_("What is asked"), widget=forms.Textarea(attrs={"rows": 4}), max_length=4000)


class MoveForm(forms.Form):
    move = forms.TypedChoiceField(label=_("Step"), coerce=Move)
    answer = forms.CharField(
        label=_("Answer to the person"),
        help_text=_("Needed to grant or refuse. A refusal says why, and that the person can turn to the CNDP."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        required=False,
    )

    def __init__(self, *args: Any, moves: Sequence[Move], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        step: Any = self.fields["move"]
        step.choices = [(move.value, MOVE_LABELS[move]) for move in moves]
