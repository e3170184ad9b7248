"""What is stored of a submission: once, sealed, with its history, its conflicts and without direct identifiers."""

from __future__ import annotations

from itertools import product
from typing import Any
from uuid import UUID

import pytest

from instruments.small_form import (
    AT,
    JPEG,
    STRUCTURES,
    compiled,
    dataflow,
    definition,
    filled,
    new_instance,
    published,
    sheets,
)
from marsad.audit.models import Event
from marsad.audit.rules import System
from marsad.collection.instruments.models import Attachment, Conflict, Pseudonym, Revision, Submission
from marsad.collection.instruments.operations_review import Place, correct_answer, review, settle_conflict
from marsad.collection.instruments.operations_versions import add_version, publish_version
from marsad.collection.instruments.receiving import receive_submission
from marsad.collection.instruments.rules import Channel, Move, Outcome, Receipt
from marsad.collection.instruments.vault import Vault
from marsad.collection.instruments.xlsform import compile_form
from marsad.collection.models import CollectedDataflow
from migstat.model.refusals import Refused

pytestmark = pytest.mark.django_db(databases=["default", "confidential"])
AGENT = System("agent")


def receive(xml: bytes, **files: bytes) -> Receipt:
    attachments = {name.replace("__", "."): ("image/jpeg", content) for name, content in files.items()}
    return receive_submission(actor=AGENT, at=AT, xml=xml, attachments=attachments, channel=Channel.OPENROSA)


def answers(revision: Revision) -> dict[str, Any]:
    return Vault().open_plain(revision.sealed_answers, f"revision:{revision.pk}")


def test_a_submission_is_stored_sealed_and_counted() -> None:
    published()
    receipt = receive(filled())
    assert (receipt.outcome, receipt.complete) == (Outcome.STORED, True)
    submission = Submission.objects.get()
    assert (submission.area, submission.outcome, submission.findings) == ("agdal", "completed", [])
    revision = Revision.objects.get()
    assert b"woman" not in bytes(revision.sealed_answers)
    kept = answers(revision)
    assert kept["values"]["rooms"] == "3"
    assert [turn["values"]["age"] for turn in kept["repeats"]["member"]] == ["34", "7"]


def test_the_same_instance_twice_is_stored_once() -> None:
    published()
    xml = filled(new_instance())
    assert [receive(xml).outcome for _ in range(3)] == [Outcome.STORED, Outcome.DUPLICATE, Outcome.DUPLICATE]
    assert (Submission.objects.count(), Revision.objects.count()) == (1, 1)
    events = Event.objects.filter(action="instruments.receive").values_list("details__outcome", flat=True)
    assert list(events) == ["stored", "duplicate", "duplicate"]


def test_elements_that_the_conversion_adds_are_no_answers() -> None:
    for code in STRUCTURES:
        dataflow(code)
    form = sheets()
    next(row for row in form["survey"] if row["name"] == "member")["repeat_count"] = "${rooms} - 1"
    draft = add_version(actor=AGENT, at=AT, form=compile_form(form, validate=False), definition=definition())
    publish_version(actor=AGENT, at=AT, version_id=draft.pk)
    assert "<member_count/>" in draft.xform
    assert receive(filled().replace(b"<member>", b"<member_count>2</member_count><member>", 1)).complete
    assert set(answers(Revision.objects.get())["values"]) == {"day", "area", "result", "consent", "rooms"}
    with pytest.raises(Refused, match="unknown_question"):
        receive(filled(home="<member_total>2</member_total>"))


def test_white_space_is_no_other_content() -> None:
    published()
    instance = new_instance()
    receive(filled(instance))
    assert receive(filled(instance).replace(b"><", b">\n  <")).outcome is Outcome.DUPLICATE


def test_other_answers_under_a_known_instance_are_a_conflict_kept_once() -> None:
    published()
    instance = new_instance()
    receive(filled(instance, rooms="3"))
    for _ in range(2):
        receipt = receive(filled(instance, rooms="4"))
        assert receipt.outcome is Outcome.CONFLICT
        assert not receipt.kept
    assert answers(Revision.objects.get())["values"]["rooms"] == "3"
    conflict = Conflict.objects.get()
    assert Vault().open_plain(conflict.sealed_answers, f"conflict:{conflict.pk}")["values"]["rooms"] == "4"
    assert Submission.objects.get().conflicts == 1


def test_an_edited_instance_keeps_its_history() -> None:
    published()
    first, second = new_instance(), new_instance()
    receive(filled(first, rooms="3"))
    edit = filled(second, rooms="5", meta=f"<deprecatedID>{first}</deprecatedID>")
    assert receive(edit).outcome is Outcome.EDITED
    assert receive(edit).outcome is Outcome.DUPLICATE
    assert [answers(one)["values"]["rooms"] for one in Revision.objects.order_by("number")] == ["3", "5"]
    assert Submission.objects.get().state == "edited"


def test_an_edit_that_comes_before_its_original_is_put_in_order() -> None:
    published()
    first, second = new_instance(), new_instance()
    receive(filled(second, rooms="5", meta=f"<deprecatedID>{first}</deprecatedID>"))
    assert receive(filled(first, rooms="3")).outcome is Outcome.EARLIER
    assert [answers(one)["values"]["rooms"] for one in Revision.objects.order_by("number")] == ["3", "5"]


@pytest.mark.parametrize(
    ("order", "approved"), [*product(["ABC", "ACB", "BAC", "BCA", "CAB", "CBA"], [False]), ("ACB", True), ("CAB", True)]
)
def test_a_chain_of_edits_is_one_submission_in_whichever_order_it_comes(order: str, approved: bool) -> None:
    published()
    names = {letter: new_instance() for letter in "ABC"}
    before = {"A": "", "B": names["A"], "C": names["B"]}
    for letter in order:
        meta = f"<deprecatedID>{before[letter]}</deprecatedID>" if before[letter] else ""
        rooms, picture = str("ABC".index(letter) + 1), f"<roof>{letter}.jpg</roof>"
        files = {f"{letter}__jpg": JPEG + letter.encode()}
        receipt = receive(filled(names[letter], rooms=rooms, home=picture, meta=meta), **files)
        if approved and letter == "C":
            review(actor=AGENT, at=AT, submission_id=UUID(receipt.submission), move=Move.APPROVE)
    submission = Submission.objects.get()
    assert [answers(one)["values"]["rooms"] for one in Revision.objects.order_by("number")] == ["1", "2", "3"]
    assert submission.attachments.count() == 3
    assert submission.missing == 0
    # What a reviewer approved was the last word, so that what came before it changes nothing.
    assert submission.state == ("approved" if approved else "received" if order == "CBA" else "edited")
    meta = f"<deprecatedID>{names['B']}</deprecatedID>"
    again = filled(names["C"], rooms="3", home="<roof>C.jpg</roof>", meta=meta)
    assert receive(again).outcome is Outcome.DUPLICATE


def test_an_edit_between_two_does_not_undo_what_a_reviewer_corrected() -> None:
    published()
    first, second, third = (new_instance() for _ in range(3))
    stored = receive(filled(first, rooms="3"))
    corrected, place = UUID(stored.submission), Place("rooms")
    correct_answer(actor=AGENT, at=AT, submission_id=corrected, place=place, value="4", reason="told so")
    receive(filled(third, rooms="6", meta=f"<deprecatedID>{second}</deprecatedID>"))
    between = filled(second, rooms="5", meta=f"<deprecatedID>{first}</deprecatedID>")
    assert receive(between).outcome is Outcome.CONFLICT
    assert Submission.objects.count() == 2
    assert set(Submission.objects.values_list("conflicts", flat=True)) == {1}


def test_two_edits_that_come_before_their_original_wait_for_a_reviewer() -> None:
    published()
    first = new_instance()
    for rooms in ("5", "6"):
        receive(filled(rooms=rooms, meta=f"<deprecatedID>{first}</deprecatedID>"))
    assert receive(filled(first)).outcome is Outcome.EARLIER
    assert sorted(Submission.objects.values_list("conflicts", flat=True)) == [0, 1]


def test_two_edits_of_one_original_are_a_conflict() -> None:
    published()
    first = new_instance()
    receive(filled(first))
    for rooms, outcome in (("5", Outcome.EDITED), ("6", Outcome.CONFLICT)):
        assert receive(filled(rooms=rooms, meta=f"<deprecatedID>{first}</deprecatedID>")).outcome is outcome


@pytest.mark.parametrize("take", [False, True])
def test_an_edit_of_other_answers_stays_with_them(take: bool) -> None:
    published()
    first, other = new_instance(), new_instance()
    stored = receive(filled(first))
    receive(filled(rooms="5", meta=f"<deprecatedID>{first}</deprecatedID>"))
    sent = filled(other, rooms="6", home="<roof>roof.jpg</roof>", meta=f"<deprecatedID>{first}</deprecatedID>")
    assert receive(sent).outcome is Outcome.CONFLICT
    assert (
        settle_conflict(actor=AGENT, at=AT, conflict_id=Conflict.objects.get().pk, take=take, reason="asked").missing
        == take
    )
    assert receive(sent, roof__jpg=JPEG).outcome is (Outcome.ATTACHED if take else Outcome.CONFLICT)
    edit = receive(filled(rooms="7", meta=f"<deprecatedID>{other}</deprecatedID>"))
    assert edit.outcome is (Outcome.EDITED if take else Outcome.CONFLICT)
    assert (edit.submission, Submission.objects.count()) == (stored.submission, 1)
    assert Submission.objects.get().conflicts == (0 if take else 1)


def test_pictures_of_answers_in_conflict_are_kept_and_missed_when_they_are_taken() -> None:
    published()
    instance = new_instance()
    receive(filled(instance))
    assert receive(filled(instance, home="<roof>roof.jpg</roof>"), roof__jpg=JPEG).outcome is Outcome.CONFLICT
    settled = settle_conflict(actor=AGENT, at=AT, conflict_id=Conflict.objects.get().pk, take=True, reason="asked")
    assert (settled.missing, Attachment.objects.get().name) == (0, "roof.jpg")
    changed = correct_answer(
        actor=AGENT, at=AT, submission_id=settled.pk, place=Place("roof"), value="other.jpg", reason="wrong one"
    )
    assert changed.missing == 1
    correct_answer(
        actor=AGENT,
        at=AT,
        submission_id=settled.pk,
        place=Place("place"),
        value="34.0208 -6.8416 7 4",
        reason="told so",
    )
    assert answers(Revision.objects.order_by("-number")[0])["values"]["place"] == "34.021 -6.842"


def test_attachments_may_come_in_parts() -> None:
    published()
    xml = filled(home="<roof>roof.jpg</roof>")
    first = receive(xml)
    assert (first.outcome, first.missing) == (Outcome.STORED, 1)
    second = receive(xml, roof__jpg=JPEG)
    assert (second.outcome, second.missing) == (Outcome.ATTACHED, 0)
    assert receive(xml, roof__jpg=JPEG).outcome is Outcome.DUPLICATE
    kept = Attachment.objects.get()
    assert JPEG[:20] not in bytes(kept.sealed_content)
    assert Vault().open(kept.sealed_content, f"attachment:{kept.pk}") == JPEG
    with pytest.raises(Refused, match="attachment_changed"):
        receive(xml, roof__jpg=JPEG + b"other")


@pytest.mark.parametrize(
    ("named", "name", "content", "rule"),
    [
        ("../roof.jpg", "../roof.jpg", JPEG, "instruments.attachment_name"),
        ("a..jpg", "a..jpg", JPEG, "instruments.attachment_name"),
        ("gpj\u202e.exe", "gpj\u202e.exe", JPEG, "instruments.attachment_name"),
        ("roof.jpg", "roof.jpg", b"MZ\x90 a program", "instruments.attachment_type"),
        ("roof.jpg", "roof.jpg", b"%PDF-1.7", "instruments.attachment_type"),
    ],
)
def test_attachments_are_what_the_form_asked_for(named: str, name: str, content: bytes, rule: str) -> None:
    published()
    with pytest.raises(Refused) as refused:
        receive_submission(
            actor=AGENT, at=AT, xml=filled(home=f"<roof>{named}</roof>"), attachments={name: ("image/jpeg", content)},
            channel=Channel.OPENROSA,
        )  # fmt: skip
    assert refused.value.rule == rule
    assert not Submission.objects.exists()


def test_attachments_have_names_in_any_script_and_what_no_answer_names_is_not_kept() -> None:
    published()
    name = "صورة السقف 1.jpg"
    sent = {name: ("image/jpeg", JPEG), "left-over.jpg": ("image/jpeg", b"MZ\x90 anything")}
    xml = filled(home=f"<roof>{name}</roof>")
    receipt = receive_submission(actor=AGENT, at=AT, xml=xml, attachments=sent, channel=Channel.OPENROSA)
    assert receipt.complete
    assert [one.name for one in Attachment.objects.all()] == [name]


def test_a_direct_identifier_is_a_pseudonym_before_it_is_written() -> None:
    published()
    for spelled in ("AB 123", "ab123"):
        receive(filled(home=f"<card>{spelled}</card>"))
    kept = [answers(one)["values"] for one in Revision.objects.all()]
    assert all("card" not in one and one["card__pseudonym"] for one in kept)
    assert Pseudonym.objects.values("pseudonym").distinct().count() == 1


def test_a_place_is_kept_to_a_hundred_metres() -> None:
    published()
    receive(filled(home="<place>34.0208821 -6.8416502 75.0 4.2</place>"))
    assert answers(Revision.objects.get())["values"]["place"] == "34.021 -6.842"


def test_nothing_is_collected_without_an_authorisation_number() -> None:
    published()
    CollectedDataflow.objects.filter(pk="homes").update(authorisation_number="", authorised_on=None)
    with pytest.raises(Refused) as refused:
        receive(filled())
    assert refused.value.rule == "collection.authorisation"
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    ("xml", "found"),
    [
        (filled(rooms="three"), ["rooms:not_whole"]),
        (filled(rooms="40"), ["rooms:out_of_bounds"]),
        (filled(area="elsewhere"), ["area:unknown_choice"]),
        (filled(home="<problems>damp prefer_not_to_say</problems>"), ["problems:declined_and_chosen"]),
        (filled(home="<place>120 500</place>"), ["place:not_a_place"]),
        (filled(consent="no"), ["consent:answers_without_consent"]),
        (filled(consent="no", rooms="", members=""), []),
    ],
)
def test_what_is_wrong_with_an_answer_is_noted_and_nothing_is_lost(xml: bytes, found: list[str]) -> None:
    published()
    assert receive(xml).outcome is Outcome.STORED
    assert Submission.objects.get().findings == found


def test_the_seal_holds_only_in_its_own_row() -> None:
    published()
    receive(filled())
    receive(filled())
    one, two = Revision.objects.all()
    with pytest.raises(Refused, match="does not open"):
        Vault().open_plain(one.sealed_answers, f"revision:{two.pk}")


def test_an_unknown_dataflow_is_refused_when_the_form_comes_in() -> None:
    dataflow("homes")
    with pytest.raises(Refused) as refused:
        published_without_members()
    assert refused.value.rule == "collection.dataflow"


def published_without_members() -> None:
    add_version(actor=AGENT, at=AT, form=compiled(), definition=definition())
