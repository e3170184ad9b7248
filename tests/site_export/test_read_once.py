"""What is read once while the site is written, and anew by every reader of the living pages."""

from __future__ import annotations

import pytest

from marsad.dissemination import queries as dissemination
from marsad.observatory import site_export
from marsad.web.read_once import read_once, reading_once
from migstat.model import Refused


def test_a_question_is_asked_once_only_while_somebody_holds_that_nothing_moves() -> None:
    asked: list[object] = []

    @read_once(2)
    def places(city: str, *, codes: list[str] | None = None) -> list[str]:
        asked.append((city, codes))
        return [city]

    assert places("a") == places("a") == ["a"]
    assert len(asked) == 2, "a reader of the living pages asks each time"
    with reading_once():
        assert places("a", codes=["x"]) is places("a", codes=["x"])
        assert places("a", codes=["y"]) is not places("a", codes=["x"])
        assert len(asked) == 4
        places("b")
        places("a", codes=["y"])
        assert len(asked) == 6, "the two asked for last are kept"
    with reading_once():
        places("a", codes=["y"])
    assert len(asked) == 7, "what was kept is forgotten"


def test_no_site_is_put_in_place_when_an_edition_was_withdrawn_while_it_was_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dissemination, "current_publication_after", lambda apps: ("2026-2", 7))
    site_export._demand_unmoved(7)
    with pytest.raises(Refused, match=r"export\.moved"):
        site_export._demand_unmoved(6)
