"""Writes what the replay of Cookie Cats must find beside the published table: the rounds winsorised, their median and their
90 % quantile, and of every metric the interval that is read once beside the one that may be read at any time.

    python -m venv v && v/bin/pip install -r requirements.txt && v/bin/python cookie_cats.py COOKIE_CATS.CSV

Players are read one by one: order statistics and thresholds are numpy's, tests and intervals those of gbstats on means and
variances that numpy computed. Nothing is random.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from gbstats.frequentist.tests import (
    FrequentistConfig,
    SequentialConfig,
    SequentialTwoSidedTTest,
    TwoSidedTTest,
)
from gbstats.models.statistics import QuantileStatistic, Statistic
from scipy import stats

HERE = Path(__file__).parent
TARGET = HERE / "../../../server/tests/replay/views.json"
Z = stats.norm.isf(0.025)
N_STAR = 20_000


@dataclass
class Known(Statistic):
    """A number of an arm with its variance, as gbstats takes them: the variance is that of one unit."""

    value: float
    unit_variance: float

    @property
    def mean(self):
        return self.value

    @property
    def unadjusted_mean(self):
        return self.value

    @property
    def variance(self):
        return self.unit_variance


def comparison(control, treatment):
    absolute = FrequentistConfig(difference_type="absolute")
    fixed = TwoSidedTTest(control, treatment, absolute)
    expected = {"/analysis/gate_40/absolute/estimate": fixed.point_estimate}
    lift = TwoSidedTTest(control, treatment, FrequentistConfig(difference_type="relative"))
    expected["/inference/gate_40/lift"] = lift.point_estimate
    if fixed.variance == 0:
        expected["/analysis/gate_40/absolute/ci_low"] = None
        expected["/analysis/gate_40/sequential"] = None
        return expected
    sequential = SequentialTwoSidedTTest(
        control,
        treatment,
        SequentialConfig(difference_type="absolute", sequential_tuning_parameter=N_STAR),
    )
    standard_error = np.sqrt(lift.variance)
    half_width = stats.t.isf(0.025, fixed.dof) * np.sqrt(fixed.variance)
    return expected | {
        "/analysis/gate_40/absolute/standard_error": np.sqrt(fixed.variance),
        "/analysis/gate_40/absolute/df": fixed.dof,
        "/analysis/gate_40/absolute/ci_low": fixed.point_estimate - half_width,
        "/analysis/gate_40/absolute/ci_high": fixed.point_estimate + half_width,
        "/analysis/gate_40/absolute/p_value": 2 * stats.t.sf(abs(fixed.critical_value), fixed.dof),
        "/analysis/gate_40/sequential/ci_low": sequential.confidence_interval[0],
        "/analysis/gate_40/sequential/ci_high": sequential.confidence_interval[1],
        "/inference/gate_40/ci_low": lift.point_estimate - Z * standard_error,
        "/inference/gate_40/ci_high": lift.point_estimate + Z * standard_error,
        "/inference/gate_40/chance_to_win": stats.norm.cdf(lift.point_estimate / standard_error),
    }


def of_mean(values):
    return Known(len(values), float(np.mean(values)), float(np.var(values, ddof=1)))


def of_quantile(values, level):
    """The order statistic with the variance of its outer interval; gbstats has the same but for a factor of (n-1)/n."""
    ordered = np.sort(values)
    n = len(ordered)
    spread = Z * np.sqrt(n * level * (1 - level))
    rank = int(np.ceil(round(n * level, 9)))
    low, high = int(np.floor(n * level - spread)), int(np.ceil(n * level + spread)) + 1
    quantile, lower, upper = (float(ordered[at - 1]) for at in (rank, low, high))
    variance = ((upper - lower) / (2 * Z)) ** 2
    theirs = QuantileStatistic(
        n=n, n_star=n, nu=level, quantile_hat=quantile, quantile_lower=lower, quantile_upper=upper
    )
    assert np.isclose(theirs.variance_init / n, variance * (n - 1) / n, rtol=1e-12)
    return Known(n, quantile, variance * n), {"n": n, "quantile_hat": quantile, "lower": lower, "upper": upper}


def main():
    players = pd.read_csv(sys.argv[1])
    arms = {"control": players[players.test_version == "gate_30"], "gate_40": players[players.test_version == "gate_40"]}
    views = []

    def view(name, event, aggregation, definition, expected):
        views.append(
            {"name": name, "event": event, "aggregation": aggregation, "definition": definition, "expected": expected}
        )

    for event in ["retention_1", "retention_7"]:
        both = [of_mean(arm[event].to_numpy(float)) for arm in arms.values()]
        view(event, event, "occurrence", {"version": 1, "event": event}, comparison(*both))
    rounds = {key: arm.sum_gamerounds.to_numpy(float) for key, arm in arms.items()}
    view("rounds", "rounds", "sum", {"version": 1, "event": "rounds"}, comparison(*map(of_mean, rounds.values())))

    played = np.concatenate(list(rounds.values()))
    threshold = float(np.quantile(played[played != 0], 0.999, method="linear"))
    capped = {key: np.minimum(values, threshold) for key, values in rounds.items()}
    expected = comparison(*map(of_mean, capped.values()))
    for key, values in capped.items():
        expected[f"/variants/{key}/sum"] = float(np.sum(values))
        expected[f"/variants/{key}/sum_squares"] = float(np.sum(values**2))
    expected["/analysis/gate_40/winsorised/upper_threshold"] = threshold
    expected["/analysis/gate_40/winsorised/n_capped"] = int(np.sum(played > threshold))
    definition = {"version": 2, "event": "rounds", "cap": {"upper_percentile": 99.9}, "covariate": None}
    view("rounds, capped at 99.9 %", "rounds", "sum", definition, expected)

    for level in [0.5, 0.9]:
        quantiles = {key: of_quantile(values, level) for key, values in rounds.items()}
        expected = comparison(*(known for known, _ in quantiles.values()))
        for key, (_, found) in quantiles.items():
            expected |= {f"/quantile/variants/{key}/{name}": value for name, value in found.items()}
        definition = {"version": 2, "event": "rounds", "quantile": {"level": level, "of": "identity"}}
        view(f"rounds, {level:.0%} quantile", "rounds", "sum", definition, expected)
    TARGET.resolve().write_text(json.dumps({"script": "cookie_cats.py", "views": views}, indent=1) + "\n")


if __name__ == "__main__":
    main()
