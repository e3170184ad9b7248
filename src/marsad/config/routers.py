"""Which database a model lives in: apps above the line of confidentiality have one of their own."""

from __future__ import annotations

from typing import Any

CONFIDENTIAL_APPS = frozenset(
    {"collection", "instruments", "deliveries", "fieldwork", "production", "linkage", "release"}
)


class LineOfConfidentiality:
    """Routes every model by its app, and lets no relation and no table cross the line."""

    def _database(self, app_label: str) -> str:
        return "confidential" if app_label in CONFIDENTIAL_APPS else "default"

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return self._database(model._meta.app_label)

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return self._database(model._meta.app_label)

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return self._database(one._meta.app_label) == self._database(other._meta.app_label)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == self._database(app_label)
