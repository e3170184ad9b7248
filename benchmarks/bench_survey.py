"""Times of survey estimation on 200,000 rows, 50 strata, 2,000 primary sampling units, beside R's survey and svy.

Run: ``.venv/bin/python benchmarks/bench_survey.py``. R's times are medians of survey 4.1-1 on two noisy cores; svy runs here.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from migstat.estimation.survey_calibration import calibrate
from migstat.estimation.survey_design import SurveyDesign
from migstat.estimation.survey_mean import survey_mean
from migstat.estimation.survey_raking import Margin, rake
from migstat.estimation.survey_replicates import bootstrap, replicated
from migstat.estimation.survey_svy_engine import SvyEngine

# survey 4.1-1 in R 4.2, the same columns (generator below, same seed), seconds.
R_SECONDS = {
    "design": 0.832,
    "mean": 0.038,
    "24 domain means": 1.421,
    "rake to two margins": 0.968,
    "calibrate (raking)": 0.812,
    "500 bootstrap replicates of a mean": 73.663,
}


def sample(rows: int) -> dict[str, np.ndarray]:
    """The bench sample: strata, units, weights, an outcome, three factors."""
    r = np.random.default_rng(40)
    stratum = r.integers(0, 50, rows)
    unit = r.integers(0, 40, rows)
    y = r.lognormal(3, 1, rows) + stratum
    w = r.uniform(10, 100, rows)
    a, b, sex = r.integers(0, 6, rows), r.integers(0, 4, rows), r.integers(0, 2, rows)
    return {"stratum": stratum, "unit": stratum * 1000 + unit, "w": w, "y": y, "a": a, "b": b, "sex": sex}


def timed(work: Callable[[], object], repeats: int = 3) -> float:
    """Median processor seconds of a few runs (other work on the machine does not count)."""
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return float(np.median(seconds))


def works(s: dict[str, np.ndarray]) -> dict[str, Callable[[], object]]:
    design = SurveyDesign.of(s["w"], strata=s["stratum"], units=s["unit"])
    margins = [Margin(s["a"], dict.fromkeys(range(6), 2e6)), Margin(s["b"], dict.fromkeys(range(4), 3e6))]
    dummies = np.column_stack([np.ones(s["w"].size), *(s["a"] == k for k in range(1, 6)), s["sex"]])
    totals = [1.2e7, *[2e6] * 5, 6e6]
    return {
        "design": lambda: SurveyDesign.of(s["w"], strata=s["stratum"], units=s["unit"]),
        "mean": lambda: survey_mean(design, s["y"]),
        "24 domain means": lambda: [
            survey_mean(design, s["y"], domain=(s["a"] == i) & (s["b"] == j)) for i in range(6) for j in range(4)
        ],
        "rake to two margins": lambda: rake(design, margins, tolerance=1e-9),
        "calibrate (raking)": lambda: calibrate(design, dummies, totals, distance="raking"),
        "500 bootstrap replicates of a mean": lambda: replicated(
            bootstrap(design, 500, np.random.default_rng(1)), "mean", s["y"]
        ),
    }


def main() -> None:
    s = sample(200_000)
    ours = {name: timed(work) for name, work in works(s).items()}
    design = SurveyDesign.of(s["w"], strata=s["stratum"], units=s["unit"])
    engine = SvyEngine(design)
    svy_mean = timed(lambda: engine.mean(s["y"]))
    mean, theirs = survey_mean(design, s["y"]), engine.mean(s["y"])
    apart = (abs(mean.value - theirs.value), abs(mean.standard_error - theirs.standard_error))
    print(f"distance to svy: value {apart[0]:.1e}, standard error {apart[1]:.1e}")
    print(f"R: 57.6074782862259 (0.116109549973729); ours {mean.value:.13f} ({mean.standard_error:.15f})")
    print("\n| work, 200,000 rows | migstat (s) | peer (s) | times faster |\n|---|---|---|---|")
    for name, seconds in ours.items():
        print(f"| {name} | {seconds:.4f} | {R_SECONDS[name]:.3f} | {R_SECONDS[name] / seconds:,.1f} |")
    print(f"| mean, by svy 0.35.0 in this run | {ours['mean']:.4f} | {svy_mean:.4f} | {svy_mean / ours['mean']:.1f} |")
    print("\n| rows | mean (s) | rake (s) | 500 bootstrap replicates (s) |\n|---|---|---|---|")
    for rows in (20_000, 200_000, 2_000_000):
        work = works(sample(rows))
        cells = [timed(work[name], 1) for name in ("mean", "rake to two margins", "500 bootstrap replicates of a mean")]
        print(f"| {rows:,} | " + " | ".join(f"{cell:.4f}" for cell in cells) + " |")


if __name__ == "__main__":
    main()
