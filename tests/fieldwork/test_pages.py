"""The pages: who may, in each language, a whole road by forms, second pages, what is refused and said."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from fieldwork.cases import AT, LATER, TEST, TWO_STAGE, agent, dice, frame_csv, network, sample
from house.people import client_of, person
from marsad.accounts.rules import Role
from marsad.catalogue.models import Area
from marsad.collection.fieldwork import views_networks
from marsad.collection.fieldwork.coupon_paper import coupon_markup, coupon_pdf, printed_code
from marsad.collection.fieldwork.models import Case, Coupon, Frame, Participant, Sample
from marsad.collection.fieldwork.operations_coupons import give_coupons, print_coupons, redeem_coupon
from marsad.collection.fieldwork.operations_samples import assign_cases
from marsad.collection.models import AccessEntry
from marsad.observatory.city import city

pytestmark = pytest.mark.django_db(databases=["default", "confidential"])


@pytest.fixture
def officer() -> Client:
    return client_of(person(Role.DATA_OFFICER))


@pytest.fixture
def drawn(known_areas: None) -> Sample:
    return sample(TWO_STAGE)


@pytest.fixture
def known_areas() -> None:
    for code in ("agdal", "hassan"):
        words = {f"name_{language}": code.title() for language in ("fr", "ar", "en")}
        Area.objects.create(code=code, level="arrondissement", **words)


@pytest.fixture
def recruiting(known_areas: None) -> tuple[str, ...]:
    """A network with one seed who has come, and the numbers of four coupons that nobody was given."""
    network()
    choose = dice()

    def printed(number: int, seeds: bool) -> tuple[str, ...]:
        made = print_coupons(actor=TEST, at=AT, network_code="spring", number=number, seeds=seeds, choose=choose)
        return made.codes

    redeem_coupon(actor=TEST, at=AT, network_code="spring", typed=printed(1, True)[0], site="north")
    return printed(4, False)


PAGES = (
    "", "agents/", "frames/new/", "frames/homes/1/", "frames/homes/1/draw/", "samples/wave-1/",
    "samples/wave-1/cases/", "samples/wave-1/weights/", "networks/new/", "networks/spring/",
    "networks/spring/diagnostics/",
)  # fmt: skip
DESK = ("mine/", "reception/", "reception/spring/", "reception/spring/1/")


def test_who_may_open_what(drawn: Sample, recruiting: tuple[str, ...], client: Client) -> None:
    statistician, field = client_of(person(Role.STATISTICIAN)), client_of(person(Role.FIELD_AGENT))
    for page in PAGES:
        assert statistician.get(f"/en/fieldwork/{page}").status_code == 200, page
        assert field.get(f"/en/fieldwork/{page}").status_code == 403, page
        assert client.get(f"/en/fieldwork/{page}").status_code == 302, page
    for page in DESK:
        assert field.get(f"/en/fieldwork/{page}").status_code == 200, page
        assert statistician.get(f"/en/fieldwork/{page}").status_code == 403, page
    for step in ("samples/wave-1/move/", "samples/wave-1/cases/assign/", "networks/spring/print/"):
        assert field.post(f"/en/fieldwork/{step}").status_code == 403
        assert statistician.get(f"/en/fieldwork/{step}").status_code == 405


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_each_page_stands_in_each_language(
    drawn: Sample, recruiting: tuple[str, ...], officer: Client, language: str
) -> None:
    case = Case.objects.filter(sample=drawn).first()
    for page in (
        *PAGES,
        *DESK,
        f"samples/wave-1/cases/{case.pk}/",
        *(f"samples/wave-1/?by={by}" for by in ("agent", "day")),
    ):
        answer = officer.get(f"/{language}/fieldwork/{page}")
        assert answer.status_code == 200, page
        assert f'lang="{language}"' in answer.content.decode()


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_the_day_of_a_visit_is_filled_in_as_browsers_take_it(drawn: Sample, officer: Client, language: str) -> None:
    case = Case.objects.filter(sample=drawn, state="waiting").first()
    page = officer.get(f"/{language}/fieldwork/samples/wave-1/cases/{case.pk}/").content.decode()
    assert re.search(r'name="on" value="\d{4}-\d\d-\d\d"', page)


def test_the_road_from_a_file_to_weights_by_forms(known_areas: None, officer: Client) -> None:
    sent = {
        "code": "homes",
        "title": "Homes",
        "kind": "dwelling",
        "file": SimpleUploadedFile("f.csv", b"code,area\nFatima,x"),
    }
    answer = officer.post("/en/fieldwork/frames/new/", sent)
    assert answer.status_code == 422
    assert "never a name" in answer.content.decode()
    assert "Fatima" not in answer.content.decode()
    sent["file"] = SimpleUploadedFile("f.csv", frame_csv())
    assert officer.post("/en/fieldwork/frames/new/", sent)["Location"] == "/en/fieldwork/frames/homes/1/"
    draw = {
        "code": "wave-1", "title": "Wave", "method": "stratified", "size": "20", "allocation": "proportional",
        "most_visits": "3", "seed": "s", "reserve": "10",
    }  # fmt: skip
    refused = officer.post("/en/fieldwork/frames/homes/1/draw/", draw)
    assert refused.status_code == 422
    assert "30 dwellings or more" in refused.content.decode()
    assert officer.post("/en/fieldwork/frames/homes/1/draw/", {**draw, "size": "60"}).status_code == 302
    here = "/en/fieldwork/samples/wave-1/"
    assert "the same sample" in officer.post(f"{here}compare/", follow=True).content.decode()
    officer.post(f"{here}move/", {"move": "open"})
    officer.post("/en/fieldwork/agents/", {"code": "a-01", "person": ""})
    officer.post(f"{here}cases/assign/?stratum=agdal", {"agent": "a-01", "all": "1"})
    assert Case.objects.filter(agent="a-01").count() == 40
    second = officer.get(f"{here}cases/?page=2")
    assert second.content.decode().count("data-case=") == 66 - 50
    for case in Case.objects.exclude(state="reserve"):
        code = "1.1" if case.pk % 3 else "2.11"
        answer = officer.post(f"{here}cases/{case.pk}/", {"on": "2026-01-01", "disposition": code})
        assert "not before the draw" in answer.content.decode()
        break
    assert officer.post(f"{here}release/", {"stratum": "agdal"}, follow=True).status_code == 200
    assert Case.objects.filter(stratum="agdal", state="waiting").count() == 4


def test_visits_rates_and_weights_on_pages(drawn: Sample, officer: Client) -> None:
    here = "/en/fieldwork/samples/wave-1/"
    Sample.objects.update(drawn_at=AT)
    for place, case in enumerate(Case.objects.exclude(state="reserve").order_by("pk")):
        code = ("1.1", "1.1", "2.11", "2.24")[place % 4]
        sent = officer.post(f"{here}cases/{case.pk}/", {"on": "2026-03-02", "disposition": code})
        assert sent.status_code == 302
    board = officer.get(here).content.decode()
    total = re.search(r"<tr data-total>(.*?)</tr>", board, re.DOTALL)[1]
    assert [text for text in re.findall(r">([^<>]+)<", total) if text.strip()][:5] == ["All", "30", "30", "16", "7"]
    assert "53.3%" in total
    case = Case.objects.filter(disposition="1.1").first()
    visit = case.history.get()
    officer.post(f"{here}cases/{case.pk}/step/", {"visit": visit.pk, "reason": "wrong door"})
    assert "wrong door" in officer.get(f"{here}cases/{case.pk}/").content.decode()
    officer.post(f"{here}move/", {"move": "close"})
    wrong = officer.post(f"{here}weights/", {"classes": "all", "totals": "agdal 70"})
    assert wrong.status_code == 422
    sent = officer.post(f"{here}weights/", {"classes": "all", "totals": "agdal; 70\nhassan; 1 036,5"}, follow=True)
    assert "1,106.5" in sent.content.decode()


def test_an_agent_sees_their_own_dwellings_and_each_look_is_logged(drawn: Sample) -> None:
    user, other = person(Role.FIELD_AGENT), person(Role.FIELD_AGENT, email="other@example.org")
    own = agent("a-07", user.pk)
    case = Case.objects.filter(sample=drawn, state="waiting").select_related("unit").first()
    assign_cases(actor=TEST, at=LATER, sample_code=drawn.pk, case_ids=[case.pk], agent_code=own.pk)
    client = client_of(user)
    page = client.get("/en/fieldwork/mine/").content.decode()
    assert case.code in page
    assert "second floor" not in page
    assert not AccessEntry.objects.exists()
    assert f"door {int(case.code[2:])}, second floor" in client.post("/en/fieldwork/mine/").content.decode()
    entry = AccessEntry.objects.get()
    assert (entry.rows, entry.columns, entry.subject) == (1, ["locator"], "sample:wave-1")
    assert case.code not in client_of(other).get("/en/fieldwork/mine/").content.decode()


def test_coupons_from_paper_to_a_chain(recruiting: tuple[str, ...], officer: Client) -> None:
    here = "/en/fieldwork/reception/spring/"
    for typed, words in (("KTRM 1", "no number of a coupon"), (recruiting[0], "never given to anybody")):
        answer = officer.post(here, {"coupon": typed, "site": ""})
        assert answer.status_code == 422
        assert words in answer.content.decode()
    sent = officer.post(f"{here}1/", {"degree": "8", "coupons": "\n".join(recruiting[:3])}, follow=True)
    assert re.search(r"data-given>\D*3<", sent.content.decode())
    too_many = officer.post(f"{here}1/", {"coupons": recruiting[3]})
    assert "more than one person may give" in too_many.content.decode()
    assert officer.post(here, {"coupon": recruiting[1].lower(), "site": "south"})["Location"] == f"{here}2/"
    page = officer.get("/en/fieldwork/networks/spring/").content.decode()
    assert page.count("data-link=") == 2
    assert "<circle" in page
    assert not any(code in page for code in recruiting)


def test_the_printed_sheet_holds_the_numbers_and_nothing_of_the_survey(
    recruiting: tuple[str, ...], officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[tuple[str, str]] = []

    def paper(*args: Any, invites: tuple[str, str], **kwargs: Any) -> bytes:
        printed.append(invites)
        return coupon_pdf(*args, invites=invites, **kwargs)

    monkeypatch.setattr(views_networks, "coupon_pdf", paper)
    answer = officer.post("/fr/fieldwork/networks/spring/print/", {"number": "9", "sheet": "a4"})
    assert printed == [(city()["contact"]["address_fr"], city()["contact"]["address_ar"])]
    assert city()["observatory_fr"] not in printed[0]
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content[:5] == b"%PDF-"
    assert Coupon.objects.filter(state="printed").count() == 4 + 9
    made = print_coupons(actor=TEST, at=AT, network_code="spring", number=9, seeds=True, choose=dice())
    invites = ("Observatoire", "المرصد")
    assert coupon_pdf(made, invites=invites, sheet="a6")[:5] == b"%PDF-"
    for sheet, pages in (("a4", 2), ("a6", 9)):
        text = coupon_markup(made, invites=invites, sheet=sheet)
        assert text.count("#pagebreak()") == pages - 1
        assert all(printed_code(code) in text for code in made.codes)
        assert "قسيمة المشاركة" in text
        assert not re.search(r"migra|séjour|étrang|enquête", text, re.IGNORECASE)


def test_diagnostics_ask_for_what_is_not_known(recruiting: tuple[str, ...], officer: Client) -> None:
    here = "/en/fieldwork/networks/spring/diagnostics/"
    give_coupons(actor=TEST, at=AT, network_code="spring", number=1, typed=recruiting[:3], degree=None)
    for place, code in enumerate(recruiting[:3]):
        redeem_coupon(actor=TEST, at=AT, network_code="spring", typed=code, site=("north", "south")[place % 2])
    assert Participant.objects.count() == 4
    site = "site of reception"
    assert "is not known" in officer.post(here, {"column": site}).content.decode()
    shown = officer.post(here, {"column": site, "unknown": "5"}).content.decode()
    assert "data-diagnostics" in shown
    assert shown.count("<polyline") == 3
    assert "No snapshot" in officer.post(here, {"column": "sex", "unknown": "5"}).content.decode()


def test_what_is_not_there_is_not_found(officer: Client) -> None:
    for page in ("frames/none/1/", "samples/none/", "samples/none/cases/1/", "networks/none/", "reception/none/"):
        assert officer.get(f"/en/fieldwork/{page}").status_code == 404
    assert not Frame.objects.exists()
