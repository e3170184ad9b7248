"""The text of an agreement in every language, written from its terms."""

from __future__ import annotations

from typing import Any

from marsad.coordination.agreements.terms import Terms


def texts_of(terms: Terms, agreement: Any) -> dict[str, list[dict[str, Any]]]:
    return {}
