"""The pages of agreements: who opens which, what they show, and the road from a draft to force by the pages alone."""

from __future__ import annotations

import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from agreements.made import TERMS, Cast, cast, drafted, in_force, organisation, signed, step, terms
from house.people import client_of, person
from marsad.accounts.models import User
from marsad.accounts.rules import Role
from marsad.actors.operations import add_membership
from marsad.audit.rules import System
from marsad.coordination.agreements.forms import initial_of
from marsad.coordination.agreements.models import Agreement, AgreementVersion
from marsad.coordination.agreements.rules import Move

pytestmark = pytest.mark.django_db
ROOT = "/fr/agreements/"
THIS_YEAR = timezone.localdate().year
CURRENT = terms(starts_on=date(THIS_YEAR, 1, 1), ends_on=date(THIS_YEAR + 1, 12, 31))


@pytest.fixture
def people() -> Cast:
    return cast()


def written(**changes: object) -> dict[str, object]:
    """What a browser sends for the terms."""
    fields = initial_of(CURRENT) | changes
    sent = {name: value.isoformat() if isinstance(value, date) else value for name, value in fields.items()}
    sent |= {name: ",".join(sent[name]) for name in ("breakdowns", "areas", "quality_tests")}  # type: ignore[arg-type]
    return {name: value for name, value in sent.items() if value not in (False, None)}


def new(**changes: object) -> dict[str, object]:
    return (
        {"code": "camp-visits", "organisation": "camp", "dataflow": "visits"}
        | {f"title_{language}": "Visites" for language in ("fr", "ar", "en")}
        | written(**changes)
    )


def state_of(number: int = 1) -> str:
    return AgreementVersion.objects.get(agreement_id="camp-visits", number=number).state


def press(client: Client, move: Move, number: int = 1, reason: str = "") -> int:
    sent = {"move": move.value, "reason": reason}
    return client.post(f"{ROOT}camp-visits/{number}/step/", sent).status_code


def sign(client: Client, **more: object) -> int:
    checksum = AgreementVersion.objects.get(agreement_id="camp-visits", number=1).checksum
    answer = client.post(f"{ROOT}camp-visits/1/sign/", {"checksum": checksum, "confirmed": "on"} | more)
    return answer.status_code


def test_from_a_draft_to_force_by_the_pages(people: Cast) -> None:
    officer, partner = client_of(people.officer), client_of(people.partner)
    coordinator, protection = client_of(people.coordinator), client_of(people.protection)
    made = officer.post(f"{ROOT}new/", new())
    assert (made.status_code, made["Location"]) == (302, f"{ROOT}camp-visits/")
    assert partner.post(f"{ROOT}camp-visits/1/edit/", written(minimum_cell=7)).status_code == 302
    assert press(coordinator, Move.AGREE) == 409
    assert press(partner, Move.AGREE) == 302
    assert sign(partner) == 409, "not before the review"
    assert press(protection, Move.REVIEW) == 302
    assert sign(partner) == 302
    paper = SimpleUploadedFile("scan.pdf", b"%PDF-1.7 scanned", "application/pdf")
    assert sign(coordinator, document=paper) == 302
    assert state_of() == "signed"
    assert press(coordinator, Move.ENFORCE) == 302
    assert state_of() == "in_force"
    page = coordinator.get(f"{ROOT}camp-visits/").content.decode()
    assert 'data-state="in_force"' in page
    assert partner.get(f"{ROOT}camp-visits/1/signed-city.pdf").content == b"%PDF-1.7 scanned"
    assert partner.get(f"{ROOT}camp-visits/1/signed-partner.pdf").status_code == 404


def test_an_amendment_shows_its_differences_in_words(people: Cast) -> None:
    in_force(people, CURRENT, at=timezone.now())
    officer = client_of(people.officer)
    assert officer.post(f"{ROOT}camp-visits/amend/").status_code == 302
    assert officer.post(f"{ROOT}camp-visits/amend/").status_code == 302
    assert AgreementVersion.objects.count() == 2, "one negotiation at a time"
    officer.post(f"{ROOT}camp-visits/2/edit/", written(frequency="yearly", structure_text=STRUCTURE_TOML))
    page = officer.get(f"{ROOT}camp-visits/?version=2").content.decode()
    assert "data-changes" in page
    assert "chaque mois" in page
    assert "chaque année" in page
    assert "visited_on" in page.split("data-changes")[1], "the column that went"


STRUCTURE_TOML = """code = "visits"
version = "2"
unit = "visit"
[[columns]]
name = "citizenship"
role = "quasi_identifier"
kind = "code"
codelist = "CITIZENSHIP"
"""


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("nonsense = = 1", "TOML"),
        ('code = "a"', "colonne"),
        ('code = "a"\nversion = "1"\nunit = "cell"\n[[columns]]\nname = "x"\nrole = "king"\nkind = "text"', "rôle"),
        ("{", "JSON"),
    ],
)
def test_a_structure_that_cannot_be_read_is_said_and_nothing_is_written(people: Cast, wrong: str, said: str) -> None:
    answer = client_of(people.officer).post(f"{ROOT}new/", new(structure_text=wrong))
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not Agreement.objects.exists()


def test_no_agreement_takes_the_address_of_another_page(people: Cast) -> None:
    officer = client_of(people.officer)
    assert officer.post(f"{ROOT}new/", new(code="New")).status_code == 200
    assert not Agreement.objects.exists()
    assert officer.post(f"{ROOT}new/", new(code="News")).headers["Location"] == f"{ROOT}news/"


def test_a_structure_can_be_uploaded_as_json(people: Cast) -> None:
    upload = io.BytesIO(
        b'{"code":"v","version":"9","unit":"cell","columns":[{"name":"n","role":"measure","kind":"integer"}]}'
    )
    upload.name = "structure.json"
    assert client_of(people.officer).post(f"{ROOT}new/", new(structure_file=upload, breakdowns=())).status_code == 302
    assert AgreementVersion.objects.get().terms.structure.version == "9"


def test_what_is_missing_is_listed_whole(people: Cast) -> None:
    client_of(people.officer).post(f"{ROOT}new/", new(authorisation_number="", reviewers=[], recipient_classes=[]))
    page = client_of(people.partner).get(f"{ROOT}camp-visits/").content.decode()
    assert page.split("data-faults")[1].split("</div>")[0].count("<li>") == 3
    assert press(client_of(people.partner), Move.AGREE) == 409


def test_a_greyed_step_says_why_and_an_open_one_is_not_greyed(people: Cast) -> None:
    version = drafted(people, CURRENT)
    page = client_of(people.officer).get(f"{ROOT}camp-visits/").content.decode()
    agree = page.split('data-move="agree"')[1].split("</div>")[0]
    assert "disabled" in agree
    assert "partenaire" in agree
    step(people.partner, version, Move.AGREE)
    page = client_of(people.partner).get(f"{ROOT}camp-visits/").content.decode()
    assert "disabled" in page.split('data-move="sign"')[1].split("</div>")[0]
    assert "disabled" not in page.split('data-move="reopen"')[1].split("</div>")[0]


PAGES = ("", "due.ics", "1/edit/", "1/sign/")


def test_an_organisation_sees_its_own_and_nobody_elses() -> None:
    """Every pair of a person and an agreement, for every role, on every page and in the list."""
    people = cast("camp")
    organisation("beta")
    other = person(Role.PARTNER, email="partner-beta@example.org")
    add_membership(actor=System("test"), at=timezone.now(), user_id=other.pk, organisation="beta")
    stray = person(Role.PARTNER, email="stray@example.org")
    drafted(people, CURRENT)
    drafted(people, terms(code="beta-visits", organisation="beta"))
    signed(people, drafted(people, terms(code="camp-old", dataflow="older")))
    owners = {"camp-visits": "camp", "camp-old": "camp", "beta-visits": "beta"}
    city = {Role.DATA_OFFICER, Role.COORDINATOR, Role.DATA_PROTECTION_OFFICER}
    readers: list[tuple[User, set[str]]] = [
        (people.partner, {"camp"}),
        (other, {"beta"}),
        (stray, set()),
        (people.officer, {"camp", "beta"}),
        (people.coordinator, {"camp", "beta"}),
        (people.protection, {"camp", "beta"}),
    ]
    held = {Role.PARTNER, *city}
    readers += [(person(role), set()) for role in Role if role not in {*held, Role.VISITOR, Role.RESIDENT}]
    for user, sees in readers:
        client = client_of(user)
        listed = client.get(ROOT).content.decode()
        for code, owner in owners.items():
            assert (f'data-agreement="{code}"' in listed) == (owner in sees), (user.email, code)
            for page in PAGES if sees or user.has_perm("agreements.negotiate") else ("",):
                status = client.get(f"{ROOT}{code}/{page}").status_code
                assert (status == 200) == (owner in sees), (user.email, code, page, status)
                assert status in {200, 302, 403, 404}
            if owner not in sees:
                assert client.get(f"{ROOT}{code}/1/fr.pdf").status_code in {403, 404}
            moved = client.post(f"{ROOT}{code}/1/step/", {"move": "suspend", "reason": "x"}).status_code
            assert (moved == 409) == (owner in sees), (user.email, code, moved)


def test_a_partner_drafts_for_its_own_organisation_only(people: Cast) -> None:
    organisation("beta")
    client = client_of(people.partner)
    assert client.post(f"{ROOT}new/", new(organisation="beta")).status_code == 200
    assert not Agreement.objects.exists()
    assert client.post(f"{ROOT}new/", new()).status_code == 302


def test_who_is_signed_out_is_sent_to_sign_in(people: Cast, client: Client) -> None:
    drafted(people)
    for page in ("", "new/", "camp-visits/", "camp-visits/1/fr.pdf"):
        assert client.get(ROOT + page).status_code == 302


def test_the_list_has_filters_and_a_second_page(people: Cast) -> None:
    for number in range(27):
        drafted(people, terms(code=f"a-{number:02}", dataflow=f"flow-{number}"))
    client = client_of(people.officer)
    assert client.get(ROOT).content.decode().count("data-agreement=") == 25
    assert client.get(f"{ROOT}?page=2").content.decode().count("data-agreement=") == 2
    assert client.get(f"{ROOT}?state=in_force").content.decode().count("data-agreement=") == 0
    assert "state=draft&amp;partner=camp&amp;page=2" in client.get(f"{ROOT}?state=draft&partner=camp").content.decode()


def test_an_empty_list_says_what_it_is_for(people: Cast) -> None:
    assert "empty-state" in client_of(people.partner).get(ROOT).content.decode()


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_every_page_reads_in_every_language(people: Cast, language: str) -> None:
    step(people.partner, drafted(people, CURRENT), Move.AGREE)
    client = client_of(people.coordinator)
    for page in ("", "new/", "camp-visits/", "camp-visits/1/edit/", "camp-visits/1/sign/"):
        assert client.get(f"/{language}/agreements/{page}").status_code == 200


def test_due_days_go_into_an_agenda(people: Cast) -> None:
    in_force(people, CURRENT, at=timezone.now())
    answer = client_of(people.partner).get(f"{ROOT}camp-visits/due.ics")
    assert answer["Content-Type"].startswith("text/calendar")
    assert answer.content.count(b"BEGIN:VEVENT") >= 10
    assert TERMS.code.encode() in answer.content


def test_numbers_keep_their_order_in_arabic(people: Cast) -> None:
    in_force(people, CURRENT, at=timezone.now())
    page = client_of(people.officer).get("/ar/agreements/camp-visits/").content.decode()
    assert "\u2066113-14\u2069" in page
    assert "\u206609-08\u2069" in page
