"""The unit-level model of Battese, Harter and Fuller."""

import csv

import numpy as np
import pytest

from estimation.peer_arrays import apart, columns, sae_reference
from migstat.estimation.sae_area_model import VarianceMethod
from migstat.estimation.sae_fay_herriot import Bootstrap
from migstat.estimation.sae_unit_level import AreaPopulation, UnitSample, fit_nested, unit_level
from migstat.model import Refused


def corn(folder):
    county, hectares, corn_pixels, soy_pixels = columns(
        folder / "sae" / "sae_cornsoybean.csv", "County", "CornHec", "CornPix", "SoyBeansPix"
    )
    rows = list(csv.DictReader((folder / "sae" / "sae_cornsoybeanmeans.csv").read_text("utf-8").splitlines()))
    means = [[1.0, float(row["MeanCornPixPerSeg"]), float(row["MeanSoyBeansPixPerSeg"])] for row in rows]
    population = AreaPopulation.of(
        [row["CountyIndex"] for row in rows], means, [float(row["PopnSegments"]) for row in rows]
    )
    kept = np.arange(county.size) != 32  # the outlier that the paper leaves out
    X = np.column_stack([np.ones(county.size), corn_pixels, soy_pixels])[kept]
    return hectares[kept], X, [str(int(one)) for one in county[kept]], population


@pytest.mark.evidence("unit_level", "published")
def test_corn_of_iowa(reference_folder):
    y, X, area, population = corn(reference_folder)
    ours, peer = unit_level(y, X, area, population), sae_reference(reference_folder)["corn_BHF"]
    assert apart(ours.values, peer["eblup"]) < 1e-7  # lme4 stops at 1e-7 of the variances
    assert ours.extra["sigma2_unit"] == pytest.approx(peer["errorvar"], rel=1e-6)
    assert ours.extra["sigma2_area"] == pytest.approx(peer["refvar"], rel=1e-6)
    assert apart(ours.extra["coefficients"], list(peer["coef"].values())) < 1e-6


def test_corn_bootstrap_is_within_its_own_noise(reference_folder):
    y, X, area, population = corn(reference_folder)
    ours = unit_level(y, X, area, population, bootstrap=Bootstrap(np.random.default_rng(1), 200)).extra["mse"]
    peer = np.array(sae_reference(reference_folder)["corn_pbmse"]["mse"])
    noise = np.sqrt(2 / 200 + 2 / 200) * peer
    assert (np.abs(ours - peer) < 3.5 * noise).all()


def village(rng, areas=30, people=400):
    names = [f"a{k}" for k in range(areas)]
    x = rng.normal(2, 1, (areas, people))
    y = 1 + 0.7 * x + rng.normal(0, 0.6, (areas, 1)) + rng.normal(0, 1, (areas, people))
    sizes = rng.integers(3, 9, areas)
    units = [(d, k) for d in range(areas) for k in range(sizes[d])]
    sample_y = np.array([y[d, k] for d, k in units])
    X = np.array([[1.0, x[d, k]] for d, k in units])
    means = np.column_stack([np.ones(areas), x.mean(axis=1)])
    return y.mean(axis=1), sample_y, X, [names[d] for d, _ in units], AreaPopulation.of(names, means, [people] * areas)


@pytest.mark.evidence("unit_level", "property")
@pytest.mark.parametrize("method", ["REML", "ML"])
def test_second_opinion_of_statsmodels(method):
    from statsmodels.regression.mixed_linear_model import MixedLM

    _, y, X, area, population = village(np.random.default_rng(1))
    ours = unit_level(y, X, area, population, method=method)
    peer = MixedLM(y, X, groups=np.array(area)).fit(reml=method == "REML")
    assert ours.extra["log_likelihood"] == pytest.approx(peer.llf, abs=1e-6)
    assert ours.extra["log_likelihood"] >= peer.llf - 1e-9
    assert ours.extra["sigma2_unit"] == pytest.approx(peer.scale, rel=1e-3)


@pytest.mark.evidence("unit_level", "truth")
def test_means_of_finite_populations_are_covered():
    rng, inside, squared, stated = np.random.default_rng(2), [], [], []
    for _ in range(40):
        truth, y, X, area, population = village(rng)
        blend = unit_level(y, X, area, population)
        inside.append(((blend.low <= truth) & (truth <= blend.high)).mean())
        squared.append(((blend.values - truth) ** 2).mean())
        stated.append(blend.extra["mse"].mean())
    assert 0.93 < np.mean(inside) < 0.97
    assert np.mean(stated) == pytest.approx(np.mean(squared), rel=0.1)


def test_a_census_is_exact():
    y, area = [1.0, 2.0, 3.0, 7.0], ["a", "a", "b", "b"]
    blend = unit_level(y, np.ones((4, 1)), area, AreaPopulation.of(["a", "b"], [[1.0], [1.0]], [2, 2]))
    assert blend.values == pytest.approx([1.5, 5.0])
    assert blend.standard_errors == pytest.approx([0.0, 0.0], abs=1e-12)


def test_an_area_without_sample_gets_the_model():
    _, y, X, area, population = village(np.random.default_rng(3))
    more = AreaPopulation.of(
        [*population.names, "new"], np.vstack([population.means, [1.0, 2.0]]), [*population.sizes, 100]
    )
    blend = unit_level(y, X, area, more)
    assert blend.estimate("new").value == pytest.approx(np.array([1.0, 2.0]) @ blend.extra["coefficients"])
    assert blend.standard_errors[-1] > blend.standard_errors[:-1].max()
    assert blend.diagnostics[0].concern is True


def test_the_level_of_y_moves_the_answer_by_itself_alone():
    rng = np.random.default_rng(2)
    area = np.repeat(list("abcdefgh"), 6)
    x = np.column_stack([np.ones(48), rng.normal(size=48)])
    y = 3 + 2 * x[:, 1] + np.repeat(rng.normal(size=8), 6) + rng.normal(size=48)
    people = AreaPopulation.of(list("abcdefgh"), np.column_stack([np.ones(8), rng.normal(size=8)]), [200] * 8)
    plain, lifted = unit_level(y, x, area, people), unit_level(y + 1e8, x, area, people)
    assert lifted.values - 1e8 == pytest.approx(plain.values, abs=1e-6)
    assert lifted.standard_errors == pytest.approx(plain.standard_errors, rel=1e-6)


def test_units_without_spread_are_refused():
    people = AreaPopulation.of(list("ab"), np.ones((2, 1)), [50, 50])
    with pytest.raises(Refused, match=r"sae\.no_variation"):
        unit_level([5.0] * 6, np.ones((6, 1)), list("aaabbb"), people)


def test_bad_samples_are_refused_by_name():
    one = AreaPopulation.of(["a", "b"], [[1.0], [1.0]], [9, 9])
    cases = {
        "sae.one_area": ([1.0, 2.0], ["a", "a"], one),
        "sae.no_replication": ([1.0, 2.0], ["a", "b"], one),
        "sae.unknown_area": ([1.0, 2.0, 3.0], ["a", "a", "z"], one),
        "sae.columns": ([1.0, 2.0, 3.0], ["a", "a", "b"], AreaPopulation.of(["a", "b"], np.ones((2, 2)), [9, 9])),
    }
    for rule, (y, area, population) in cases.items():
        with pytest.raises(Refused) as refused:
            unit_level(y, np.ones((len(y), 1)), area, population)
        assert refused.value.rule == rule
    with pytest.raises(Refused, match=r"sae\.method"):
        fit_nested(UnitSample.checked([1.0, 2.0, 3.0], np.ones((3, 1)), ["a", "a", "b"]), VarianceMethod.MOMENTS)
