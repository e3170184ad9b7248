"""``{% form_fields form %}``: the fields of a form with their labels, helps and errors, in Bootstrap's classes."""

from __future__ import annotations

from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

register = template.Library()


def _class_of(widget: forms.Widget) -> str:
    if widget.use_fieldset:
        return ""  # the class would stand on the box around the inputs as well as on each of them
    if isinstance(widget, forms.CheckboxInput):
        return "form-check-input"
    if isinstance(widget, forms.Select):
        return "form-select"
    return "form-control"


@register.filter
def control(field: BoundField) -> SafeString:
    """The field's input, with the class of its kind and marked when it is wrong."""
    own = field.field.widget.attrs.get("class", "")
    wrong = " is-invalid" if field.errors else ""
    attributes: dict[str, Any] = {"class": f"{own} {_class_of(field.field.widget)}{wrong}".strip()}
    return field.as_widget(attrs=attributes)


@register.filter
def is_tick(field: BoundField) -> bool:
    """Whether the field is one box to tick, whose label stands behind it."""
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def is_group(field: BoundField) -> bool:
    """Whether the field is several inputs under one legend."""
    return bool(field.field.widget.use_fieldset)


@register.inclusion_tag("web/components/form_fields.html")
def form_fields(form: forms.BaseForm) -> dict[str, Any]:
    return {"form": form}
