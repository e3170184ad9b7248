"""The directory: entries that their organisations keep, changes that wait for somebody else, merges that can be undone."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from house.people import AT, client_of, person
from marsad.accounts.rules import Role
from marsad.actors import operations, queries
from marsad.actors.models import Alias, Contact, Organisation, Relation, Service
from marsad.actors.rules import (
    TRANSITIONS,
    ChangeMove,
    ChangeRefused,
    ChangeState,
    ConsentScope,
    Refusal,
    Subject,
    is_aged,
    refusals,
    runs,
)
from marsad.audit.rules import System
from marsad.coordination.directory import follow
from marsad.notices.operations import escalate_overdue
from marsad.notices.queries import notices_for
from marsad.observatory.directory import matrix, network, reaching
from marsad.observatory.outlines import outlines
from marsad.observatory.page_cache import shelf
from migstat.model.refusals import Refused

pytestmark = pytest.mark.django_db(databases=["default", "confidential"])
SYSTEM = System("test")


def organisation(code: str, **more: Any) -> Organisation:
    names = {f"name_{language}": f"{code} {language}" for language in ("fr", "ar", "en")}
    return Organisation.objects.create(code=code, kind="association", **(names | more))


def service(code: str, owner: str, **more: Any) -> Service:
    words = {f"{name}_{language}": "x" for name in ("title", "audience") for language in ("fr", "ar", "en")}
    return Service.objects.create(code=code, organisation_id=owner, **({"kind": "health", "area": "A"} | words | more))


def member(code: str, email: str = "") -> Any:
    user = person(Role.PARTNER, email=email or f"{code}@example.org")
    operations.add_membership(actor=SYSTEM, at=AT, user_id=user.pk, organisation=code)
    return user


# --- rules ------------------------------------------------------------------------------------------------------------------


def test_every_pair_of_state_and_move_is_decided_and_only_an_open_change_moves() -> None:
    assert set(TRANSITIONS) == {(state, move) for state in ChangeState for move in ChangeMove}
    assert {state for (state, _), after in TRANSITIONS.items() if after} == {ChangeState.PROPOSED}
    for (state, move), after in TRANSITIONS.items():
        found = refusals(state=state, move=move, proposer=1, person=1 if move == ChangeMove.WITHDRAW else 2, answer="x")
        assert (Refusal.NOT_OPEN in found) == (after is None)


def test_all_reasons_come_at_once() -> None:
    found = refusals(state=ChangeState.ACCEPTED, move=ChangeMove.REFUSE, proposer=1, person=1, answer="")
    assert found == {Refusal.NOT_OPEN, Refusal.OWN_CHANGE, Refusal.NO_REASON}


def test_what_ends_runs_until_its_last_day() -> None:
    assert runs(None, today=date(2026, 1, 1))
    assert runs(date(2026, 1, 1), today=date(2026, 1, 1))
    assert not runs(date(2026, 1, 1), today=date(2026, 1, 2))
    assert is_aged(None, today=date(2026, 1, 1))


# --- changes ----------------------------------------------------------------------------------------------------------------


def proposed(user: Any, code: str = "cam", **content: Any) -> Any:
    return follow.propose(
        actor=user,
        at=AT,
        organisation=code,
        subject=Subject.ORGANISATION,
        content=content or {"name_en": "New name"},
        target="",
    )


def test_a_change_is_validated_by_somebody_else_and_outlives_a_load_of_the_pack() -> None:
    organisation("cam")
    user, officer = member("cam"), person(Role.DATA_OFFICER)
    change = proposed(user)
    assert Organisation.objects.get(pk="cam").name_en == "cam en"
    assert [one.kind for one in notices_for(officer)] == ["actors.change"]
    with pytest.raises(ChangeRefused):
        follow.decide(actor=user, at=AT, change_id=change.pk, move=ChangeMove.ACCEPT, answer="")
    follow.decide(actor=officer, at=AT, change_id=change.pk, move=ChangeMove.ACCEPT, answer="")
    found = Organisation.objects.get(pk="cam")
    assert (found.name_en, found.from_pack, found.checked_on) == ("New name", False, AT.date())
    assert not notices_for(officer).exists()
    assert [one.kind for one in notices_for(user)] == ["actors.decided"]


def test_silence_goes_to_the_coordinator_after_seven_days() -> None:
    organisation("cam")
    coordinator = person(Role.COORDINATOR)
    proposed(member("cam"))
    escalate_overdue(actor=SYSTEM, at=AT + timedelta(days=7))
    assert not notices_for(coordinator).exists()
    escalate_overdue(actor=SYSTEM, at=AT + timedelta(days=8))
    assert notices_for(coordinator).count() == 1


def test_a_refused_change_says_why_and_changes_nothing() -> None:
    organisation("cam")
    change, officer = proposed(member("cam")), person(Role.DATA_OFFICER)
    with pytest.raises(ChangeRefused):
        follow.decide(actor=officer, at=AT, change_id=change.pk, move=ChangeMove.REFUSE, answer=" ")
    follow.decide(actor=officer, at=AT, change_id=change.pk, move=ChangeMove.REFUSE, answer="Not so.")
    assert Organisation.objects.get(pk="cam").name_en == "cam en"


def test_a_new_service_and_a_change_of_a_foreign_one() -> None:
    organisation("cam")
    organisation("foo")
    service("theirs", "foo")
    user, officer = member("cam"), person(Role.DATA_OFFICER)
    content = {f"{n}_{x}": "Course" for n in ("title", "audience") for x in ("fr", "ar", "en")}
    content |= {"kind": "language", "area": "A", "until": date(2026, 12, 31)}
    change = follow.propose(actor=user, at=AT, organisation="cam", subject=Subject.SERVICE, content=content, target="")
    follow.decide(actor=officer, at=AT, change_id=change.pk, move=ChangeMove.ACCEPT, answer="")
    made = Service.objects.get(organisation="cam")
    assert (made.title_fr, made.until, made.confirmed) == ("Course", date(2026, 12, 31), True)
    with pytest.raises(Refused, match="another organisation"):
        follow.propose(
            actor=user,
            at=AT,
            organisation="cam",
            subject=Subject.SERVICE,
            content={"title_fr": "Mine"},
            target="theirs",
        )
    nothing = {"actor": user, "at": AT, "organisation": "cam", "subject": Subject.ORGANISATION}
    with pytest.raises(Refused, match="without a difference"):
        follow.propose(**nothing, content={}, target="")


def test_an_old_entry_is_asked_for_and_confirmed() -> None:
    organisation("cam")
    organisation("silent")
    user, coordinator = member("cam"), person(Role.COORDINATOR)
    assert follow.remind_of_aged_entries(actor=SYSTEM, at=AT) == 2
    assert follow.remind_of_aged_entries(actor=SYSTEM, at=AT) == 2
    assert [one.subject for one in notices_for(user)] == ["actors.entry:cam"]
    assert [one.subject for one in notices_for(coordinator)] == ["actors.entries"]
    follow.confirm(actor=user, at=AT, organisation="cam")
    assert not notices_for(user).exists()
    assert [one.organisation.code for one in queries.aged_entries(today=AT.date())] == ["silent"]


# --- merges, identifiers, contacts --------------------------------------------------------------------------------------------


def test_a_merge_carries_everything_over_and_its_undoing_brings_it_back() -> None:
    organisation("one")
    organisation("two")
    for code in ("zero", "third"):
        organisation(code)
    service("of-two", "two")
    for other in ("one", "third"):
        Relation.objects.create(code=f"two-{other}", organisation_id="two", kind="partner", other_id=other)
    earlier = operations.merge(actor=SYSTEM, at=AT, kept="two", merged="zero")
    user = member("two")
    operations.add_identifier(actor=SYSTEM, at=AT, organisation="two", scheme="ice", value="7")
    with pytest.raises(Refused, match="merge the two"):
        operations.add_identifier(actor=SYSTEM, at=AT, organisation="one", scheme="ice", value="7")
    done = operations.merge(actor=SYSTEM, at=AT, kept="one", merged="two")
    assert [one.code for one in queries.organisations()] == ["one", "third"]
    assert [one.code for one in queries.services_of("one")] == ["of-two"]
    assert [(one.organisation_id, one.other_id) for one in queries.relations()] == [("one", "third")]
    assert [one.code for one in queries.organisations_of(user)] == ["one"]
    assert queries.codes_of(user) == {"zero", "one", "two"}  # what was agreed under the old codes stays theirs
    assert queries.members_of("two") == queries.members_of("zero") == queries.members_of("one") == [user]
    assert queries.standing_codes() == {"two": "one", "zero": "one"}
    with pytest.raises(Refused, match="later merge"):
        operations.undo_merge(actor=SYSTEM, at=AT, merge_id=earlier.pk)
    assert [one.code for one in queries.organisations(text="two ar")] == ["one"]
    for kept, merged in (("one", "two"), ("one", "one")):
        with pytest.raises(Refused):
            operations.merge(actor=SYSTEM, at=AT, kept=kept, merged=merged)
    operations.undo_merge(actor=SYSTEM, at=AT, merge_id=done.pk)
    assert {one.code for one in queries.organisations()} == {"one", "two", "third"}
    assert {(one.organisation_id, one.other_id) for one in queries.relations()} == {("two", "one"), ("two", "third")}
    assert queries.standing_codes() == {"zero": "two"}
    assert [one.code for one in queries.services_of("two")] == ["of-two"]
    assert queries.is_member(user, "two")
    assert not Alias.objects.filter(organisation="one").exists()
    with pytest.raises(Refused):
        operations.undo_merge(actor=SYSTEM, at=AT, merge_id=done.pk)


def test_what_waits_under_an_entry_goes_over_with_it_and_comes_back() -> None:
    organisation("one")
    organisation("two", acronym="T.W.O", from_pack=True)
    service("of-two", "two")
    user = member("two")
    change = operations.propose_change(
        actor=user, at=AT, organisation="two", subject=Subject.SERVICE, content={"access_fr": "new"}, target="of-two"
    )
    done = operations.merge(actor=SYSTEM, at=AT, kept="one", merged="two")
    assert [one.code for one in queries.organisations(text="t.w.o")] == ["one"]
    officer = client_of(person(Role.DATA_OFFICER))
    assert officer.get("/fr/directory/two/")["Location"] == "/fr/directory/one/"
    assert officer.post("/fr/directory/two/names/", {"name": "late"}).status_code == 404
    follow.decide(actor=person(Role.COORDINATOR), at=AT, change_id=change.pk, move=ChangeMove.ACCEPT, answer="")
    assert (
        Service.objects.get(pk="of-two").access_fr == "new"
    )  # an accepted change is carried out, whoever holds it now
    operations.undo_merge(actor=SYSTEM, at=AT, merge_id=done.pk)
    assert (Service.objects.get(pk="of-two").organisation_id, Service.objects.get(pk="of-two").access_fr) == (
        "two",
        "new",
    )
    assert Organisation.objects.get(pk="two").from_pack and not Alias.objects.exists()


def test_an_organisation_is_found_by_any_of_its_names_in_any_spelling() -> None:
    organisation("amal", acronym="AEM", name_fr="Association Espérance et Œuvre", name_ar="جمعيّة الأمل للمُهاجرين")
    organisation("other")
    for name, language in (("Hope Foundation", "en"), ("مؤسسة الرجاء", "ar"), ("L’Entraide", "fr")):
        operations.add_alias(actor=SYSTEM, at=AT, organisation="amal", name=name, language=language)
    operations.add_identifier(actor=SYSTEM, at=AT, organisation="amal", scheme="ice", value="001-77")
    spellings = (
        "ESPERANCE", "oeuvre", "aem", "جمعية الامل", "جمعیة", "للمهاجرين", "hope foundation", "foundation HOPE",
        "موسسه الرجاء", "l'entraide", "٠٠١", "amal",
    )  # fmt: skip
    for text in spellings:
        assert [one.code for one in queries.organisations(text=text)] == ["amal"], text
    for text in ("hope entraide", "?!", "%", "_"):  # words of two names; no word; what a database would take as any
        assert not queries.organisations(text=text).exists(), text


def test_whoever_no_longer_speaks_for_the_kept_entry_speaks_for_none_of_it() -> None:
    organisation("one")
    organisation("two")
    user = member("one")
    operations.add_membership(actor=SYSTEM, at=AT, user_id=user.pk, organisation="two")
    operations.merge(actor=SYSTEM, at=AT, kept="one", merged="two")
    operations.end_membership(actor=SYSTEM, at=AT, membership_id=queries.memberships_of("one").get().pk)
    assert queries.codes_of(user) == frozenset()


def test_who_is_member_of_both_is_member_once_after_a_merge() -> None:
    organisation("one")
    organisation("two")
    user = member("one")
    operations.add_membership(actor=SYSTEM, at=AT, user_id=user.pk, organisation="two")
    done = operations.merge(actor=SYSTEM, at=AT, kept="one", merged="two")
    assert queries.memberships_of("one").count() == 1
    operations.undo_merge(actor=SYSTEM, at=AT, merge_id=done.pk)
    assert queries.is_member(user, "two")


def test_a_contact_stands_on_a_consent_and_goes_with_it() -> None:
    organisation("cam")
    note = {
        "actor": SYSTEM,
        "organisation": "cam",
        "scope": ConsentScope.PARTNERS,
        "person": {"name": "N", "function": "F"},
    }
    with pytest.raises(Refused):
        operations.add_contact(at=AT, consented_on=AT.date() + timedelta(days=1), **note)  # type: ignore[arg-type]
    contact = operations.add_contact(at=AT, consented_on=AT.date(), **note)  # type: ignore[arg-type]
    assert operations.withdraw_contact(actor=SYSTEM, at=AT, organisation="cam", contact_id=contact.pk)
    assert not Contact.objects.exists()


def test_an_erased_account_speaks_for_nobody() -> None:
    from marsad.accounts.operations import erase_account

    organisation("cam")
    user = member("cam")
    erase_account(actor=user, at=AT, user_id=str(user.pk))
    assert operations.forget_erased_members(actor=SYSTEM, at=AT) == 1
    assert not queries.memberships_of("cam").exists()


# --- who sees what ------------------------------------------------------------------------------------------------------------


def test_every_pair_of_organisations_keeps_to_its_own_entry() -> None:
    codes = ["one", "two", "three"]
    for code in codes:
        organisation(code)
    members = {code: client_of(member(code)) for code in codes}
    changes = {code: proposed(queries.members_of(code)[0], code).pk for code in codes}
    officer = client_of(person(Role.DATA_OFFICER))
    for mine, client in members.items():
        for code in codes:
            expected = 200 if code == mine else 404
            assert client.get(f"/fr/directory/{code}/").status_code == expected
            assert client.get(f"/fr/directory/{code}/change/organisation/").status_code == expected
            assert client.get(f"/fr/directory/changes/{changes[code]}/").status_code == expected
            assert client.post(f"/fr/directory/{code}/confirm/").status_code == (302 if code == mine else 404)
            assert client.post(f"/fr/directory/{code}/names/", {"name": "X"}).status_code == 403
    assert all(officer.get(f"/ar/directory/{code}/").status_code == 200 for code in codes)
    assert client_of(person(Role.PLANNER)).get("/fr/directory/").status_code == 403


def test_a_contact_is_seen_as_far_as_the_person_consented() -> None:
    for code in ("one", "two"):
        organisation(code)
    for scope in ConsentScope:
        person_of_two = {"name": f"Name {scope}", "function": "F"}
        operations.add_contact(
            actor=SYSTEM, at=AT, organisation="two", scope=scope, consented_on=AT.date(), person=person_of_two
        )
    stranger = person(Role.PARTNER, email="nobody@example.org")
    seen = {
        who: {scope for scope in ConsentScope if f"Name {scope}" in client_of(user).get(path).content.decode()}
        for who, user, path in (
            ("own", member("two"), "/fr/directory/contacts/"),
            ("partner", member("one"), "/ar/directory/contacts/?q=two"),
            ("no member", stranger, "/fr/directory/contacts/"),
            ("officer", person(Role.DATA_OFFICER), "/en/directory/contacts/"),
            ("elsewhere", person(Role.COORDINATOR), "/en/directory/contacts/?q=one"),
        )
    }
    every = set(ConsentScope)
    assert seen == {
        "own": every,
        "partner": {ConsentScope.PARTNERS},
        "no member": set(),
        "officer": every,
        "elsewhere": set(),
    }


def test_the_pages_of_a_partner_and_of_the_coordination() -> None:
    organisation("cam")
    client, officer = client_of(member("cam")), client_of(person(Role.COORDINATOR))
    form = {"name_fr": "Caritas", "name_ar": "كاريتاس", "name_en": "Caritas", "produces_fr": "Listes"}
    page = client.post("/fr/directory/cam/change/organisation/", form)
    assert page.content.decode().count("dans les trois langues") == 2
    form |= {"produces_ar": "لوائح", "produces_en": "Lists"}
    assert client.post("/fr/directory/cam/change/organisation/", form).status_code == 302
    number = queries.changes().get().pk
    assert client.post(f"/fr/directory/changes/{number}/", {"move": "accept"}).status_code == 404
    assert officer.post(f"/fr/directory/changes/{number}/", {"move": "refuse"}).status_code == 409
    assert "كاريتاس" in officer.get(f"/ar/directory/changes/{number}/").content.decode()
    assert officer.post(f"/fr/directory/changes/{number}/", {"move": "accept"}).status_code == 302
    assert Organisation.objects.get(pk="cam").produces_en == "Lists"
    assert officer.get("/fr/directory/merges/").status_code == 200
    assert officer.post("/fr/directory/cam/members/", {"email": "nobody@example.org"}).status_code == 302
    assert queries.memberships_of("cam").count() == 1


# --- public pages -------------------------------------------------------------------------------------------------------------


def test_services_are_found_by_need_and_place(small_city: Any) -> None:
    organisation("cam")
    from marsad.catalogue.models import Area

    child = Area.objects.exclude(parent=None).order_by("-code").first()
    assert child is not None
    service("everywhere", "cam", area=child.parent_id, title_en="Wide")
    service("here", "cam", area=child.pk, title_en="Near", kind="school", lon=-6.8, lat=34.0)
    service("ended", "cam", area=child.pk, title_en="Ended", until=date(2020, 1, 1))
    service("planned", "cam", area=child.pk, title_en="Planned", since=timezone.localdate() + timedelta(days=1))
    client = Client()

    def seen(query: str) -> set[str]:
        page = client.get(f"/en/services/{query}").content.decode()
        return {title for title in ("Wide", "Near", "Ended", "Planned") if f">{title}" in page}

    assert seen("") == {"Wide", "Near"}
    assert seen(f"?area={child.pk}") == {"Wide", "Near"}
    assert seen(f"?area={child.parent_id}") == {"Wide"}
    assert seen("?kind=school") == {"Near"}
    assert seen("?kind=asylum") == set()
    rows = list(csv.DictReader(io.StringIO(client.get("/en/services.csv").content.decode("utf-8-sig"))))
    assert {row["code"] for row in rows} == {"everywhere", "here"}
    features = json.loads(client.get("/en/services.geojson").content)["features"]
    assert {one["id"]: one["geometry"] for one in features} == {
        "everywhere": None,
        "here": {"type": "Point", "coordinates": [-6.8, 34.0]},
    }
    assert client.get("/ar/organisations/cam/").status_code == 200
    assert client.get("/ar/organisations/matrix/").status_code == 200


def test_the_directory_in_public_shows_no_contact_and_follows_a_change(small_city: Any) -> None:
    organisation("cam")
    operations.add_contact(
        actor=SYSTEM,
        at=AT,
        organisation="cam",
        scope=ConsentScope.PARTNERS,
        consented_on=AT.date(),
        person={"name": "Secret Person", "function": "F", "email": "secret@example.org"},
    )
    pages = [Client().get(f"/fr/{path}").content.decode() for path in ("organisations/", "organisations/cam/")]
    assert all("cam fr" in page and "Secret Person" not in page and "secret@" not in page for page in pages)
    organisation("other")
    merged = operations.merge(actor=SYSTEM, at=AT, kept="other", merged="cam")
    shelf._current = (0.0, None)  # two seconds later
    assert Client().get("/fr/organisations/cam/")["Location"] == "/fr/organisations/other/"
    assert merged.kept_id == "other"


def test_the_list_keeps_what_was_chosen_and_shows_its_age(small_city: Any) -> None:
    for number in range(queries.organisations().count(), 40):
        organisation(f"seek-{number:02}", checked_on=date(2020, 1, 1))
    operations.add_alias(actor=SYSTEM, at=AT, organisation="seek-39", name="الرجاء", language="ar")
    page = Client().get("/fr/organisations/?kind=association&q=seek").content.decode()
    assert "?kind=association&amp;q=seek&amp;page=2" in page
    assert page.count("tag-attention") >= 30  # nobody has confirmed these for years
    rows = csv.DictReader(io.StringIO(Client().get("/fr/organisations.csv").content.decode("utf-8-sig")))
    assert {row["code"]: row["other_names"] for row in rows}["seek-39"] == "الرجاء"


def test_services_and_relations_of_a_large_city_have_pages(small_city: Any, django_assert_max_num_queries: Any) -> None:
    organisation("hub", name_fr="Le moyeu")
    for number in range(70):
        one = organisation(f"far-{number:02}")
        Relation.objects.create(code=f"r{number}", organisation=one, kind="partner", other_id="hub")
        service(f"s-{number:02}", one.code)
    with django_assert_max_num_queries(4):
        rows = list(csv.DictReader(io.StringIO(Client().get("/en/services.csv").content.decode("utf-8-sig"))))
    assert len(rows) >= 70
    for path, entry in (("services/?kind=health", 'data-service="'), ("organisations/network/?q=moyeu", "<tr><td>")):
        page = Client().get(f"/fr/{path}&page=2").content.decode()
        assert f"?{path.partition('?')[2]}&amp;page=3" in page
        assert page.count(entry) == 30


def test_rabats_directory_is_loaded_whole(rabat: Any) -> None:
    from marsad.observatory.operations import load_city

    load_city(pack=rabat, actor=SYSTEM, at=AT)
    shelf.clear()
    assert Service.objects.count() >= 12
    assert queries.relations().count() >= 12
    client = Client()
    for language in ("fr", "ar", "en"):
        for path in ("organisations/", "organisations/network/", "organisations/matrix/", "services/"):
            assert client.get(f"/{language}/{path}").status_code == 200
    assert "unhcr" in client.get("/fr/organisations/?q=HCR").content.decode()


# --- drawing ------------------------------------------------------------------------------------------------------------------


def test_the_matrix_has_a_row_for_every_kind_and_loses_no_organisation() -> None:
    for code in ("cam", "gadem", "ccsm"):
        organisation(code)
    rows = [
        service("a", "cam", area="X"),
        service("b", "cam", area="Y", kind="school"),
        service("c", "gadem", area="X"),
    ]
    rows += [service("again", "cam", area="X"), service("d", "ccsm", area="X")]
    found = matrix(rows, ["X", "Y"], most=2)
    assert sum(len(cell.organisations) + cell.more for row in found for cell in row.cells) == 4
    assert [row.kind for row in found if not row.is_empty] == ["health", "school"]
    assert next(cell for row in found for cell in row.cells if cell.more).organisations == (
        rows[0].organisation,
        rows[2].organisation,
    )


def test_a_large_network_is_drawn_of_those_with_most_relations() -> None:
    made = [Organisation(code=f"o{number:03}") for number in range(200)]
    tied = [Relation(organisation=made[0], other=one, kind="partner") for one in made[1:]]
    drawn = network(tied, {one.code: one.code for one in made})
    assert (drawn.of, len(drawn.knots), len(drawn.lines)) == (200, 60, 59)
    assert "o000" in {knot["code"] for knot in drawn.knots}


def test_the_network_is_drawn_the_same_twice_and_within_its_canvas() -> None:
    from marsad.actors.models import Relation

    for code in "abc":
        organisation(code)
    pairs = [Relation(code=f"{x}{y}", organisation_id=x, other_id=y, kind="partner") for x, y in ("ab", "bc")]
    names = dict.fromkeys("abc", "N")
    drawn = network(pairs, names)
    assert drawn == network(pairs, names)
    assert all(0 <= knot["x"] <= drawn.width and 0 <= knot["y"] <= drawn.height for knot in drawn.knots)
    assert network([], {}).knots == ()


def test_outlines_keep_proportions_and_grade_the_counts() -> None:
    square = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}
    beside = {"type": "Polygon", "coordinates": [[[1, 0], [2, 0], [2, 1], [1, 1], [1, 0]]]}
    drawn = outlines([("a", "A", square, 0), ("b", "B", beside, 8)])
    assert drawn is not None
    assert [one.step for one in drawn.areas] == [0, 4]
    assert drawn.height == pytest.approx(drawn.width / 2, rel=0.01)
    assert outlines([]) is None


def test_a_resident_reaches_what_the_city_and_the_country_offer() -> None:
    assert reaching("x", {}) == {"x"}
    assert reaching("c", {"c": "b", "b": "a", "a": None}) == {"a", "b", "c"}
