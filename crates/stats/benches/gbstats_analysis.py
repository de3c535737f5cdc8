"""The comparisons of `analysis.rs`, 100 metrics by 4 treatments, by gbstats: fixed and sequential tests, absolute and
relative, and the posterior of the lift. Prints the milliseconds of the fastest of three runs."""

import time

from gbstats.bayesian.tests import EffectBayesianABTest, EffectBayesianConfig, GaussianPrior
from gbstats.frequentist.tests import FrequentistConfig, SequentialConfig, SequentialTwoSidedTTest, TwoSidedTTest
from gbstats.models.statistics import ProportionStatistic, RatioStatistic, RegressionAdjustedStatistic, SampleMeanStatistic

UNITS = 10_000
OTHER = SampleMeanStatistic(n=UNITS, sum=40_000.0, sum_squares=170_000.0)
PRIOR = GaussianPrior(mean=0, variance=0.3**2, proper=True)
THETA = 0.5


def arm(metric, index):
    kind, shift = metric % 5, index * 7.0
    if kind < 2:
        return ProportionStatistic(n=UNITS, sum=500.0 + shift if kind == 0 else 20.0 + index)
    total = 30_000.0 + 10.0 * shift
    values = SampleMeanStatistic(n=UNITS, sum=total, sum_squares=total * total / UNITS + 90_000.0)
    cross = 4.0 * total + 5000.0
    if kind == 2:
        return RegressionAdjustedStatistic(
            n=UNITS, post_statistic=values, pre_statistic=OTHER, post_pre_sum_of_products=cross, theta=THETA)
    if kind == 3:
        return RatioStatistic(n=UNITS, m_statistic=values, d_statistic=OTHER, m_d_sum_of_products=cross)
    return values


def analyse(pairs):
    for control, treatment in pairs:
        for difference in ("absolute", "relative"):
            TwoSidedTTest(control, treatment, FrequentistConfig(difference_type=difference)).compute_result()
            SequentialTwoSidedTTest(control, treatment, SequentialConfig(difference_type=difference)).compute_result()
        EffectBayesianABTest(control, treatment, EffectBayesianConfig(prior_effect=PRIOR)).compute_result()


def main():
    times = []
    for _ in range(3):
        pairs = [(arm(metric, 0), arm(metric, index)) for metric in range(100) for index in range(1, 5)]
        begun = time.perf_counter()
        analyse(pairs)
        times.append(1000 * (time.perf_counter() - begun))
    print(min(times))


main()
