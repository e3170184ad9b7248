"""Erasure by person and by age: the submission goes whole, and others' stay."""

from __future__ import annotations

from datetime import timedelta

import pytest

from instruments.small_form import AT, JPEG, filled, new_instance, published
from marsad.audit.rules import System
from marsad.collection.certificates import is_sound
from marsad.collection.instruments import freezing
from marsad.collection.instruments.erasing import erase_answers
from marsad.collection.instruments.freezing import erase_old_submissions, freeze_approved
from marsad.collection.instruments.models import Attachment, Device, Pseudonym, Revision, Submission
from marsad.collection.instruments.operations_devices import Issued, forget_devices, revoke_device
from marsad.collection.instruments.operations_review import review
from marsad.collection.instruments.receiving import receive_submission
from marsad.collection.instruments.rules import Channel, Move
from marsad.collection.models import Certificate
from migstat.model.refusals import Refused

pytestmark = pytest.mark.django_db(databases=["default", "confidential"])
TEST = System("test")


def receive(card: str, consent: str = "yes") -> Submission:
    xml = filled(home=f"<card>{card}</card><roof>roof.jpg</roof>", consent=consent)
    files = {"roof.jpg": ("image/jpeg", JPEG)}
    receipt = receive_submission(actor=TEST, at=AT, xml=xml, attachments=files, channel=Channel.OPENROSA)
    return Submission.objects.get(pk=receipt.submission)


def test_a_person_is_erased_whole_and_nobody_else() -> None:
    published()
    first, other, silent = receive("AB1"), receive("CD2"), receive("ab 1", consent="no")
    pseudonyms = list(first.pseudonyms.values_list("pseudonym", flat=True))
    assert erase_answers(pseudonyms) == 2
    assert list(Submission.objects.values_list("pk", flat=True)) == [other.pk]
    assert not Revision.objects.filter(submission_id__in=[first.pk, silent.pk]).exists()
    assert (Attachment.objects.count(), Pseudonym.objects.count()) == (1, 1)
    assert erase_answers(pseudonyms) == 0


def sent(xml: bytes) -> Submission:
    receipt = receive_submission(actor=TEST, at=AT, xml=xml, attachments={}, channel=Channel.OPENROSA)
    return Submission.objects.get(pk=receipt.submission)


def test_a_person_is_found_in_answers_that_were_replaced_that_wait_in_conflict_or_that_cannot_be_read() -> None:
    published()
    person, first, second = "<card>AB1</card>", new_instance(), new_instance()
    wrong = sent(filled(home=person, rooms="three"))
    sent(filled(first, home=person))
    sent(filled(home="<card>CD2</card>", meta=f"<deprecatedID>{first}</deprecatedID>"))
    sent(filled(second, home="<card>EF3</card>"))
    sent(filled(second, home=person))
    assert Submission.objects.count() == 3
    assert erase_answers(list(wrong.pseudonyms.values_list("pseudonym", flat=True))) == 3
    assert not Submission.objects.exists()


def test_submissions_go_when_their_retention_ends_and_leave_a_certificate() -> None:
    published()
    receive("AB1")
    assert erase_old_submissions(actor=TEST, at=AT + timedelta(days=364)) == 0
    assert not Certificate.objects.exists()
    assert erase_old_submissions(actor=TEST, at=AT + timedelta(days=366)) == 1
    assert not Submission.objects.exists()
    certificate = Certificate.objects.get()
    assert (certificate.rule, certificate.counts, is_sound(certificate)) == ("retention", {"instruments": 1}, True)


def test_a_backlog_goes_in_parts_each_with_its_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    published()
    for card in ("AB1", "CD2", "EF3"):
        receive(card)
    monkeypatch.setattr(freezing, "_MOST_ERASED", 2)
    assert erase_old_submissions(actor=TEST, at=AT + timedelta(days=366)) == 3
    assert [one.counts for one in Certificate.objects.order_by("number")] == [{"instruments": 2}, {"instruments": 1}]


def test_only_approved_rows_of_persons_who_agreed_are_frozen() -> None:
    published()
    for _ in range(2):
        receive("AB1")
    with pytest.raises(Refused, match="nothing_approved"):
        freeze_approved(actor=TEST, at=AT, dataflow="homes")
    approved = receive("EF3")
    review(actor=TEST, at=AT, submission_id=approved.pk, move=Move.APPROVE)
    snapshot = freeze_approved(actor=TEST, at=AT, dataflow="homes")
    assert snapshot.rows == 1
    assert Submission.objects.get(pk=approved.pk).frozen_in == str(snapshot.pk)
    assert freeze_approved(actor=TEST, at=AT, dataflow="members").rows == 2


def test_closed_devices_are_forgotten_after_a_year(issued: Issued) -> None:
    revoke_device(actor=TEST, at=issued.device.issued_at, device_id=issued.device.pk)
    assert forget_devices(actor=TEST, at=issued.device.issued_at + timedelta(days=360)) == 0
    assert forget_devices(actor=TEST, at=issued.device.issued_at + timedelta(days=366)) == 1
    assert not Device.objects.exists()
