"""How often A/A tests are flagged for drift (docs/breakdowns.md), because days have identities in common.

    python simulate_novelty.py

A thousand identities come to each arm every day. What an identity does on a day is a stable part of variance r and a new one of
1 - r; a day counts those who were there before it began. Arms are drawn as means, so it takes seconds. The seed is fixed.
"""

import math
import random

IDENTITIES, TRIALS, SEED = 1000, 20_000, 7


def arm(random_, days, r):
    """Mean and size of the arm on each day but the first, when nobody was there before."""
    total, n, found = 0.0, 0, []
    for day in range(days):
        if n:
            fresh = random_.gauss(0, 1) / math.sqrt(n)
            found.append((math.sqrt(r) * total / n + math.sqrt(1 - r) * fresh, n))
        total += random_.gauss(0, 1) * math.sqrt(IDENTITIES)
        n += IDENTITIES
    return found


def flagged(random_, days, r):
    pairs = zip(arm(random_, days, r), arm(random_, days, r))
    points = [(day, t - c, 2 / n) for day, ((c, n), (t, _)) in enumerate(pairs)]
    weight = sum(1 / v for _, _, v in points)
    mean_day = sum(day / v for day, _, v in points) / weight
    mean = sum(a / v for _, a, v in points) / weight
    spread = sum((day - mean_day) ** 2 / v for day, _, v in points)
    slope = sum((day - mean_day) * (a - mean) / v for day, a, v in points) / spread
    return abs(slope) * math.sqrt(spread) > 3


for days in (14, 28, 56):
    for r in (0, 0.1, 0.3, 0.6, 1):
        random_ = random.Random(SEED)
        share = sum(flagged(random_, days, r) for _ in range(TRIALS)) / TRIALS
        print(f"{days} days, stable share {r}: {100 * share:.1f} %")
