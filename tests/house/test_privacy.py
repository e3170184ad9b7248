"""Every column of every model has its class, and nothing starts otherwise."""

from __future__ import annotations

import importlib

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from marsad.accounts.models import User
from marsad.config import wsgi
from marsad.config.checks import check_privacy, columns_of, privacy_faults, privacy_of
from marsad.config.routers import CONFIDENTIAL_APPS
from marsad.config.third_party_privacy import TABLE
from marsad.web.privacy import PrivacyClass, classed


@pytest.mark.parametrize("model", apps.get_models(), ids=lambda model: model._meta.label)
def test_every_column_is_classed(model: type) -> None:
    assert list(privacy_faults(columns_of(model), privacy_of(model))) == []


def test_the_table_names_installed_models_only() -> None:
    assert set(TABLE) <= {model._meta.label for model in apps.get_models()}


def test_no_sensitive_column_stands_below_the_line() -> None:
    below = [model for model in apps.get_models() if model._meta.app_label not in CONFIDENTIAL_APPS]
    sensitive = [
        (model._meta.label, name)
        for model in below
        for name, column in (privacy_of(model) or {}).items()
        if column.privacy is PrivacyClass.SENSITIVE
    ]
    assert sensitive == []


@pytest.mark.parametrize(
    ("privacy", "fault"),
    [
        (None, "no column is classed"),
        (classed(internal="id"), "email has no class"),
        (classed(internal="id email name"), "name is classed and is not a column"),
        (classed(internal="id", sensitive={"email": " "}), "email is sensitive and does not say how it is erased"),
    ],
)
def test_what_is_wrong_is_said(privacy: dict[str, object] | None, fault: str) -> None:
    assert fault in list(privacy_faults({"id", "email"}, privacy))  # type: ignore[arg-type]


def test_nothing_is_served_with_a_column_that_has_no_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(User, "privacy", {name: one for name, one in User.privacy.items() if name != "email"})
    assert [one.id for one in check_privacy(None)] == ["marsad.E001"]
    with pytest.raises(ImproperlyConfigured, match="email has no class"):
        importlib.reload(wsgi)
    monkeypatch.undo()
    importlib.reload(wsgi)
