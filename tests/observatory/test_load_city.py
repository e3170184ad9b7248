"""Loading a pack: once is enough, what changes is said, what is published stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from city_fixtures import NOW
from marsad.actors.models import Organisation
from marsad.audit.models import Event
from marsad.audit.rules import System
from marsad.catalogue.models import Area, Indicator
from marsad.dissemination import queries
from marsad.dissemination.models import Edition, Observation, Publication
from marsad.dissemination.rules import EditionIsImmutable
from marsad.figures.models import Case, Figure
from marsad.observatory.citypack.pack import read_pack
from marsad.observatory.citypack.problems import PackHasProblems
from marsad.observatory.operations import load_city

pytestmark = pytest.mark.django_db


def reload(root, *, days=1):
    return load_city(pack=read_pack(root), actor=System("load-city"), at=NOW + timedelta(days=days))


def test_everything_of_the_pack_is_there(small_city):
    assert Area.objects.count() == 7
    assert Area.objects.get(code="04.421.01.05").parent_id == "04.421.01.0"
    assert Indicator.objects.get(code="HOU-02").unit_id == "percent"
    assert Figure.objects.count() == 5
    assert Case.objects.get(code="foreign-2014").recommended_id == "F1"
    assert Observation.objects.count() == sum(len(flow.rows) for flow in small_city.dataflows.values())
    assert Publication.objects.get().number == "2026-1"
    assert Organisation.objects.get().code == "office"


def test_loading_twice_changes_nothing(small_city, small_root):
    report = reload(small_root)
    assert not any(change.is_change for change in report.changes)
    assert (report.publication, report.is_new_publication) == ("2026-1", False)
    assert Publication.objects.count() == 1


def test_a_load_leaves_one_audit_event(small_city, small_root):
    before = Event.objects.count()
    reload(small_root)
    event = Event.objects.order_by("sequence").last()
    assert Event.objects.count() == before + 1
    assert (event.action, event.target) == ("observatory.load_city", "city:small")


def test_a_load_says_what_changed(small_city, small_root):
    areas = small_root / "areas.csv"
    areas.write_text(areas.read_text("utf-8").replace("Hassan (fr)", "Hassane (fr)"), "utf-8")
    report = reload(small_root)
    assert {change.kind: change.changed for change in report.changes if change.is_change} == {
        "areas": ("04.421.01.05",)
    }
    assert report.publication == "2026-2"
    assert Area.objects.get(code="04.421.01.05").name_fr == "Hassane (fr)"


def test_a_published_edition_cannot_change(small_city, small_root):
    series = small_root / "series" / "asylum.csv"
    series.write_text(series.read_text("utf-8").replace("3813", "3814"), "utf-8")
    with pytest.raises(PackHasProblems) as found:
        reload(small_root)
    assert [problem.rule for problem in found.value.problems] == ["edition.changed"]
    assert Observation.objects.get(indicator="FLW-02", period="2023").value == 3813


def test_a_new_edition_leaves_the_old_one_as_it_was(small_city, small_root):
    series, flow = small_root / "series" / "asylum.csv", small_root / "dataflows" / "asylum.toml"
    series.write_text(series.read_text("utf-8").replace("3813", "3814"), "utf-8")
    flow.write_text(flow.read_text("utf-8").replace('edition = "2026-1"', 'edition = "2026-2"'), "utf-8")
    reload(small_root)
    first, second = Publication.objects.order_by("id")
    assert queries.points(first, indicators=["FLW-02"])[0].value == 3813
    assert queries.points(second, indicators=["FLW-02"])[0].value == 3814


def test_what_an_edition_rests_on_cannot_be_removed(small_city, small_root):
    import shutil

    shutil.rmtree(small_root / "indicators" / "FLW-02")
    (small_root / "dataflows" / "asylum.toml").unlink()
    (small_root / "series" / "asylum.csv").unlink()
    with pytest.raises(PackHasProblems) as found:
        reload(small_root)
    assert found.value.problems[0].rule == "removal.in_use"
    assert Indicator.objects.filter(code="FLW-02").exists()


def test_an_edition_refuses_to_be_saved_again(small_city):
    edition = Edition.objects.first()
    edition.number = "2027-1"
    with pytest.raises(EditionIsImmutable):
        edition.save()


def test_withheld_and_missing_have_no_number(small_city):
    cells = {(o.period, o.breakdown_key): o for o in Observation.objects.filter(indicator="FLW-02")}
    assert (cells["2024", "citizenship=NER"].state, cells["2024", "citizenship=NER"].value) == ("withheld", None)
    assert cells["2024", "citizenship=NER"].withheld_for == "C"
    assert (cells["2025", ""].state, cells["2025", ""].value, cells["2025", ""].status) == ("missing", None, "O")


def test_a_figure_added_by_hand_survives_a_load(small_city, small_root):
    figure = Figure.objects.get(code="F3")
    Figure.objects.create(
        **{f.attname: getattr(figure, f.attname) for f in Figure._meta.fields} | {"code": "P1", "from_pack": False}
    )
    reload(small_root)
    assert Figure.objects.filter(code="P1").exists()
