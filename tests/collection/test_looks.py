"""Looking at rows: a reason, a second person, an hour, a line in the log."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory

from agreements.made import cast, in_force, terms
from collection.store_cases import ACTOR, AT, BOTH, dataflow, frozen, people
from house.people import person
from marsad.accounts.models import User
from marsad.accounts.rules import Role
from marsad.actors.operations import add_membership, end_membership
from marsad.audit.models import Event
from marsad.collection.access import look, look_through_glass
from marsad.collection.firewall import demand_cells, public_refusal_counts
from marsad.collection.models import AccessEntry, BrokenGlass
from marsad.collection.operations_access import ask_look, decide_look, expire_looks, forget_old_looks
from marsad.collection.rules_store import GLASS_TRANSITIONS, LOG_KEPT, GlassMove, GlassState, glass_reached
from marsad.collection.snapshots import read
from marsad.coordination.agreements.rules import RecipientClass
from migstat.model.refusals import Refused

pytestmark = pytest.mark.django_db(databases=BOTH)
REASON = "a total that does not add up"


def officer(name: str = "one") -> User:
    return person(Role.DATA_PROTECTION_OFFICER, email=f"{name}@example.org")


def granted(first: User, second: User) -> BrokenGlass:
    glass = ask_look(actor=first, at=AT, snapshot_id=frozen().pk, reason=REASON)
    return decide_look(actor=second, at=AT, glass_id=glass.pk, move=GlassMove.GRANT)


@pytest.mark.parametrize("state", GlassState)
@pytest.mark.parametrize("move", GlassMove)
def test_every_state_and_move_is_decided(state: GlassState, move: GlassMove) -> None:
    after = GLASS_TRANSITIONS[state, move]
    if after is None:
        with pytest.raises(Refused, match=r"glass\.move"):
            glass_reached(state, move)
    else:
        assert glass_reached(state, move) is after


def test_who_acts_for_law_enforcement_sees_no_row_and_no_cell_whatever_their_role(home: Path) -> None:
    dataflow()
    enforcing = terms(
        code="police-visits", organisation="police", recipient_classes=frozenset({RecipientClass.ENFORCEMENT})
    )
    in_force(cast("police"), enforcing)
    member = officer("member")
    membership = add_membership(actor=ACTOR, at=AT, user_id=member.pk, organisation="police")
    request = RequestFactory().get("/")
    request.user = member
    snapshot = frozen()
    with pytest.raises(Refused, match=r"firewall\.enforcement"):
        look(actor=member, at=AT, rows=[{"sex": "F"}], reason=REASON, dataflow="visits")
    with pytest.raises(Refused, match=r"firewall\.enforcement"):
        read(snapshot.pk, actor=member, at=AT, purpose="services")
    with pytest.raises(PermissionDenied):
        demand_cells(request)
    assert not AccessEntry.objects.exists()
    assert public_refusal_counts() == {"firewall.enforcement": 3}
    end_membership(actor=ACTOR, at=AT, membership_id=membership.pk)
    assert look(actor=member, at=AT, rows=[{"sex": "F"}], reason=REASON, dataflow="visits")
    demand_cells(request)


def test_a_look_is_logged_before_it_is_shown(home: Path) -> None:
    dataflow()
    reviewer = person(Role.DATA_OFFICER)
    rows = [{"sex": "F", "visits": 3}]
    shown = look(actor=reviewer, at=AT, rows=rows, reason=REASON, dataflow="visits", subject="submission:1")
    assert shown == rows
    entry = AccessEntry.objects.get()
    assert (entry.kind, entry.reason, entry.columns, entry.rows, entry.subject) == (
        "look",
        REASON,
        ["sex", "visits"],
        1,
        "submission:1",
    )
    event = Event.objects.get(action="collection.look")
    assert REASON not in str(event.details)


def test_looks_without_role_reason_or_measure_are_refused(home: Path) -> None:
    dataflow()
    reviewer = person(Role.DATA_OFFICER)

    def attempt(actor: object, reason: str = REASON, count: int = 1, permission: str = "") -> None:
        rows = ({"visits": number} for number in range(count))
        look(actor=actor, at=AT, rows=rows, reason=reason, dataflow="visits", permission=permission)  # type: ignore[arg-type]

    for actor in (ACTOR, person(Role.ADMINISTRATOR), person(Role.PARTNER), person(Role.COORDINATOR)):
        with pytest.raises(Refused, match=r"access\.role"):
            attempt(actor)
    with pytest.raises(Refused, match=r"access\.role"):
        attempt(reviewer, permission="rows.look")
    with pytest.raises(Refused, match=r"access\.reason"):
        attempt(reviewer, reason="   why    ")
    with pytest.raises(Refused, match=r"access\.too_many"):
        attempt(reviewer, count=51)
    assert not AccessEntry.objects.exists()


def test_the_glass_is_broken_by_two_and_mends_itself(home: Path) -> None:
    dataflow()
    first, second = officer("one"), officer("two")
    glass = granted(first, second)
    rows = look_through_glass(actor=first, at=AT + timedelta(minutes=59), glass_id=glass.pk, first=3, count=2)
    assert [row["visits"] for row in rows] == [3, 4]
    assert not any(name.endswith("__bloom") for name in rows[0])
    with pytest.raises(Refused, match=r"glass\.other"):
        look_through_glass(actor=second, at=AT, glass_id=glass.pk)
    with pytest.raises(Refused, match=r"glass\.expired"):
        look_through_glass(actor=first, at=AT + timedelta(minutes=60), glass_id=glass.pk)
    assert expire_looks(actor=ACTOR, at=AT + timedelta(minutes=60)) == 1
    with pytest.raises(Refused, match=r"glass\.closed"):
        look_through_glass(actor=first, at=AT, glass_id=glass.pk)
    actions = set(Event.objects.values_list("action", flat=True))
    assert {"collection.ask_look", "collection.decide_look", "collection.look", "collection.expire_looks"} <= actions


def test_nobody_grants_their_own_look(home: Path) -> None:
    dataflow()
    first, second = officer("one"), officer("two")
    glass = ask_look(actor=first, at=AT, snapshot_id=frozen().pk, reason=REASON)
    with pytest.raises(Refused, match=r"glass\.second"):
        decide_look(actor=first, at=AT, glass_id=glass.pk, move=GlassMove.GRANT)
    with pytest.raises(Refused, match=r"glass\.closed"):
        look_through_glass(actor=first, at=AT, glass_id=glass.pk)
    with pytest.raises(Refused, match=r"glass\.expired"):
        decide_look(actor=second, at=AT + timedelta(hours=24), glass_id=glass.pk, move=GlassMove.GRANT)
    with pytest.raises(Refused, match=r"glass\.move"):
        decide_look(actor=second, at=AT, glass_id=glass.pk, move=GlassMove.EXPIRE)
    decide_look(actor=second, at=AT, glass_id=glass.pk, move=GlassMove.REFUSE)
    assert BrokenGlass.objects.get().state == "refused"
    with pytest.raises(Refused, match=r"access\.reason"):
        ask_look(actor=first, at=AT, snapshot_id=glass.snapshot_id, reason="just so")


def test_the_rows_of_a_look_come_across_batches(home: Path) -> None:
    dataflow()
    first, second = officer("one"), officer("two")
    glass = granted(first, second)
    assert len(look_through_glass(actor=first, at=AT, glass_id=glass.pk, first=0, count=500)) == 5
    assert look_through_glass(actor=first, at=AT, glass_id=glass.pk, first=99, count=1) == []
    assert people().num_rows == 5


def test_the_log_is_kept_five_years(home: Path) -> None:
    dataflow()
    granted(officer("one"), officer("two"))
    look(actor=officer("three"), at=AT, rows=[{"visits": 1}], reason=REASON, dataflow="visits")
    assert forget_old_looks(actor=ACTOR, at=AT + LOG_KEPT) == 0
    assert forget_old_looks(actor=ACTOR, at=AT + LOG_KEPT + timedelta(seconds=1)) == 2
