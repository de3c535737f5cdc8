"""A/A error at any of 20 looks in scenario B1 of the calibration, by numpy alone, of 400 000 experiments: of the confidence
sequence on the absolute effect (whose relative interval is Fieller's) and of that on the delta-method lift, both tuned for
the planned units. Prints .01082 and .01882: the page's own figures lie around them, those of its smaller reference below."""

import numpy as np

RATE, LOOKS, UNITS_PER_LOOK, ALPHA, BATCHES, BATCH = 0.05, 20, 500, 0.05, 20, 20_000

random = np.random.default_rng(99)
units = UNITS_PER_LOOK * np.arange(1.0, LOOKS + 1)
rho_squared = (-2 * np.log(ALPHA) + np.log(1 - 2 * np.log(ALPHA))) / (2 * units[-1])
r = 2 * units * rho_squared
multiplier = np.sqrt((r + 1) / r * np.log((r + 1) / ALPHA**2))
absolute = relative = 0
for _ in range(BATCHES):
    control, treatment = (random.binomial(UNITS_PER_LOOK, RATE, (BATCH, LOOKS)).cumsum(1) / units for _ in range(2))
    v_control, v_treatment = (p * (1 - p) / (units - 1) for p in (control, treatment))
    z = (treatment - control) / np.sqrt(v_control + v_treatment)
    lift = (treatment - control) / control
    error = np.sqrt(v_treatment / control**2 + treatment**2 * v_control / control**4)
    absolute += (np.abs(z) > multiplier).any(1).sum()
    relative += (np.abs(lift / error) > multiplier).any(1).sum()
print(absolute / (BATCHES * BATCH), relative / (BATCHES * BATCH))
