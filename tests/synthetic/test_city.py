"""The synthetic city: meets its margins, knows its truth, says everywhere that it is made up."""

import numpy as np
import pytest

from migstat.estimation.survey_design import SurveyDesign
from migstat.estimation.survey_share import survey_share
from migstat.model import Origin, Period, Refused, add
from migstat.synthetic.city import CityShape, generate_city
from migstat.synthetic.lists import ListShape, make_lists
from migstat.synthetic.margins import RABAT_2024, AreaMargins, CityMargins, exact_counts
from migstat.synthetic.movements import MovementRates, make_movements
from migstat.synthetic.network import NO_RECRUITER, NetworkShape, make_network, recruit
from migstat.synthetic.services import Service, make_service_use
from migstat.synthetic.survey_draw import draw_districts


@pytest.fixture(scope="module")
def city():
    return generate_city(RABAT_2024.scaled(0.1), np.random.default_rng(1))


class TestMargins:
    def test_rabat_adds_up_to_what_the_census_printed(self):
        assert RABAT_2024.population == 506_843
        assert sum(area.households for area in RABAT_2024.areas) == 157_183
        assert set(RABAT_2024.sources) >= {"areas", "migrants_per_thousand", "irregular", "age_groups_of_others"}

    def test_people_and_households_meet_them_exactly(self, city):
        margins = city.people.margins
        assert city.truth.population_by_area.tolist() == [area.population for area in margins.areas]
        assert np.bincount(city.households.area).tolist() == [area.households for area in margins.areas]
        assert np.array_equal(np.bincount(city.people.household), city.households.size)
        for place, area in enumerate(margins.areas):
            tenants = city.households.tenant[city.households.area == place].sum()
            assert tenants == round(area.tenants * area.households)

    def test_migrants_meet_theirs(self, city):
        margins, rows = city.people.margins, city.migrant_rows
        assert rows.size == round(margins.population * margins.migrants_per_thousand / 1000)
        groups = np.bincount(city.people.citizenship_group[rows], minlength=7)
        assert groups.tolist() == exact_counts(margins.citizenship_groups, rows.size).tolist()
        assert city.people.woman[rows].mean() == pytest.approx(margins.women_among_migrants, abs=1 / rows.size)
        assert city.truth.irregular_migrants / rows.size == pytest.approx(margins.irregular, abs=1 / rows.size)
        recent = (city.people.arrival_year[rows] >= 2021).mean()
        assert recent == pytest.approx(margins.arrival_periods[(2021, 2024)], abs=1 / rows.size)

    def test_affinity_moves_migrants(self):
        areas = tuple(
            AreaMargins(code, code, 5000, 1500, 0.3, 0.0, 0.1, pull) for code, pull in (("a", 1.0), ("b", 3.0))
        )
        margins = CityMargins(
            **{name: getattr(RABAT_2024, name) for name in RABAT_2024.__dataclass_fields__ if name != "areas"},
            areas=areas,
        )
        city = generate_city(margins, np.random.default_rng(3))
        assert city.truth.migrants_by_area.tolist() == [54, 163]

    @pytest.mark.parametrize(
        ("rule", "change"),
        [
            ("margins.areas", {"areas": ()}),
            ("margins.households", {"areas": (AreaMargins("a", "a", 5, 9, 0, 0, 0),)}),
            ("margins.share", {"areas": (AreaMargins("a", "a", 5, 2, 1.4, 0, 0),)}),
            ("margins.affinity", {"areas": (AreaMargins("a", "a", 5, 2, 0, 0, 0, -1),)}),
            ("margins.shares", {"reasons": {"work": 0.5}}),
            ("margins.share", {"irregular": 1.2}),
        ],
    )
    def test_impossible_margins_are_refused(self, rule, change):
        columns = {name: getattr(RABAT_2024, name) for name in RABAT_2024.__dataclass_fields__}
        with pytest.raises(Refused) as refusal:
            CityMargins(**{**columns, **change})
        assert refusal.value.rule == rule

    def test_scale_must_be_above_nothing(self):
        with pytest.raises(Refused, match=r"margins\.scale"):
            RABAT_2024.scaled(0)


class TestOrigin:
    def test_every_table_and_record_is_marked(self, city):
        parts = (city, city.people, city.households, city.network, city.lists, city.movements, city.service_use)
        assert {part.origin for part in parts} == {Origin.SYNTHETIC}
        records = [person for person, _ in zip(city.people.records(), range(500), strict=False)]
        records += [visit for visit, _ in zip(city.service_use.records(), range(500), strict=False)]
        assert {record.origin for record in records} == {Origin.SYNTHETIC}
        assert all(person.id.startswith("SYN-P-") for person in records[:500])

    def test_observations_cannot_be_added_to_real_ones(self, city):
        observations = list(city.observations(Period.parse("2024")))
        assert add(observations).number == city.people.count
        from dataclasses import replace

        with pytest.raises(Refused, match=r"add\.origins"):
            add([observations[0], replace(observations[1], origin=Origin.REAL)])

    def test_records_hold_nothing_that_does_not_apply(self, city):
        for person in (city.people.record(int(city.migrant_rows[0])), city.people.record(0)):
            known = [value is not None for value in (person.citizenship_group, person.arrival_year, person.irregular)]
            assert all(known) or not any(known)


def test_same_seed_same_city_and_another_seed_another():
    one, same, other = (generate_city(RABAT_2024.scaled(0.01), np.random.default_rng(seed)) for seed in (5, 5, 6))
    for column in ("age", "household", "citizenship_group", "health_need"):
        assert np.array_equal(getattr(one.people, column), getattr(same.people, column))
    assert np.array_equal(one.network.neighbours, same.network.neighbours)
    assert np.array_equal(one.lists.included, same.lists.included)
    assert not np.array_equal(one.people.age, other.people.age)


class TestNetwork:
    def test_ties_go_both_ways_without_loops_or_doubles(self, city):
        network = city.network
        from_ = np.repeat(np.arange(network.degrees.size), network.degrees)
        ties = set(zip(from_.tolist(), network.neighbours.tolist(), strict=True))
        assert len(ties) == network.neighbours.size
        assert all((b, a) in ties and a != b for a, b in ties)

    def test_homophily_and_degree_are_those_asked_for(self):
        groups = np.repeat([0, 1], 2000)
        for homophily in (0.0, 0.8):
            network = make_network(groups, NetworkShape(10, 0.5, homophily), np.random.default_rng(2))
            from_ = np.repeat(np.arange(4000), network.degrees)
            inside = (groups[from_] == groups[network.neighbours]).mean()
            assert inside == pytest.approx(homophily + (1 - homophily) / 2, abs=0.02)
            assert network.degrees.mean() == pytest.approx(10, rel=0.03)
            variance = 10 + 0.5**2 * 100  # Poisson around a lognormal expectation
            assert network.degrees.var() == pytest.approx(variance, rel=0.15)

    def test_recruitment_follows_ties_once_each(self, city):
        sample = recruit(city.network, size=300, seeds=6, coupons=3, rng=np.random.default_rng(4))
        assert len(set(sample.member.tolist())) == 300
        assert (sample.recruiter[:6] == NO_RECRUITER).all()
        recruited = sample.recruiter != NO_RECRUITER
        for member, recruiter in zip(sample.member[recruited], sample.recruiter[recruited], strict=True):
            assert member in city.network.of(sample.member[recruiter])
        assert np.bincount(sample.recruiter[recruited]).max() <= 3
        assert np.array_equal(sample.wave[recruited], sample.wave[sample.recruiter[recruited]] + 1)
        # Recruits are better connected than the population: what RDS estimators have to undo.
        assert sample.degree.mean() > city.truth.mean_degree * 1.15

    def test_refusals(self, city):
        with pytest.raises(Refused, match=r"recruitment\.size"):
            recruit(city.network, size=10**6, seeds=1, coupons=3, rng=np.random.default_rng(1))
        with pytest.raises(Refused, match=r"network\.shape"):
            NetworkShape(homophily=2)
        with pytest.raises(Refused, match=r"network\.members"):
            make_network(np.array([0]), NetworkShape(), np.random.default_rng(1))


class TestLists:
    def test_coverage_and_dependence_are_those_asked_for(self):
        shapes = [ListShape("a", 0.4), ListShape("b", 0.3, depends_on={"a": 1.5}), ListShape("c", 0.2, 1.0)]
        lists = make_lists(200_000, shapes, np.random.default_rng(7))
        assert lists.included.mean(axis=0) == pytest.approx([0.4, 0.3, 0.2], abs=0.005)
        a, b, c = lists.included.T
        assert _log_odds_ratio(a, b) == pytest.approx(1.5, abs=0.05)
        assert _log_odds_ratio(a, c) == pytest.approx(0.0, abs=0.05)

    def test_histories_leave_out_those_whom_no_list_knows(self, city):
        histories, counts = city.lists.histories()
        assert histories.any(axis=1).all()
        assert counts.sum() == city.lists.population - city.truth.on_no_list

    def test_independent_lists_are_found_by_lincoln_and_petersen(self):
        lists = make_lists(20_000, [ListShape("a", 0.4), ListShape("b", 0.3)], np.random.default_rng(8))
        a, b = lists.included.T
        assert a.sum() * b.sum() / (a & b).sum() == pytest.approx(20_000, rel=0.03)

    @pytest.mark.parametrize(
        ("rule", "shapes"),
        [
            ("lists.coverage", [ListShape("a", 1.0)]),
            ("lists.order", [ListShape("a", 0.5), ListShape("a", 0.5)]),
            ("lists.order", [ListShape("a", 0.5, depends_on={"b": 1.0})]),
            ("lists.empty", []),
        ],
    )
    def test_refusals(self, rule, shapes):
        with pytest.raises(Refused) as refusal:
            make_lists(10, shapes, np.random.default_rng(1))
        assert refusal.value.rule == rule


def _log_odds_ratio(one, other):
    return np.log((one & other).sum() * (~one & ~other).sum() / ((one & ~other).sum() * (~one & other).sum()))


class TestMovements:
    def test_the_demographic_balance_closes(self, city):
        year = city.movements
        assert np.array_equal(year.stock_before, city.truth.migrants_by_area)
        moved = year.flows.sum(axis=0) - year.flows.sum(axis=1) + year.arrivals - year.departures
        assert np.array_equal(year.stock_before + moved + year.births - year.deaths, year.stock_after)
        assert not year.flows.diagonal().any()

    def test_near_areas_attract(self):
        distances = np.array([[1, 1, 10], [1, 1, 10], [10, 10, 1]], dtype=float)
        year = make_movements(np.array([10_000] * 3), MovementRates(), np.random.default_rng(2), distances=distances)
        assert year.flows[0, 1] > 5 * year.flows[0, 2]

    def test_refusals(self):
        with pytest.raises(Refused, match=r"movements\.rates"):
            MovementRates(move=0.9, leave=0.5)
        with pytest.raises(Refused, match=r"movements\.stocks"):
            make_movements(np.array([5]), MovementRates(), np.random.default_rng(1))
        with pytest.raises(Refused, match=r"movements\.distances"):
            make_movements(np.array([5, 5]), MovementRates(), np.random.default_rng(1), distances=np.zeros((2, 2)))


def test_visits_follow_need(city):
    use = make_service_use(city.people, [Service("clinic", 2.0, need=4.0, irregular=1.0)], np.random.default_rng(3))
    visits = np.bincount(use.person, minlength=city.people.count)
    assert visits[city.people.health_need].mean() == pytest.approx(8, rel=0.05)
    assert visits[~city.people.health_need].mean() == pytest.approx(2, rel=0.03)
    with pytest.raises(Refused, match=r"services\.shape"):
        make_service_use(city.people, [], np.random.default_rng(3))


def test_a_survey_of_the_city_finds_its_truth(city):
    """Forty samples of districts: nearly all intervals hold the true share of tenants' members."""
    tenant = city.households.tenant[city.people.household]
    truth, generator, hits = tenant.mean(), np.random.default_rng(9), 0
    for _ in range(40):
        draw = draw_districts(city, 5, generator)
        design = SurveyDesign.of(
            draw.weights,
            strata=draw.strata,
            units=draw.units,
            population_units=draw.population_units,
            lonely_unit="certainty",
        )
        hits += truth in survey_share(design, tenant[draw.rows]).interval
    assert hits >= 34
    with pytest.raises(Refused, match=r"draw\.districts"):
        draw_districts(city, 1, generator)


def test_shape_is_an_argument():
    shape = CityShape(lists=[ListShape("only", 0.5)], services=[Service("clinic", 1.0)])
    city = generate_city(RABAT_2024.scaled(0.01), np.random.default_rng(2), shape=shape)
    assert city.lists.names == ("only",)
    assert city.service_use.services == ("clinic",)
