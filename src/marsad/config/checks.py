"""What has to be true before the process starts: every column of every model has its class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error

from marsad.config.third_party_privacy import TABLE
from marsad.web.privacy import Privacy, PrivacyClass

_PERSONS = (PrivacyClass.PERSONAL, PrivacyClass.SENSITIVE)


def columns_of(model: Any) -> set[str]:
    """The columns that a model declares itself, and its many-to-many tables by their name."""
    return {field.name for field in (*model._meta.local_concrete_fields, *model._meta.local_many_to_many)}


def privacy_faults(columns: set[str], privacy: Privacy | None) -> Iterator[str]:
    """What is wrong with the classes given to a model's columns.

    >>> from marsad.web.privacy import classed
    >>> list(privacy_faults({"id", "email"}, classed(internal="id", personal={"email": ""})))
    ['email is personal and does not say how it is erased']
    """
    if privacy is None:
        yield "no column is classed"
        return
    yield from (f"{name} has no class" for name in sorted(columns - privacy.keys()))
    yield from (f"{name} is classed and is not a column" for name in sorted(privacy.keys() - columns))
    for name, column in sorted(privacy.items()):
        if column.privacy in _PERSONS and not column.erased.strip():
            yield f"{name} is {column.privacy} and does not say how it is erased"


def privacy_of(model: Any) -> Privacy | None:
    own: Privacy | None = TABLE.get(model._meta.label, getattr(model, "privacy", None))
    return own


def check_privacy(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    models = [model for app in app_configs or apps.get_app_configs() for model in app.get_models()]
    return [
        Error(
            f"{model._meta.label}: {fault}",
            hint="class every column in the model's `privacy` (marsad.web.privacy.classed), or, for another package's "
            "model, in marsad/config/third_party_privacy.py",
            obj=model,
            id="marsad.E001",
        )
        for model in models
        for fault in privacy_faults(columns_of(model), privacy_of(model))
    ]
