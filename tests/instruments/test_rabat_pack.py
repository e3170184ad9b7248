"""Rabat's questionnaires: read by ODK Validate, in three languages, every question classed, nobody forced, no name asked."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from city_fixtures import NOW, RABAT
from marsad.audit.rules import System
from marsad.collection.collected_pack import read_collected
from marsad.collection.instruments import pack
from marsad.collection.instruments.definition import class_problems, structure_problems
from marsad.collection.instruments.models import Instrument, Version
from marsad.collection.instruments.pack import Packed, load_instruments, read_pack
from marsad.collection.instruments.questions import ASKED_TYPES, CHOICE_TYPES
from marsad.collection.instruments.records import DECLINED, findings
from marsad.collection.instruments.submission_xml import Entry
from marsad.collection.instruments.xlsform import java_is_present, odk_validate
from marsad.collection.operations_dataflows import load_collected

CODES = ("discrimination-reports", "household-survey", "municipal-desk", "rds-survey")
PACKED = {one.definition.code: one for one in read_pack(RABAT)}
STRUCTURES = {one.record["code"]: one.structure for one in read_collected(RABAT)}
# About the visit or the desk, answered by the agent; and what a dataflow cannot be without.
_BY_AGENT = {
    "area", "dwelling_number", "visit_number", "result", "consent", "interview_language", "seed", "coupon", "coupon_1",
    "coupon_2", "coupon_3", "recruiter_coupon", "adult", "foreign", "in_rabat", "already", "accepts", "coupons_given",
    "compensated", "desk_area", "channel", "language", "service", "outcome", "why_not", "referred_to", "protection",
    "household_size", "network_known", "network_size",
}  # fmt: skip
_NAMES = ("surname", "first_name", "family_name", "given_name", "phone", "address", "passport", "cin", "email")


def test_the_four_questionnaires_are_there() -> None:
    assert tuple(PACKED) == CODES


def test_odk_validate_accepts_them() -> None:
    assert java_is_present(), "Java is needed to test questionnaires (Debian: openjdk-17-jre-headless)"
    odk_validate([one.form.xform for one in PACKED.values()])


@pytest.mark.parametrize("code", CODES)
def test_every_question_is_classed_and_every_column_filled(code: str) -> None:
    packed = PACKED[code]
    assert class_problems(packed.definition, packed.form.questions) == ()
    assert structure_problems(packed.definition, STRUCTURES) == ()


@pytest.mark.parametrize("code", CODES)
def test_nobody_must_answer_and_nobody_is_named(code: str) -> None:
    for question in PACKED[code].form.questions:
        assert not any(word in question.name.split("_") or word == question.name for word in _NAMES)
        if question.type not in ASKED_TYPES or question.name in _BY_AGENT:
            continue
        if question.type in CHOICE_TYPES:
            declines = DECLINED in {choice.name for choice in question.choices}
            assert declines or question.name in _BY_AGENT, question.name
        else:
            assert not question.required, question.name
            assert question.hint, f"{question.name}: the hint says that it may stay empty"


@pytest.mark.parametrize("code", CODES)
def test_consent_comes_before_every_question_about_the_person(code: str) -> None:
    packed = PACKED[code]
    names = [question.name for question in packed.form.questions]
    before = names[: names.index("consent")]
    personal = {name for name, kind in packed.definition.privacy.items() if kind != "internal"}
    identifiers = {"dwelling_number", "coupon", "recruiter_coupon"}
    assert set(before) & personal <= identifiers


def examples(packed: Packed) -> list[tuple[str, Entry, list[str]]]:
    said = tomllib.loads((packed.folder / "examples.toml").read_text("utf-8"))
    return [
        (
            one["name"],
            Entry(
                one["answers"], {name: [Entry(turn) for turn in all_] for name, all_ in one.get("turns", {}).items()}
            ),
            one.get("findings", []),
        )
        for kind in ("bad", "good")
        for one in said[kind]
    ]


@pytest.mark.parametrize("code", CODES)
def test_each_bad_example_has_exactly_its_findings(code: str) -> None:
    packed = PACKED[code]
    for name, entry, expected in examples(packed):
        found = findings(entry, packed.definition, packed.form.questions, STRUCTURES)
        assert [str(one) for one in found] == expected, name


def test_adequate_housing_is_asked_by_its_five_parts() -> None:
    names = {question.name for question in PACKED["household-survey"].form.questions}
    assert names >= {"improved_water", "improved_sanitation", "durable_structure", "sufficient_area", "secure_tenure"}


@pytest.mark.django_db(databases=["default", "confidential"])
def test_the_pack_is_loaded_once_and_a_changed_published_version_stays(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(pack.xlsform, "java_is_present", lambda: False)
    root = tmp_path / "city"
    shutil.copytree(RABAT / "collected", root / "collected")
    shutil.copytree(RABAT / "codelists", root / "codelists")
    shutil.copy(RABAT / "actors.csv", root / "actors.csv")
    shutil.copytree(RABAT / "instruments" / "municipal-desk", root / "instruments" / "municipal-desk")
    load_collected(actor=System("load-city"), at=NOW, root=root)
    said: list[str] = []
    for expected in (1, 0):
        assert load_instruments(actor=System("load-city"), at=NOW, root=root, warn=said.append) == expected
    assert (Instrument.objects.get().code, Version.objects.get().state) == ("municipal-desk", "published")
    survey = root / "instruments" / "municipal-desk" / "v1" / "survey.csv"
    survey.write_text(survey.read_text("utf-8").replace("Service demandé", "Service voulu"), "utf-8")
    assert load_instruments(actor=System("load-city"), at=NOW, root=root, warn=said.append) == 0
    assert "The words of service changed (fr): from “Service demandé” to “Service voulu”." in said[0]
    assert Version.objects.count() == 1
