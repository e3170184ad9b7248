"""The road of a request: examined, submitted, signed by two people blind to each other, published once and for good."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from django.utils import timezone

from agreements.made import cast, drafted, terms
from house.people import person
from marsad.accounts.rules import Role
from marsad.audit.models import Event
from marsad.audit.rules import System
from marsad.coordination.agreements.rules import RecipientClass
from marsad.dissemination.models import Edition, Observation, Publication
from marsad.dissemination.queries import released_as
from marsad.notices.models import Notice
from marsad.release import operations, operations_publish, queries
from marsad.release.bundles import table_from_json, table_to_json
from marsad.release.models import LedgerRecord, ReleaseRequest
from marsad.release.past import the_ledger
from marsad.release.rules import Refusal, StepRefused, Verdict
from migstat.disclosure import Approval, DisclosurePolicy, Ledger, append, protect, release
from migstat.model import Refused
from migstat.model.tables import Table
from release.bundles import (
    AT,
    COUNTS,
    POLICY,
    approved,
    bundled,
    dossier,
    published,
    requested,
    residents,
    snapshot,
    words,
)

pytestmark = pytest.mark.django_db(databases=["default", "confidential"])


def sign(request, reviewer, verdict=Verdict.APPROVE, reason="the audit passed", at=AT):
    return operations.sign_request(actor=reviewer, at=at, request_id=request.pk, verdict=verdict, reason=reason)


def test_two_people_release_an_edition(small_city, author, reviewers):
    edition, request = published(author, reviewers)
    assert str(edition) == "residents@2026-1"
    assert ReleaseRequest.objects.get(pk=request.pk).state == "published"
    cells = {(o.area_id, o.breakdown_key): o for o in Observation.objects.filter(edition=edition)}
    small = cells["04.421.01.06", "sex=F"]
    assert (small.state, small.value, small.withheld_for) == ("withheld", None, "C")
    assert cells["04.421", ""].value == 84
    assert Publication.objects.order_by("-id").first().editions.filter(pk=edition.pk).exists()
    chain = edition.provenance
    assert chain.fingerprints == ["fingerprint-snap-1"]
    assert chain.snapshots[0]["rows"] == "<100"
    assert "84" not in json.dumps(chain.snapshots) + json.dumps(chain.deliveries)
    assert len(chain.approved_on) == 2
    assert len(the_ledger().entries) == 15


def test_a_table_is_stored_without_loss():
    table = residents()
    back = table_from_json(json.loads(json.dumps(table_to_json(table))))
    assert back.dimensions == table.dimensions
    assert back.measure == table.measure
    assert back.coordinates == table.coordinates
    for name in ("keys", "values", "states"):
        assert np.array_equal(getattr(back, name), getattr(table, name))
        assert getattr(back, name).dtype == getattr(table, name).dtype


def test_every_column_of_a_table_is_stored_without_loss():
    count = len(residents())
    odd = replace(
        residents(),
        values=np.where(np.arange(count) < 0, np.nan, residents().values / 3),
        contributors=np.arange(count),
        contributions=np.full((count, 2), 0.1),
        structural_zeros=np.zeros(count, dtype=bool),
    )
    back = table_from_json(json.loads(json.dumps(table_to_json(odd))))
    for name in ("values", "contributors", "contributions", "structural_zeros"):
        assert np.array_equal(getattr(back, name), getattr(odd, name), equal_nan=name == "values")


def test_the_stored_ledger_is_the_ledger(small_city, author, reviewers):
    """What is read back from the store decides the next table as the ledger in memory would."""
    published(author, reviewers)
    policy = DisclosurePolicy.from_mapping(POLICY)
    table = replace(residents(), coordinates={"PERIOD": "2024", "BASE": "municipal", "ORIGIN": "real"})
    ledger = Ledger()
    protected = protect(table, policy, ledger)
    append(ledger, protected, release(protected, Approval("a", AT, "x"), Approval("b", AT, "x")))
    stored = the_ledger()
    assert stored.entries.keys() == ledger.entries.keys()
    for address, entry in ledger.entries.items():
        assert stored.entries[address] == entry


def test_reviewers_are_blind_until_both_have_signed(small_city, author, reviewers):
    request = requested(author)
    operations.submit_request(actor=author, at=AT, request_id=request.pk)
    sign(request, reviewers[0], Verdict.REFUSE, "canary words of the first")
    other = queries.signatures_for(reviewers[1], request)
    assert [(one.verdict, one.reason, one.reviewer) for one in other] == [("", "", "")]
    own = queries.signatures_for(reviewers[0], request)
    assert own[0].reason == "canary words of the first"
    assert ReleaseRequest.objects.get(pk=request.pk).state == "under_review"
    assert not queries.history(request).filter(actor=str(reviewers[0].pk)).exists()
    sign(request, reviewers[1])
    assert ReleaseRequest.objects.get(pk=request.pk).state == "refused"
    assert {one.reason for one in queries.signatures_for(author, request)} == {
        "canary words of the first",
        "the audit passed",
    }


def test_author_untrained_and_second_signature_are_refused_with_every_reason(small_city, author, reviewers):
    request = requested(author)
    with pytest.raises(StepRefused) as early:
        sign(request, reviewers[0], reason=" ")
    assert early.value.refusals == {Refusal.NOT_OPEN, Refusal.NO_REASON}
    operations.submit_request(actor=author, at=AT, request_id=request.pk)
    with pytest.raises(StepRefused) as own:
        sign(request, author)
    assert own.value.refusals == {Refusal.AUTHOR, Refusal.NO_ROLE, Refusal.NO_COMPETENCE}
    untrained = person(Role.REVIEWER, email="new@example.org", factor=False)
    with pytest.raises(StepRefused) as new:
        sign(request, untrained)
    assert new.value.refusals == {Refusal.NO_COMPETENCE, Refusal.NO_SECOND_FACTOR}
    with pytest.raises(StepRefused) as late:
        sign(request, reviewers[0], at=AT + timedelta(days=900))
    assert late.value.refusals == {Refusal.COMPETENCE_EXPIRED}
    sign(request, reviewers[0])
    with pytest.raises(StepRefused) as again:
        sign(request, reviewers[0])
    assert again.value.refusals == {Refusal.SIGNED_ALREADY}


def test_one_reviewer_with_both_roles_cannot_review_the_own_request(small_city, reviewers):
    both = person(Role.STATISTICIAN, Role.REVIEWER, email="both@example.org")
    operations.grant_competence(
        actor=System("test"), at=AT, person=str(both.pk), expires_on=AT.date() + timedelta(days=9), reason="course"
    )
    request = requested(both)
    operations.submit_request(actor=both, at=AT, request_id=request.pk)
    with pytest.raises(StepRefused) as refused:
        sign(request, both)
    assert refused.value.refusals == {Refusal.AUTHOR}


def test_changed_inputs_demote_and_void_signatures(small_city, author, reviewers):
    request = approved(author, reviewers)
    operations.revise_request(
        actor=author, at=AT, request_id=request.pk, tables=[bundled()], dossier=dossier(reason=words("Another reason"))
    )
    request.refresh_from_db()
    assert request.state == "demoted"
    assert queries.signatures(request).count() == 0
    with pytest.raises(StepRefused):
        operations_publish.publish_request(actor=author, at=AT, request_id=request.pk)


def test_inputs_changed_behind_the_desk_demote_at_the_next_signature(small_city, author, reviewers):
    request = requested(author)
    operations.submit_request(actor=author, at=AT, request_id=request.pk)
    sign(request, reviewers[0])
    table = request.tables.get()
    table.base = "legal"
    table.save()
    assert sign(request, reviewers[1]).state == "demoted"
    assert queries.signatures(request).count() == 0


def test_a_table_altered_in_the_store_is_not_examined(small_city, author):
    request = requested(author)
    table = request.tables.get()
    table.content["values"][0] = 85.0
    table.save()
    with pytest.raises(Refused) as refused:
        operations.submit_request(actor=author, at=AT, request_id=request.pk)
    assert refused.value.rule == "release.checksum"


def test_another_release_that_changes_the_pattern_demotes(small_city, author, reviewers):
    """Approved against an empty ledger; meanwhile the same people were released by area alone with the small cell's margin."""
    waiting = approved(author, reviewers, dataflow="first")
    by_area = Table.from_leaves(
        "by-area",
        residents().measure,
        residents().dimensions,
        COUNTS,
        coordinates={"PERIOD": "2024"},
    )
    keep = np.array([by_area.codes_at(row) != ("04.421.01.05", "M") for row in range(len(by_area))])
    # the other release shows one of the cells that the waiting request withholds
    other = Table(
        "other", by_area.measure, by_area.dimensions, by_area.keys[keep], by_area.values[keep], by_area.states[keep],
        coordinates={"PERIOD": "2024"},
    )  # fmt: skip
    costly = json.loads(json.dumps(POLICY).replace("Infinity", '"x"'))
    costly = {**POLICY, "costs": {"by": "count", "keep_margins": 1000, "keep_published": 1, "withhold_zeros": False}}
    published(author, reviewers, [bundled(other)], dataflow="second", policy=costly)
    first = {a: e.withheld for a, e in the_ledger().entries.items()}
    made = operations_publish.publish_request(actor=author, at=AT, request_id=waiting.pk)
    waiting.refresh_from_db()
    if made is None:
        assert waiting.state == "demoted"
    else:  # the patterns agree: nothing that was withheld is shown now
        later = the_ledger().entries
        assert all(later[address].withheld for address, hidden in first.items() if hidden)


def test_refused_by_the_audit_cannot_be_submitted(small_city, author, reviewers):
    """The open table of someone else shows the small cell whole: nothing can take it back."""
    from marsad.dissemination.models import Dataflow

    pack = Dataflow.objects.filter(from_pack=True).first()
    open_edition = Edition.objects.create(
        dataflow=pack, number="9", published_on=AT.date(), reason_fr="x", reason_ar="x", reason_en="x", vintage="2026",
        checksum="0" * 64, observation_count=1, origin="real",
    )  # fmt: skip
    Observation.objects.create(
        edition=open_edition, indicator_id="STK-01", area_id="04.421.01.06", period="2024", period_start="2024-01-01",
        period_end="2024-12-31", breakdown={"sex": "F"}, breakdown_key="sex=F", state="value", value=2, status="A",
        base="municipal",
    )  # fmt: skip
    request = requested(author)
    report = request.tables.get().examination
    assert (report["passed"], report["rule"]) == (False, "ledger.already_disclosed")
    with pytest.raises(StepRefused) as refused:
        operations.submit_request(actor=author, at=AT, request_id=request.pk)
    assert refused.value.refusals == {Refusal.AUDIT_FAILED}


def test_all_that_is_missing_is_said_at_once(small_city, author):
    table = residents(indicator="NOBODY-01")
    request = requested(
        author, [bundled(table, definition={}, run="", snapshots=(), base="strange", status="E")], source="nowhere"
    )
    assert {one["what"] for one in request.missing} == {
        "indicator", "definition", "run", "lineage", "base", "method", "intervals", "source",
    }  # fmt: skip
    with pytest.raises(StepRefused) as refused:
        operations.submit_request(actor=author, at=AT, request_id=request.pk)
    assert refused.value.refusals == {Refusal.METADATA_MISSING}


def test_agreements_bound_what_is_published_of_their_deliveries(small_city, author):
    people = cast()
    inside = {RecipientClass.MUNICIPALITY, RecipientClass.RESEARCH}
    for code, more in (
        ("narrow", {"recipient_classes": frozenset(inside), "minimum_cell": 4}),
        ("strict", {"recipient_classes": frozenset({*inside, RecipientClass.PUBLIC}), "minimum_cell": 5}),
    ):
        drafted(people, terms(code=code, dataflow=code, **more))
    tables = [bundled(snapshots=tuple(snapshot(code, agreement=code) for code in ("narrow", "strict")))]
    missing = requested(author, tables).missing
    assert {(one["what"], one["where"]) for one in missing} == {("recipients", "narrow"), ("minimum_cell", "strict")}


def test_estimates_keep_their_intervals_and_withheld_ones_lose_them(small_city, author, reviewers):
    table = residents()
    intervals = {table.codes_at(row): (table.values[row] * 0.9, table.values[row] * 1.1) for row in range(len(table))}
    estimate = bundled(table, status="E", method=words("Multiple systems"), intervals=intervals)
    edition, _ = published(author, reviewers, [estimate])
    for observation in edition.observations.all():
        assert (observation.low is None) == (observation.state != "value")
    assert edition.observations.get(area="04.421", breakdown_key="").high == pytest.approx(84 * 1.1)


def test_the_audit_report_shows_what_an_attacker_could_deduce(small_city, author):
    report = requested(author).tables.get().examination
    assert report["primary"] == 1
    assert report["passed"]
    small = next(one for one in report["withheld"] if one["for"] == "C")
    assert small["codes"] == ["04.421.01.06", "F"]
    assert small["low"] <= small["need_low"] == 1.0
    assert small["high"] is None or small["high"] >= small["need_high"] == 3.0


def test_embargo_holds_and_the_job_publishes_at_the_time(small_city, author, reviewers):
    request = approved(author, reviewers)
    # Midnight of the city, which is still the year before in UTC.
    later = datetime(2027, 1, 1, tzinfo=timezone.get_default_timezone())
    operations.set_embargo(actor=author, at=AT, request_id=request.pk, until=later)
    with pytest.raises(StepRefused) as refused:
        operations_publish.publish_request(actor=author, at=AT, request_id=request.pk)
    assert refused.value.refusals == {Refusal.EMBARGO}
    assert operations_publish.publish_due(actor=System("job"), at=later - timedelta(seconds=1)) == 0
    assert operations_publish.publish_due(actor=System("job"), at=later) == 1
    edition = released_as(str(request.pk))
    assert (edition.published_on, edition.number) == (date(2027, 1, 1), "2027-1")


def test_a_revision_compares_with_the_edition_before(small_city, author, reviewers):
    published(author, reviewers)
    revised = residents({**COUNTS, ("04.421.01.07", "M"): 42.0, ("04.421.01.07", "F"): 9.0})
    request = requested(author, [bundled(revised, snapshots=(snapshot("snap-2"),))], vintage="2026-11")
    assert request.differences["edition"] == "2026-1"
    assert [["STK-01", "04.421", "2024", "", "municipal"], 84.0, 97.0] in request.differences["revised"]
    assert request.differences["few"] == 2
    without = requested(author, [bundled(revised)])
    assert without.tables.get().examination["rule"] == "ledger.contradiction"


def test_an_edition_number_grows_and_the_old_one_keeps_its_number(small_city, author, reviewers):
    first, _ = published(author, reviewers)
    shown = Publication.objects.order_by("-id").first()
    revised = residents({**COUNTS, ("04.421.01.07", "M"): 42.0})
    second, _ = published(author, reviewers, [bundled(revised)], vintage="2026-11", reason=words("Corrected"))
    assert (first.number, second.number) == ("2026-1", "2026-2")
    assert shown.editions.filter(pk=first.pk).exists()
    latest = Publication.objects.order_by("-id").first()
    assert list(latest.editions.filter(dataflow="residents")) == [second]


def test_a_city_pack_loaded_again_keeps_what_was_released(small_city, small_root, author, reviewers):
    from marsad.observatory.citypack.pack import read_pack
    from marsad.observatory.operations import load_city

    edition, _ = published(author, reviewers)
    count = Publication.objects.count()
    load_city(pack=read_pack(small_root), actor=System("load-city"), at=AT)
    assert Publication.objects.count() == count
    (small_root / "pages" / "about.en.md").write_text("# About\n\nOther words.\n")
    load_city(pack=read_pack(small_root), actor=System("load-city"), at=AT)
    latest = Publication.objects.order_by("-id").first()
    assert Publication.objects.count() == count + 1
    assert latest.editions.filter(pk=edition.pk).exists()


def test_real_and_synthetic_never_share_a_dataflow_or_a_chart(small_city, author, reviewers):
    synthetic, _ = published(author, reviewers, is_synthetic=True, dataflow="demo")
    assert synthetic.origin == "synthetic"
    same = requested(author, dataflow="demo")
    assert {"what": "origin", "where": "demo"} in same.missing
    real = approved(author, reviewers)
    with pytest.raises(Refused) as refused:
        operations_publish.publish_request(actor=author, at=AT, request_id=real.pk)
    assert refused.value.rule == "edition.mixed"
    real.refresh_from_db()
    assert real.state == "approved"
    assert operations_publish.withdraw_synthetic(actor=author, at=AT, reason=words("End of the demonstration")) == 1
    assert operations_publish.publish_request(actor=author, at=AT, request_id=real.pk) is not None


def test_only_a_released_table_is_published(small_city, author):
    from marsad.dissemination.operations import publish
    from marsad.dissemination.rules import EditionDetails

    details = EditionDetails("x", "1", AT.date(), "a", "b", "c", "STK-01", "census", False, ())
    for handed in (residents(), protect(residents(), DisclosurePolicy.from_mapping(POLICY), Ledger()), None):
        with pytest.raises(TypeError):
            publish(actor=author, at=AT, released=handed, edition=details)
    assert not Edition.objects.filter(dataflow="x").exists()


def test_every_step_leaves_its_event_without_a_name(small_city, author, reviewers):
    published(author, reviewers)
    actions = set(Event.objects.values_list("action", flat=True))
    assert {"release.request", "release.submit", "release.sign", "release.begin", "dissemination.publish"} <= actions
    assert Notice.objects.filter(kind="release.approved", to=f"user:{author.pk}").exists()
    assert not Notice.objects.filter(kind="release.review", closed_at=None).exists()


def test_competence_is_granted_by_another_with_a_reason_and_ends(small_city, author, reviewers):
    with pytest.raises(Refused) as own:
        operations.grant_competence(
            actor=author, at=AT, person=str(author.pk), expires_on=AT.date() + timedelta(days=9), reason="I can"
        )
    assert own.value.rule == "release.own_competence"
    with pytest.raises(Refused):
        operations.grant_competence(
            actor=author, at=AT, person=str(reviewers[0].pk), expires_on=AT.date(), reason="course"
        )
    operations.revoke_competence(actor=author, at=AT, person=str(reviewers[0].pk))
    assert queries.competence_until(str(reviewers[0].pk)) is None


def test_a_cleared_intent_is_forgotten_and_a_public_one_is_not(small_city, author, reviewers):
    request = approved(author, reviewers)
    operations_publish.begin_publication(actor=author, at=AT, request_id=request.pk)
    assert LedgerRecord.objects.count() == 1
    operations_publish.clear_publication(actor=author, at=AT, request_id=request.pk)
    assert LedgerRecord.objects.count() == 0
    edition = operations_publish.publish_request(actor=author, at=AT, request_id=request.pk)
    assert edition.number == "2026-1"
    with pytest.raises((Refused, StepRefused)):
        operations_publish.clear_publication(actor=author, at=AT, request_id=request.pk)
    assert LedgerRecord.objects.count() == 1
