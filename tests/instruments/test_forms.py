"""XLSForms: what is refused and in which words, what changed between two versions; states as complete tables."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from instruments.small_form import (
    AT,
    DEFINITION,
    EN,
    STRUCTURES,
    compiled,
    dataflow,
    definition,
    published,
    said,
    sheets,
)
from marsad.audit.rules import System
from marsad.collection.instruments import queries
from marsad.collection.instruments.definition import Definition, class_problems
from marsad.collection.instruments.differences import destinations, differences
from marsad.collection.instruments.form_files import files_read
from marsad.collection.instruments.labels import DIFFERENCE_LABELS, FINDING_LABELS, english_differences
from marsad.collection.instruments.models import Version
from marsad.collection.instruments.operations_versions import add_version
from marsad.collection.instruments.rules import (
    CHOSEN,
    NEEDS_REASON,
    TRANSITIONS,
    VERSION_TRANSITIONS,
    Move,
    SubmissionState,
    VersionMove,
    VersionState,
    moves_from,
    reached,
    review_refusals,
    version_reached,
)
from marsad.collection.instruments.xlsform import compile_form, odk_validate, sheets_of_workbook, workbook_of
from migstat.model.refusals import Refused


@pytest.mark.parametrize(("state", "move"), product(SubmissionState, Move))
def test_every_pair_of_state_and_move_is_decided(state: SubmissionState, move: Move) -> None:
    after = TRANSITIONS[state, move]
    if after is None:
        with pytest.raises(Refused, match="move"):
            reached(state, move)
        assert "instruments.move" in review_refusals(state, move, reason="why", findings=0, incomplete=False)
    else:
        assert reached(state, move) is after
        assert review_refusals(state, move, reason="why", findings=0, incomplete=False) == frozenset()
    assert (move in moves_from(state)) == (after is not None and move in CHOSEN)


@pytest.mark.parametrize(("state", "move"), product(VersionState, VersionMove))
def test_every_pair_of_version_state_and_move_is_decided(state: VersionState, move: VersionMove) -> None:
    after = VERSION_TRANSITIONS[state, move]
    if after is None:
        with pytest.raises(Refused, match="version_move"):
            version_reached(state, move)
    else:
        assert version_reached(state, move) is after


def test_only_received_and_corrected_answers_can_be_approved_and_returns_have_reasons() -> None:
    approving = {state for state in SubmissionState if TRANSITIONS[state, Move.APPROVE]}
    assert approving == {SubmissionState.RECEIVED, SubmissionState.EDITED}
    assert {Move.RETURN, Move.REJECT, Move.REOPEN} <= NEEDS_REASON
    found = review_refusals(SubmissionState.RECEIVED, Move.APPROVE, reason="", findings=2, incomplete=True, conflicts=1)
    assert found == {"instruments.findings", "instruments.incomplete", "instruments.conflict_open"}


def changed(**rows: Any) -> dict[str, list[dict[str, str]]]:
    """The small form with one row of its survey changed: ``name={...}``."""
    found = sheets()
    for row in found["survey"]:
        row.update(rows.get(row["name"], {}))
    return found


def test_spellings_of_xlsforms_that_mean_the_same() -> None:
    form = sheets()
    for rows in (form["survey"], form["choices"]):
        rows[:] = [{key.replace("Français (fr)", "fr"): value for key, value in row.items()} for row in rows]
    form["choices"] = [
        {"value" if key == "name" else key: value for key, value in row.items()} for row in form["choices"]
    ]
    form["settings"][0]["default_language"] = "fr"
    form["survey"][1]["type"] = "select one from area"
    form["survey"].append({"type": "text", "name": "rooms", "disabled": "yes"})
    form["survey"][0] = {"Type": "today", "Name": "day"}
    found = compile_form(sheets_of_workbook(workbook_of(form)), validate=False).questions
    assert (found[0].name, found[1].label["fr"]) == ("day", "Area (fr)")
    assert [one.name for one in found[1].choices] == ["agdal", "hassan"]


@pytest.mark.parametrize(
    ("form", "rule", "words"),
    [
        ({**sheets(), "settings": [{"form_id": "small"}]}, "instruments.settings", "no version"),
        (
            {**sheets(), "settings": [sheets()["settings"][0] | {"version": "2026 / 1"}]},
            "instruments.form_name",
            "cannot send back",
        ),
        ({**sheets(), "survey": []}, "instruments.questions", "asks nothing"),
        (changed(rooms={"type": "deviceid"}), "instruments.tracking", "deviceid"),
        (changed(rooms={"type": "audit"}), "instruments.tracking", "audit"),
        (changed(rooms={"type": "hologram"}), "instruments.type", "hologram"),
        (changed(area={"type": "select_one area or_other"}), "instruments.type", "or_other, row 3"),
        (
            {**sheets(), "settings": [sheets()["settings"][0] | {"submission_url": "https://example.org/take"}]},
            "instruments.leads_elsewhere",
            "submission_url",
        ),
        (changed(rooms={"name": "area"}), "instruments.name_twice", "area"),
        (changed(rooms={EN: ""}), "instruments.languages", "question rooms: label, en"),
        (
            changed(rooms={"constraint": ""}, age={"constraint_message::العربية (ar)": ""}),
            "instruments.languages",
            "age",
        ),
        (changed(rooms={"guidance_hint::English (en)": "Count"}), "instruments.languages", "rooms: guidance_hint, fr"),
        ({**sheets(), "choices": sheets()["choices"][:2]}, "instruments.xlsform", ""),
        (changed(rooms={"relevant": "${nobody} = 1"}), "instruments.xlsform", "nobody"),
        (changed(member_end={"type": "end_group"}), "instruments.xlsform", ""),
    ],
)
def test_a_form_with_a_fault_is_refused_with_its_place(form: Any, rule: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        compile_form(form, validate=False)
    assert refused.value.rule == rule
    assert words in refused.value.found


def test_odk_validate_finds_what_pyxform_lets_pass() -> None:
    assert compile_form(sheets()).validated
    with pytest.raises(Refused, match="odk_validate"):
        odk_validate([compiled().xform.replace(". &gt;= 0", "no-such-function(")])


def test_a_workbook_is_read_back_as_it_was() -> None:
    assert sheets_of_workbook(workbook_of(sheets())) == sheets()


def test_differences_are_told_one_by_one_in_words() -> None:
    after = changed(
        rooms={EN: "Rooms now", "constraint": ". >= 2", "relevant": "${area} = 'agdal'"}, age={"type": "decimal"}
    )
    after["survey"].insert(1, {"type": "text", "name": "extra", **said("Extra")})
    after["choices"] = [row for row in after["choices"] if row["name"] != "noise"]
    found = differences(compiled().questions, compile_form(after, validate=False).questions)
    words = english_differences(found)
    for sentence in (
        "The question extra was added.",
        "The words of rooms changed (en): from “Rooms” to “Rooms now”.",
        "The constraint of rooms changed: from “. >= 1 and . <= 20” to “. >= 2”.",
        "When rooms is asked changed: from “” to “${area} = 'agdal'”.",
        "The type of age changed from integer to decimal.",
        "The choice noise of problems was removed.",
    ):
        assert sentence in words
    assert {one.kind for one in found} <= set(DIFFERENCE_LABELS)
    assert differences(compiled().questions, compiled().questions) == ()
    back = differences(compile_form(after, validate=False).questions, compiled().questions)
    assert "The question extra was removed." in english_differences(back)


def test_another_destination_of_an_answer_is_a_difference() -> None:
    other = {**DEFINITION, "privacy": {**DEFINITION["privacy"], "personal": ["place", "roof", "card", "age"]}}
    other["privacy"]["sensitive"] = ["rooms", "problems", "sex"]
    words = english_differences(destinations(definition(), Definition.from_mapping(other)))
    assert words == "The privacy class of sex changed from “personal” to “sensitive”."


def test_a_question_without_class_or_a_column_without_question_is_told() -> None:
    lacking = {**DEFINITION, "privacy": {"internal": ["area", "gone"]}}
    lacking["records"] = [{"dataflow": "homes", "columns": {"rooms": "rooms/far", "damp": "nothing", "card": "roof"}}]
    found = class_problems(Definition.from_mapping(lacking), compiled().questions)
    for problem in ("rooms: no privacy class", "gone: no such question", "damp: no question nothing",
                    "card: roof is a file, which no column holds", "rooms: rooms has no part far"):  # fmt: skip
        assert problem in found
    nowhere = Definition.from_mapping({**DEFINITION, "records": []})
    assert "records: no dataflow is filled" in class_problems(nowhere, compiled().questions)


@pytest.mark.django_db(databases=["default", "confidential"])
def test_choices_may_stand_in_a_table_that_comes_with_the_form() -> None:
    for code in STRUCTURES:
        dataflow(code)
    form = changed(area={"type": "select_one_from_file areas.csv", "parameters": "value=code, label=said"})
    form["survey"].insert(0, {"type": "csv-external", "name": "streets"})
    table = {"areas.csv": "\ufeffcode,said\nagdal,Agdal - أكدال\nhassan,Hassan\n".encode()}
    wanted = {"form": compile_form(form), "definition": definition()}
    assert files_read(wanted["form"].xform) == ("streets.csv", "areas.csv")
    for lacking, words in (
        ({"streets.csv": b"name"}, "areas.csv"),
        ({**table, "streets.csv": b"", "a.svg": b""}, "a.svg"),
        ({"areas.csv": b"name,label", "streets.csv": b""}, "no columns code and said"),
    ):
        with pytest.raises(Refused) as refused:
            add_version(actor=System("test"), at=AT, **wanted, media=lacking)
        assert (refused.value.rule, words in refused.value.found) == ("instruments.media", True)
    version = add_version(actor=System("test"), at=AT, **wanted, media={**table, "streets.csv": b"name,label"})
    asked = next(one for one in queries.questions_of(version) if one.name == "area")
    assert (asked.type, [one.name for one in asked.choices]) == ("select_one", ["agdal", "hassan"])


@pytest.mark.django_db(databases=["default", "confidential"])
def test_a_published_version_never_changes() -> None:
    version = published()
    same = add_version(actor=System("test"), at=AT, form=compiled(), definition=definition())
    assert (same.pk, same.state) == (version.pk, "published")
    other = compile_form(changed(rooms={"constraint": ". >= 2"}), validate=False)
    with pytest.raises(Refused) as refused:
        add_version(actor=System("test"), at=AT, form=other, definition=definition())
    assert refused.value.rule == "instruments.changed_published"
    assert "The constraint of rooms changed" in refused.value.found
    version.xform = "other"
    with pytest.raises(Refused, match="published"):
        version.save()
    assert Version.objects.get().xform == compiled().xform


def test_every_finding_has_words() -> None:
    import inspect
    import re

    from marsad.collection.instruments import records

    rules = set(re.findall(r'"((?:not|out|unknown|declined|needed|answers)_?[a-z_]*)"', inspect.getsource(records)))
    assert rules & set(FINDING_LABELS)
    assert {rule for rule in rules if rule in ("needed", "not_whole", "out_of_bounds")} <= set(FINDING_LABELS)
