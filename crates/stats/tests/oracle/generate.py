"""Writes the oracle cases of this folder: extreme inputs, answered by implementations that share nothing with ours.

    python -m venv v && v/bin/pip install -r requirements.txt && v/bin/python generate.py

Arithmetic is exact rationals or mpmath at 60 digits; scipy, statsmodels and gbstats answer where `checked_by` says so.
The seed is fixed, so a second run writes the same files.
"""

import importlib.metadata
import json
import math
import random
import warnings
from fractions import Fraction
from pathlib import Path

import mpmath as mp
import numpy as np
from scipy import integrate, stats

warnings.filterwarnings("ignore")
mp.mp.dps = 60
HERE = Path(__file__).parent
PACKAGES = ["mpmath", "numpy", "scipy", "statsmodels", "gbstats"]
VERSIONS = {name: importlib.metadata.version(name) for name in PACKAGES}
SEED = 20261124


def write(method, cases):
    for index, case in enumerate(cases):
        case["id"] = f"extreme-{method}-{index:02d}"
    document = {
        "method": method,
        "generator": {"script": "generate.py", "seed": SEED, **VERSIONS},
        "cases": cases,
    }
    (HERE / f"{method}.json").write_text(json.dumps(document, indent=1) + "\n")
    print(f"{method}: {len(cases)}")


def number(x):
    return None if x is None else float(x)


def case(input, expected, checked_by, rel, abs=1e-300, note=None):
    expected = {
        key: (number(value) if isinstance(value, (mp.mpf, Fraction)) else value)
        for key, value in expected.items()
    }
    made = {"input": input, "expected": expected, "tol": {"rel": rel, "abs": abs}, "checked_by": checked_by}
    if note:
        made["note"] = note
    return made


# --- arms -------------------------------------------------------------------------------------------------------


def arm(n, mean, variance):
    """Doubles that have nearly this mean and variance; what they have exactly is the expectation's business."""
    n = int(n)
    total = float(Fraction(n) * Fraction(mean))
    squares = Fraction(variance) * (n - 1) + Fraction(total) ** 2 / n
    return {"n": n, "sum": total, "sum_squares": float(squares)}


def bernoulli(n, x):
    return {"n": int(n), "sum": float(x), "sum_squares": float(x)}


def exact(a):
    """Mean and variance that the doubles of an arm have, as mpf."""
    n, s, q = a["n"], Fraction(a["sum"]), Fraction(a["sum_squares"])
    mean = s / n
    variance = max(Fraction(0), (q - s * s / n) / (n - 1))
    to = lambda f: mp.mpf(f.numerator) / mp.mpf(f.denominator)
    return to(mean), to(variance)


PAIRS = [
    ("n = 1e9, rates near 0", bernoulli(10**9, 37), bernoulli(10**9, 55)),
    ("n = 1e9, rates near 1", bernoulli(10**9, 10**9 - 40), bernoulli(10**9, 10**9 - 25)),
    ("n = 1e9, a half", bernoulli(10**9, 500_000_000), bernoulli(10**9, 500_050_000)),
    ("mean 1e6 standard deviations", arm(50_000, 1e6, 1.0), arm(50_000, 1e6 + 0.01, 1.0)),
    ("mean 1e5 standard deviations, negative", arm(4_000, -2e5, 4.0), arm(5_000, -2e5 + 0.05, 4.5)),
    ("tiny variances", arm(900, 1e-9, 1e-22), arm(1_100, 1.0005e-9, 1.1e-22)),
    ("huge variances", arm(900, 1e12, 1e26), arm(1_100, 1.2e12, 1.3e26)),
    ("variances 1e12 apart", arm(700, 3.0, 1e-8), arm(600, 3.2, 1e4)),
    ("arms 1 to 1e7", arm(50, 2.0, 3.0), arm(5 * 10**8, 2.6, 3.5)),
    ("negative control, positive treatment", arm(3_000, -0.4, 2.0), arm(3_000, 0.1, 2.0)),
    ("both negative", arm(3_000, -5.0, 9.0), arm(2_500, -4.6, 8.0)),
    ("control just told from zero", arm(10_000, 0.0205, 1.0), arm(10_000, 0.0305, 1.0)),
    ("control hardly told from zero", arm(10_000, 0.0197, 1.0), arm(10_000, 0.05, 1.0)),
    ("no difference at all", arm(5_000, 10.0, 4.0), arm(5_000, 10.0, 4.0)),
    ("z of 40", arm(20_000, 10.0, 4.0), arm(20_000, 10.8, 4.0)),
    ("two units each", arm(2, 1.0, 0.5), arm(2, 4.0, 0.25)),
    ("one constant arm", arm(500, 2.0, 0.0), arm(500, 2.1, 1.0)),
    ("a heavy tail", arm(200_000, 1.0, 1e6), arm(200_000, 9.0, 1.2e6)),
    ("sum of squares near the largest double", arm(10, 1e150, 1e300), arm(10, 3e150, 1e300)),
    ("sums near the smallest doubles", arm(10, 1e-140, 1e-282), arm(12, 3e-140, 1e-282)),
]


class Effect:
    def __init__(self, control, treatment):
        self.n = (control["n"], treatment["n"])
        (mc, vc), (mt, vt) = exact(control), exact(treatment)
        self.mc, self.mt = mc, mt
        self.vc, self.vt = vc / control["n"], vt / treatment["n"]
        self.a, self.b = mt - mc, mc
        self.va, self.vb, self.c = self.vt + self.vc, self.vc, -self.vc
        self.df = self.va**2 / (self.vt**2 / (self.n[1] - 1) + self.vc**2 / (self.n[0] - 1))


def t_tail(t, df):
    """Two-sided tail of Student's t."""
    x = df / (df + t * t)
    return mp.betainc(df / 2, mp.mpf(1) / 2, 0, x, regularized=True)


def t_quantile(alpha, df):
    """By the density's expansion for huge df (betainc is slow there), else by root finding."""
    start = mp.mpf(stats.t.isf(alpha / 2, float(df)))
    if df > 10**6:
        z = mp.sqrt(2) * mp.erfinv(1 - mp.mpf(alpha))
        g1 = (z**3 + z) / 4
        g2 = (5 * z**5 + 16 * z**3 + 3 * z) / 96
        g3 = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
        return z + g1 / df + g2 / df**2 + g3 / df**3
    return mp.findroot(lambda t: mp.log(t_tail(t, df)) - mp.log(mp.mpf(alpha)), start)


def huge_df_tail(t, df):
    """Two-sided tail by the normal one and its first corrections in 1/df, for df > 1e6 and moderate t."""
    phi = mp.exp(-t * t / 2) / mp.sqrt(2 * mp.pi)
    first = t * (t * t + 1) / 4
    second = t * (3 * t**6 - 7 * t**4 - 5 * t * t - 3) / 96
    return mp.erfc(t / mp.sqrt(2)) + 2 * phi * (first / df + second / df**2)


def moments():
    rng = random.Random(SEED)
    cases = []
    for n, mean, variance in [
        (2, 1e15, 1.0), (10**9, 1e7, 1e-2), (10**9, -3e6, 2.0), (10**6, 1e-200, 1e-402 if False else 1e-300),
        (5, 1e150, 1e299), (10**9, 1e-9, 1e-9), (3, 0.1, 0.0), (12345, 1e8, 1e4), (10**9, 0.999999999, 1e-9),
    ]:
        a = arm(n, mean, variance)
        m, v = exact(a)
        cases.append(case(a, {"mean": m, "variance": v}, ["python fractions (exact)"], 1e-12))
    for _ in range(20):
        n = rng.randrange(2, 10**9)
        mean, sd = rng.uniform(-1, 1) * 10 ** rng.uniform(-6, 6), 10 ** rng.uniform(-4, 4)
        a = arm(n, mean, sd * sd)
        m, v = exact(a)
        cases.append(case(a, {"mean": m, "variance": v}, ["python fractions (exact)"], 1e-12))
    for n in [7, 1000, 10**9]:
        a = {"n": n, "sum": -1.0, "sum_squares": 1.0}
        m, v = exact(a)
        cases.append(case(a, {"mean": m, "variance": v}, ["python fractions (exact)"], 1e-12))
    cases.append(case({"n": 10, "sum": 100.0, "sum_squares": 10.0}, {"status": "invalid_statistics"}, ["definition"], 0))
    cases.append(case({"n": -1, "sum": 0.0, "sum_squares": 0.0}, {"status": "invalid_statistics"}, ["definition"], 0))
    cases.append(case({"n": 5, "sum": 1.0, "sum_squares": -1.0}, {"status": "invalid_statistics"}, ["definition"], 0))
    cases.append(case({"n": 5, "sum": 1.0}, {"status": "invalid_input"}, ["definition"], 0))
    write("moments", cases)


def welch():
    cases = []
    for note, control, treatment in PAIRS:
        for alpha in (0.05, 0.001):
            e = Effect(control, treatment)
            se = mp.sqrt(e.va)
            t = e.a / se
            if e.df > 10**6 and abs(t) < 12:
                p = huge_df_tail(abs(t), e.df)
            elif e.df > 10**6:
                p = None
            else:
                p = t_tail(t, e.df)
            q = t_quantile(alpha, e.df)
            expected = {
                "status": "ok", "estimate": e.a, "standard_error": se, "df": e.df, "statistic": t,
                "ci_low": e.a - q * se, "ci_high": e.a + q * se,
            }
            if p is not None:
                expected["p_value"] = p
            scale = float(q * se)
            cases.append(case(
                {"control": control, "treatment": treatment, "alpha": alpha}, expected,
                ["mpmath"], 1e-8, 1e-12 * min(1.0, scale), note))
    write("welch_absolute", cases)


def delta(e):
    s = 1 if e.b > 0 else -1
    lift = e.a / abs(e.b)
    variance = (e.va - 2 * s * lift * e.c + lift**2 * e.vb) / e.b**2
    return lift, mp.sqrt(variance)


def phi(z):
    return mp.erfc(-z / mp.sqrt(2)) / 2


def relative_delta():
    z = mp.mpf("1.959963984540054")
    cases = []
    for note, control, treatment in PAIRS:
        e = Effect(control, treatment)
        lift, se = delta(e)
        cases.append(case(
            {"control": control, "treatment": treatment, "alpha": 0.05},
            {"status": "ok", "lift": lift, "standard_error": se, "ci_low": lift - z * se, "ci_high": lift + z * se,
             "chance_to_win": phi(lift / se), "flagsmith_null": bool(e.mc <= 0)},
            ["mpmath"], 1e-8, 1e-12 * float(se), note))
    write("relative_delta", cases)


def fieller_roots(e, q):
    a = e.b**2 - q * q * e.vb
    b = e.a * e.b - q * q * e.c
    c = e.a**2 - q * q * e.va
    if a <= 0:
        return None
    root = mp.sqrt(b * b - a * c)
    low, high = (b - root) / a, (b + root) / a
    if e.b < 0:
        low, high = -high, -low
    for r in (low, high):
        signed = r if e.b > 0 else -r
        left = (e.a - signed * e.b) ** 2
        right = q * q * (e.va - 2 * signed * e.c + signed**2 * e.vb)
        assert abs(left - right) <= mp.mpf(10) ** -40 * abs(right)
    return low, high


def fieller():
    cases = []
    for note, control, treatment in PAIRS:
        for alpha in (0.05, 0.01):
            e = Effect(control, treatment)
            q = t_quantile(alpha, e.df)
            roots = fieller_roots(e, q)
            g = q * q * e.vb / e.b**2
            expected = {"lift": e.a / abs(e.b), "g": g}
            if roots:
                expected |= {"status": "ok", "ci_low": roots[0], "ci_high": roots[1]}
            else:
                expected |= {"status": "unbounded_relative", "ci_low": None, "ci_high": None}
            width = float(roots[1] - roots[0]) if roots else 1.0
            cases.append(case({"control": control, "treatment": treatment, "alpha": alpha}, expected,
                              ["root substitution (mpmath)"], 1e-7, 1e-10 * min(width, 1.0), note))
    write("fieller", cases)


def sequential():
    cases = []
    for note, control, treatment in PAIRS:
        for alpha, n_star in ((0.05, 20_000), (0.001, 10**9), (0.2, 1)):
            e = Effect(control, treatment)
            n = mp.mpf(sum(e.n))
            a = mp.mpf(alpha)
            rho = lambda a: (-2 * mp.log(a) + mp.log(1 - 2 * mp.log(a))) / n_star
            r = n * rho(a)
            k = mp.sqrt((r + 1) / r * mp.log((r + 1) / a**2))
            se = mp.sqrt(e.va)
            z = e.a / se
            log_e = r * z * z / (2 * (r + 1)) - mp.log(r + 1) / 2
            r1 = n * rho(2 * a)
            k1 = mp.sqrt(2 * (r1 + 1) / r1 * mp.log(1 + mp.sqrt(r1 + 1) / (2 * a)))
            roots = fieller_roots(e, k)
            expected = {
                "status": "ok", "rho_squared": rho(a), "multiplier": k, "ci_low": e.a - k * se, "ci_high": e.a + k * se,
                "log_e_value": log_e, "p_value": min(mp.mpf(1), mp.exp(-log_e)),
                "one_sided_multiplier": k1, "one_sided_low": e.a - k1 * se, "one_sided_high": e.a + k1 * se,
                "relative_status": "ok" if roots else "unbounded_relative",
                "relative_ci_low": roots[0] if roots else None, "relative_ci_high": roots[1] if roots else None,
            }
            cases.append(case({"control": control, "treatment": treatment, "alpha": alpha, "n_star": n_star}, expected,
                              ["mpmath"], 1e-7, 1e-12 * min(1.0, float(se)), note))
    write("sequential_cs", cases)


def bayesian():
    cases = []
    priors = [(False, 0.0, 1.0), (True, 0.0, 0.3), (True, -0.5, 1e-4), (True, 0.02, 50.0)]
    for index, (note, control, treatment) in enumerate(PAIRS):
        for difference in ("relative", "absolute"):
            for lower in (False, True):
                proper, mean, sd = priors[(index + lower) % 4]
                e = Effect(control, treatment)
                if difference == "relative":
                    m, s = delta(e)
                    scale = mp.mpf(1)
                else:
                    m, s, scale = e.a, mp.sqrt(e.va), abs(e.b)
                if proper:
                    tau, mu = mp.mpf(sd) * scale, mp.mpf(mean) * scale
                    w = 1 / s**2 + 1 / tau**2
                    m, s = (m / s**2 + mu / tau**2) / w, mp.sqrt(1 / w)
                z = m / s
                gain = -z if lower else z
                density = mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi)
                loss = lambda z: s * (density - z * phi(-z))
                q = mp.sqrt(2) * mp.erfinv(mp.mpf("0.95"))
                risks = {}
                # Below 1e-290 a double has no digits left to compare.
                for name, value in (("risk_ship", loss(gain)), ("risk_keep", loss(-gain)),
                                    ("chance_to_win", phi(gain))):
                    if value > mp.mpf("1e-290") and abs(z) < 36:
                        risks[name] = value
                cases.append(case(
                    {"control": control, "treatment": treatment, "prior": {"proper": proper, "mean": mean, "sd": sd},
                     "difference": difference, "lower_is_better": lower, "alpha": 0.05},
                    {"status": "ok", "posterior_mean": m, "posterior_sd": s, "ci_low": m - q * s, "ci_high": m + q * s,
                     **risks}, ["mpmath"], 1e-8, 1e-13 * min(1.0, float(s)) if abs(z) < 1e3 else 1e-300, note))
    write("bayesian", cases)


def noninferiority():
    cases = []
    for index, (note, control, treatment) in enumerate(PAIRS):
        for lower in (False, True):
            margin = (0.001, 0.02, 0.5)[index % 3]
            e = Effect(control, treatment)
            d = mp.mpf(margin)
            f = 1 + d if lower == (e.mc > 0) else 1 - d
            distance = e.mt - f * e.mc if not lower else f * e.mc - e.mt
            vc = f * f * e.vc
            v = e.vt + vc
            df = v**2 / (e.vt**2 / (e.n[1] - 1) + vc**2 / (e.n[0] - 1))
            t = distance / mp.sqrt(v)
            expected = {"status": "ok", "statistic": t, "df": df}
            if df <= 10**6 or abs(t) < 12:
                tail = (t_tail(t, df) if df <= 10**6 else huge_df_tail(abs(t), df)) / 2
                safe, harm = (tail, 1 - tail) if t > 0 else (1 - tail, tail)
                expected |= {"p_value_noninferior": safe, "p_value_inferior": harm}
                expected["verdict"] = "pass" if safe < 0.05 else "fail" if harm < 0.05 else "uncertain"
            cases.append(case({"control": control, "treatment": treatment, "margin_relative": margin,
                               "lower_is_better": lower, "alpha": 0.05}, expected, ["mpmath"], 1e-7, 1e-200, note))
    write("noninferiority", cases)


def srm_sequential():
    rng = random.Random(SEED)
    cases = []
    settings = [
        ([10**9, 10**9 + 200_000], [0.5, 0.5], 1000.0), ([999_999_000, 1000], [0.999999, 0.000001], 1000.0),
        ([0, 50_000], [0.5, 0.5], 1000.0), ([0, 0], [0.5, 0.5], 1000.0), ([3, 0], [0.5, 0.5], 1e-3),
        ([10**9, 0], [0.999, 0.001], 1000.0), ([10**9, 0], [1 - 2.0**-60, 2.0**-60], 1.0), ([0, 3 * 10**8], [0.25, 0.75], 10.0),
        ([10, 20, 30], [0.2, 0.3, 0.5], 1e6), ([10**9, 2 * 10**9, 3 * 10**9], [1 / 6, 1 / 3, 0.5], 1.0),
    ]
    for _ in range(25):
        k = rng.randrange(2, 7)
        w = [rng.uniform(0.01, 1) for _ in range(k)]
        shares = [x / sum(w) for x in w]
        n = int(10 ** rng.uniform(2, 9))
        observed = [max(0, int(n * s + rng.gauss(0, 3) * math.sqrt(n * s))) for s in shares]
        settings.append((observed, shares, rng.choice([1.0, 100.0, 1000.0, 1e4])))
    for observed, shares, c in settings:
        c_, n = mp.mpf(c), mp.mpf(sum(observed))
        total = mp.fsum([mp.mpf(s) for s in shares])
        log_e = mp.loggamma(c_) - mp.loggamma(c_ + n)
        for x, s in zip(observed, shares):
            s = mp.mpf(s) / total
            log_e += mp.loggamma(c_ * s + x) - mp.loggamma(c_ * s) - x * mp.log(s)
        expected = {"log_e_value": log_e}
        p = min(mp.mpf(1), mp.exp(-log_e))
        if p > mp.mpf("1e-300") and abs(log_e) < 50:
            expected["p_value"] = p
        cases.append(case({"observed": observed, "shares": shares, "concentration": c}, expected,
                          ["mpmath"], 1e-6, 1e-7))
    write("srm_sequential", cases)


def srm_chi2():
    cases = []
    for observed, weights in [
        ([10**9, 10**9 + 100_000], [0.5, 0.5]), ([999_999_000, 1000], [0.999999, 0.000001]),
        ([50, 50, 0], [0.5, 0.4999999, 1e-7]), ([400, 600], [2.0, 3.0]), ([100, 0], [0.5, 0.5]),
        ([33, 33, 34, 100], [1, 1, 1, 3]), ([10**6] * 40, [1.0] * 40),
    ]:
        total = sum(Fraction(w) for w in weights)
        n = sum(observed)
        statistic = sum((Fraction(x) - n * Fraction(w) / total) ** 2 / (n * Fraction(w) / total)
                        for x, w in zip(observed, weights))
        df = len(observed) - 1
        x = mp.mpf(statistic.numerator) / mp.mpf(statistic.denominator)
        p = mp.gammainc(mp.mpf(df) / 2, x / 2, mp.inf, regularized=True)
        cases.append(case({"observed": observed, "weights": weights},
                          {"status": "ok", "statistic": x, "df": df, "p_value": p, "leaked": False},
                          ["exact fractions, mpmath"], 1e-7, 1e-12))
    cases.append(case({"observed": [99, 0], "weights": [0.5, 0.5]}, {"status": "insufficient_data", "p_value": None},
                      ["definition"], 0))
    cases.append(case({"observed": [500, 7], "weights": [1.0, 0.0]},
                      {"status": "not_applicable", "p_value": None, "leaked": True}, ["definition"], 0))
    cases.append(case({"observed": [500], "weights": [0.5, 0.5]}, {"status": "invalid_statistics"}, ["definition"], 0))
    write("srm_chi2", cases)


def thompson():
    rng = random.Random(SEED)
    cases = []
    settings = [
        ([0.0, 0.0], [1.0, 1.0]), ([0.0, 1e-9], [1e-6, 1.0]), ([0.0, 30.0], [1.0, 1.0]), ([5.0], [1.0]),
        ([1e6, 1e6 + 1], [1.0, 2.0]), ([0.0] * 12, [1.0] * 12), ([0.0, 0.1, 0.2], [1e-3, 1.0, 1e-2]),
        ([0.0, 2.0, -3.0, 1.0], [1.0, 1e-4, 50.0, 0.3]), ([1e-12, 2e-12], [1e-12, 1e-12]),
    ]
    for _ in range(15):
        k = rng.randrange(2, 9)
        settings.append(([rng.gauss(0, 1) for _ in range(k)], [10 ** rng.uniform(-2, 0.5) for _ in range(k)]))
    for means, sds in settings:
        for lower in (False, True):
            signed = [-m if lower else m for m in means]
            probabilities = []
            for i, (m, s) in enumerate(zip(signed, sds)):
                def f(z, i=i, m=m, s=s):
                    x = m + s * z
                    value = stats.norm.pdf(z)
                    for j, (mj, sj) in enumerate(zip(signed, sds)):
                        if j != i:
                            value *= stats.norm.cdf((x - mj) / sj)
                    return value
                edges = sorted({-10.0, 10.0, *(
                    p for mj, sj in zip(signed, sds) for w in (-8, -4, -2, 0, 2, 4, 8)
                    if -10 < (p := (mj + w * sj - m) / s) < 10)})
                probabilities.append(math.fsum(
                    integrate.quad(f, a, b, epsabs=1e-14, epsrel=1e-12)[0] for a, b in zip(edges, edges[1:])))
            assert abs(sum(probabilities) - 1) < 1e-9, (means, sds, sum(probabilities))
            floor = 0.02
            k = len(means)
            cases.append(case({"posterior_means": means, "posterior_sds": sds, "lower_is_better": lower, "floor": floor},
                              {"best_arm_probability": probabilities,
                               "weights": [floor + (1 - k * floor) * p for p in probabilities]},
                              ["scipy quad"], 1e-6, 1e-7))
    write("thompson", cases)


def group_sequential():
    """Crossing probabilities by another rule: Gauss-Legendre with 600 points between the bounds."""
    nodes, weights = np.polynomial.legendre.leggauss(600)

    def spent(kind, alpha, t):
        if kind == "obrien_fleming":
            return 4 * stats.norm.sf(stats.norm.isf(alpha / 4) / math.sqrt(t))
        if kind == "pocock":
            return alpha * math.log1p((math.e - 1) * t)
        return alpha * t * t

    def looks(fractions, alpha, kind):
        from scipy.optimize import brentq
        x, mass, before, crossed, bounds, cumulative = np.zeros(1), np.ones(1), 0.0, 0.0, [], []
        for t in fractions:
            dt = t - before
            target = alpha if t >= 1 else spent(kind, alpha, t)
            cumulative.append(target)

            def crossing(c):
                edge = c * math.sqrt(t)
                return float(np.sum(mass * (stats.norm.sf((edge - x) / math.sqrt(dt))
                                            + stats.norm.cdf((-edge - x) / math.sqrt(dt)))))
            want = target - crossed
            if want <= 0 or crossing(7.0) >= want:
                bounds.append(None)
                edge = 9 * math.sqrt(t)
            else:
                c = brentq(lambda c: crossing(c) - want, 0, 7, xtol=1e-13)
                bounds.append(c)
                crossed = target
                edge = c * math.sqrt(t)
            y = edge * nodes
            kernel = stats.norm.pdf((y[:, None] - x[None, :]) / math.sqrt(dt)) / math.sqrt(dt)
            mass, x, before = kernel @ mass * edge * weights, y, t
        return bounds, cumulative

    cases = []
    settings = [(list(np.arange(1, k + 1) / k), alpha, kind)
                for k in (1, 2, 28, 60, 120) for alpha in (0.05, 0.001) for kind in ("obrien_fleming", "pocock", "power2")]
    settings += [([0.001, 0.5, 1.0], 0.05, "obrien_fleming"), ([0.3, 0.3005, 0.301, 1.0], 0.05, "pocock"),
                 ([0.9, 0.99, 0.999, 1.0], 0.05, "obrien_fleming"), ([0.4, 0.8], 0.2, "power2"), ([0.5, 1.0], 0.5, "pocock")]
    for fractions, alpha, kind in settings:
        fractions = [float(f) for f in fractions]
        bounds, cumulative = looks(fractions, alpha, kind)
        cases.append(case({"information_fractions": fractions, "alpha": alpha, "spending": kind},
                          {"z_bounds": bounds, "cumulative_alpha": cumulative},
                          ["Gauss-Legendre recursion (numpy, scipy)"], 2e-5, 1e-12))
    write("group_sequential", cases)


def proportions():
    from statsmodels.stats.proportion import confint_proportions_2indep as interval
    cases = []
    for (n0, x0), (n1, x1) in [
        ((10**9, 40), (10**9, 70)), ((10**9, 10**9 - 40), (10**9, 10**9 - 70)), ((10_000, 9_998), (9_000, 8_900)),
        ((10, 1), (10, 9)), ((9_999, 5_000), (9_999, 5_100)), ((1_000_000, 3), (20, 1)), ((500, 250), (500, 251)),
        ((15_000, 2), (4_000, 9)), ((3, 1), (3, 2)), ((10**6, 10**5), (10**6, 101_000)),
        ((1, 0), (1, 1)), ((19_000, 0), (900, 3)),
    ]:
        for alpha in (0.05, 0.001):
            low, high = interval(x1, n1, x0, n0, compare="diff", method="newcomb", alpha=alpha)
            ac = interval(x1, n1, x0, n0, compare="diff", method="agresti-caffo", alpha=alpha)
            pooled = Fraction(x0 + x1, n0 + n1)
            z = (Fraction(x1, n1) - Fraction(x0, n0)) ** 2 / (pooled * (1 - pooled) * (Fraction(1, n0) + Fraction(1, n1)))
            z = mp.sqrt(mp.mpf(z.numerator) / mp.mpf(z.denominator))
            fisher = None
            if n0 + n1 < 20_000:
                fisher = float(stats.fisher_exact([[x0, n0 - x0], [x1, n1 - x1]])[1])
            q = mp.sqrt(2) * mp.erfinv(1 - mp.mpf(alpha))
            edge = x0 in (0, n0) or x1 in (0, n1)
            cases.append(case(
                {"control": {"n": n0, "conversions": x0}, "treatment": {"n": n1, "conversions": x1}, "alpha": alpha},
                {"newcombe": [float(low), float(high)], "agresti_caffo": [float(ac[0]), float(ac[1])],
                 "score_lift": None if edge else koopman(n0, x0, n1, x1, q),
                 "score_p_value": float(mp.erfc(z / mp.sqrt(2))), "fisher_p_value": fisher},
                ["statsmodels", "mpmath", "scipy fisher_exact"], 1e-5, 1e-8 if n0 < 10**6 else 1e-15))
    write("proportions", cases)


def koopman(n0, x0, n1, x1, q):
    def statistic(log_ratio):
        r = mp.exp(log_ratio)
        a, b, c = (n0 + n1) * r, -(n1 * r + x1 + n0 + x0 * r), mp.mpf(x0 + x1)
        p0 = (-b - mp.sqrt(b * b - 4 * a * c)) / (2 * a)
        p1 = r * p0
        v = p1 * (1 - p1) / n1 + r * r * p0 * (1 - p0) / n0
        return (mp.mpf(x1) / n1 - r * mp.mpf(x0) / n0) / mp.sqrt(v)
    centre = mp.log(mp.mpf(x1) * n0 / (mp.mpf(n1) * x0))
    ends = []
    for sign in (-1, 1):
        width = mp.mpf("0.01")
        while abs(statistic(centre + sign * width)) < q:
            width *= 2
        root = mp.findroot(lambda w: abs(statistic(centre + sign * w)) - q, (mp.mpf("1e-30"), width), solver="anderson",
                           tol=1e-40, maxsteps=500)
        ends.append(float(mp.expm1(centre + sign * root)))
    return ends


def ratio():
    rng = random.Random(SEED)
    cases = []
    for scale in [(1, 1), (1e6, 1e-3), (1e-8, 1e8), (1, 1e4)]:
        for n in (2, 50, 4 * 10**8):
            arms = {}
            for name in ("control", "treatment"):
                rows = [(rng.gauss(0.3, 1) * scale[0], (1 + rng.expovariate(1)) * scale[1]) for _ in range(max(2, min(n, 200)))]
                times = n // len(rows)
                f = lambda g: float(sum(Fraction(g(*row)) for row in rows) * times)
                arms[name] = {
                    "n": len(rows) * times, "num_sum": f(lambda m, d: m), "num_sum_squares": f(lambda m, d: m * m),
                    "den_sum": f(lambda m, d: d), "den_sum_squares": f(lambda m, d: d * d), "cross": f(lambda m, d: m * d)}
            out = {}
            for name, a in arms.items():
                k = a["n"]
                m, d = Fraction(a["num_sum"]) / k, Fraction(a["den_sum"]) / k
                mm = (Fraction(a["num_sum_squares"]) - k * m * m) / (k - 1)
                dd = (Fraction(a["den_sum_squares"]) - k * d * d) / (k - 1)
                md = (Fraction(a["cross"]) - k * m * d) / (k - 1)
                r = m / d
                out[name] = (r, (mm - 2 * r * md + r * r * dd) / (d * d * k))
            (rc, vc), (rt, vt) = out["control"], out["treatment"]
            cases.append(case(arms, {
                "status": "ok", "ratio_control": rc, "ratio_treatment": rt, "variance_control": vc, "variance_treatment": vt,
                "estimate": rt - rc, "variance": vt + vc, "lift": (rt - rc) / abs(rc),
                "lift_variance": vt / rc**2 + rt**2 * vc / rc**4}, ["exact fractions"], 1e-8, 1e-300,
                f"scales {scale}, n {n}"))
    write("ratio", cases)


def cuped():
    rng = random.Random(SEED)
    cases = []
    for n in (3, 1000, 10**9):
        for mean, sd, rho in [(10.0, 3.0, 0.9), (-1e4, 1.0, 0.5), (1e5, 2.0, 0.0), (0.01, 1e-4, 0.99), (2.0, 1e3, -0.7)]:
            arms = {}
            for name, shift in (("control", 0.0), ("treatment", 0.1)):
                rows = []
                for _ in range(max(3, min(n, 100))):
                    x = rng.gauss(0, 1)
                    y = rho * x + math.sqrt(1 - rho * rho) * rng.gauss(0, 1)
                    rows.append((mean + sd * (y + shift), mean + sd * x))
                times = max(1, n // len(rows))
                f = lambda g: float(sum(g(Fraction(y), Fraction(x)) for y, x in rows) * times)
                arms[name] = {"n": len(rows) * times, "sum": f(lambda y, x: y), "sum_squares": f(lambda y, x: y * y),
                              "pre_sum": f(lambda y, x: x), "pre_sum_squares": f(lambda y, x: x * x),
                              "cross": f(lambda y, x: y * x)}
            m = {}
            for name, a in arms.items():
                k = a["n"]
                y, x = Fraction(a["sum"]) / k, Fraction(a["pre_sum"]) / k
                m[name] = (k, y, x, (Fraction(a["sum_squares"]) - k * y * y) / (k - 1),
                           (Fraction(a["cross"]) - k * y * x) / (k - 1),
                           (Fraction(a["pre_sum_squares"]) - k * x * x) / (k - 1))
            (kc, yc, xc, yyc, xyc, xxc), (kt, yt, xt, yyt, xyt, xxt) = m["control"], m["treatment"]
            theta = (xyc / kc + xyt / kt) / (xxc / kc + xxt / kt)
            estimate = (yt - yc) - theta * (xt - xc)
            variance = sum((yy - 2 * theta * xy + theta**2 * xx) / k
                           for k, yy, xy, xx in ((kc, yyc, xyc, xxc), (kt, yyt, xyt, xxt)))
            unadjusted = yyc / kc + yyt / kt
            pooled = (Fraction(arms["control"]["pre_sum"]) + Fraction(arms["treatment"]["pre_sum"])) / (kc + kt)
            lift = estimate / abs(yc)
            s = 1 if yc > 0 else -1
            c = -(yyc - theta * xyc) / kc
            cases.append(case(arms, {
                "status": "ok", "theta": theta, "estimate": estimate, "variance": variance,
                "variance_reduction": 1 - variance / unadjusted, "lift": lift,
                "adjusted_mean_control": yc - theta * (xc - pooled),
                "adjusted_mean_treatment": yt - theta * (xt - pooled),
                "lift_variance": (variance - 2 * s * lift * c + lift**2 * yyc / kc) / yc**2},
                ["exact fractions"], 1e-7, 1e-10 * sd * min(1.0, sd), f"n {n}, mean {mean}, sd {sd}, correlation {rho}"))
    write("cuped", cases)


def power():
    from scipy.optimize import brentq
    rng = random.Random(SEED)
    cases = []
    for _ in range(30):
        proportion = rng.random() < 0.5
        p = 10 ** rng.uniform(-5, -0.4) if proportion else rng.choice([-1, 1]) * 10 ** rng.uniform(-3, 6)
        sd = None if proportion else abs(p) * 10 ** rng.uniform(-2, 1.5)
        lift = rng.choice([0.001, 0.02, 0.1, -0.05])
        alpha, m = rng.choice([0.001, 0.05, 0.2]), rng.choice([1, 2, 20])
        want, k = rng.choice([0.5, 0.8, 0.999]), rng.choice([0.01, 1.0, 9.0])
        current, daily = int(10 ** rng.uniform(2, 8)), int(10 ** rng.uniform(2, 6))
        d = abs(lift * p)
        vc = p * (1 - p) if proportion else sd**2
        vt = p * (1 + lift) * (1 - p * (1 + lift)) if proportion else sd**2
        z = stats.norm.isf(alpha / m / 2)
        f = lambda delta: stats.norm.sf(z - delta) + stats.norm.cdf(-delta - z)
        delta = brentq(lambda x: f(x) - want, 0, z + 20, xtol=1e-14)
        unit = vc + vt / k
        exact_n = delta**2 * unit / d**2
        n = math.ceil(exact_n)
        nt = math.ceil(n * k)
        r = -2 * math.log(alpha / m) + math.log(1 - 2 * math.log(alpha / m))
        multiplier = math.sqrt((r + 1) / r * math.log((r + 1) / (alpha / m) ** 2))
        zp = stats.norm.ppf(want)
        cases.append(case(
            {"kind": "proportion" if proportion else "mean", "baseline_mean": p, "baseline_sd": sd, "target_lift": lift,
             "alpha": alpha, "comparisons": m, "power": want, "allocation_ratio": k, "current_n_control": current,
             "daily_units": daily},
            {"n_control_exact": exact_n, "n_control": n, "n_treatment": nt,
             "mde_relative_at_current_n": delta * math.sqrt(unit / current) / abs(p),
             "power_at_current_n": f(d / math.sqrt(unit / current)), "sequential_multiplier_at_n_star": multiplier,
             "sequential_inflation": ((multiplier + zp) / (z + zp)) ** 2, "days_fixed": math.ceil((n + nt) / daily)},
            ["scipy brentq"], 1e-6, 1e-12))
    write("power", cases)


def heterogeneity():
    cases = []
    for effects, errors in [
        ([1.0], [0.5]), ([1e9, 1e9 + 1, 1e9 - 1], [0.5, 0.7, 0.9]), ([1e-12, 2e-12], [1e-12, 1e-13]),
        ([0.0] * 50, [1.0] * 50), ([0.1, 0.2, 5.0], [1e-3, 1e-3, 1e3]), ([1e150, 2e150], [1e150, 1e150]),
    ]:
        w = [1 / Fraction(s) ** 2 for s in errors]
        pooled = sum(a * Fraction(e) for a, e in zip(w, effects)) / sum(w)
        q = sum(a * (Fraction(e) - pooled) ** 2 for a, e in zip(w, effects))
        df = len(effects) - 1
        to = lambda f: mp.mpf(f.numerator) / mp.mpf(f.denominator)
        p = mp.gammainc(mp.mpf(df) / 2, to(q) / 2, mp.inf, regularized=True) if df else None
        cases.append(case({"effects": effects, "standard_errors": errors},
                          {"pooled": to(pooled), "pooled_se": 1 / mp.sqrt(to(sum(w))), "q": to(q), "df": df, "p_value": p,
                           "i_squared": max(mp.mpf(0), (to(q) - df) / to(q)) if q else 0.0},
                          ["exact fractions, mpmath"], 1e-8, 1e-300))
    write("heterogeneity", cases)


def quantile():
    cases = []
    for n, nu in [(100, 0.07), (100, 0.29), (300, 0.57), (1000, 0.05), (100_000, 0.999), (200, 0.5)]:
        values = [round(0.5 + i * 0.25 + (i % 7) * 0.01, 2) for i in range(n if n <= 1000 else 0)] or None
        nu_ = Fraction(str(nu))
        z = mp.sqrt(2) * mp.erfinv(mp.mpf("0.95"))
        half = z * mp.sqrt(mp.mpf(n) * float(nu_) * (1 - float(nu_)))
        low, high = int(mp.floor(n * mp.mpf(nu_.numerator) / nu_.denominator - half)), int(
            mp.ceil(n * mp.mpf(nu_.numerator) / nu_.denominator + half)) + 1
        rank = math.ceil(n * nu_)
        if values:
            values.sort()
            q, lo, hi = values[rank - 1], values[low - 1], values[high - 1]
            known = None
        else:
            q, lo, hi = 9.0, 8.5, 9.75
            known = {"quantile": q, "lower": lo, "upper": hi}
        cases.append(case({"values_sorted": values, "n": n, "quantile": nu, "alpha": 0.05, "order_statistics": known},
                          {"status": "ok", "quantile": q, "lower": lo, "upper": hi, "lower_rank": low, "upper_rank": high,
                           "variance_of_quantile": float(((hi - lo) / (2 * z)) ** 2)},
                          ["exact ranks of decimal shares, mpmath"], 1e-10, 1e-12))
    write("quantile", cases)


def winsorise():
    rng = random.Random(SEED)
    cases = []
    for n, lower, upper, zeros in [(1, 0.1, 0.9, False), (5, None, 0.999, False), (400, 0.25, 0.75, True),
                                   (400, 0.001, 0.999, False), (10, 0.5, 0.5, True), (3, 0.0, 1.0, True)]:
        values = [0.0 if rng.random() < 0.3 else round(rng.lognormvariate(3, 2), 3) for _ in range(n)]
        kept = [v for v in values if v != 0] if zeros else values
        lo = float(np.quantile(kept, lower)) if lower and kept else None
        hi = float(np.quantile(kept, upper)) if upper and upper < 1 and kept else None
        capped = [v if zeros and v == 0 else min(max(v, lo if lo is not None else v), hi if hi is not None else math.inf)
                  for v in values]
        cases.append(case({"values": values, "lower_percentile": lower, "upper_percentile": upper, "ignore_zeros": zeros},
                          {"lower_threshold": lo, "upper_threshold": hi, "n": n,
                           "n_capped": sum(a != b for a, b in zip(values, capped)), "sum": math.fsum(capped),
                           "sum_squares": math.fsum(v * v for v in capped)}, ["numpy quantile"], 1e-10, 1e-10))
    write("winsorise", cases)


def poststratification():
    cases = []
    for strata in [
        [(arm(10**8, 1e3, 4.0), arm(10**8, 1e3 + 0.001, 4.0)), (arm(50, -2.0, 1.0), arm(5, -1.0, 3.0))],
        [(bernoulli(1000, 3), bernoulli(10**6, 2900)), (bernoulli(10**6, 99_000), bernoulli(1000, 110)),
         (bernoulli(2, 1), bernoulli(2, 1))],
    ]:
        total = sum(c["n"] + t["n"] for c, t in strata)
        sums = [mp.mpf(0)] * 4
        for c, t in strata:
            e, w = Effect(c, t), mp.mpf(c["n"] + t["n"]) / total
            sums = [a + b for a, b in zip(sums, (w * e.a, w * w * e.va, w * e.b, w * w * e.vb))]
        cases.append(case({"strata": [{"control": c, "treatment": t} for c, t in strata]},
                          {"status": "ok", "estimate": sums[0], "variance": sums[1], "baseline": sums[2],
                           "baseline_variance": sums[3], "covariance": -sums[3]}, ["mpmath"], 1e-8, 1e-300))
    cases.append(case({"strata": []}, {"status": "insufficient_data"}, ["definition"], 0))
    write("poststratification", cases)


def multiple_testing():
    from statsmodels.stats.multitest import multipletests
    rng = random.Random(SEED)
    cases = []
    for m in (1, 2, 500):
        p = [min(1.0, 10 ** rng.uniform(-320 if m == 500 else -6, 0)) for _ in range(m)]
        if m == 500:
            p[:5] = [0.0, 1.0, 5e-324, p[7], p[7]]
        adjusted = {name: [float(x) for x in multipletests(p, method=key)[1]] for name, key in
                    (("holm", "holm"), ("benjamini_hochberg", "fdr_bh"), ("benjamini_yekutieli", "fdr_by"),
                     ("bonferroni", "bonferroni"))}
        cases.append(case({"p_values": p, "e_values": [], "q": 0.05}, adjusted | {"e_bh_rejected": []},
                          ["statsmodels multipletests"], 1e-12, 1e-300))
    cases.append(case({"p_values": [1.5], "e_values": [], "q": 0.05}, {"status": "invalid_statistics"}, ["definition"], 0))
    cases.append(case({"p_values": [], "e_values": [40.0, 1.0, 20.0], "q": 0.1},
                      {"e_bh_rejected": [True, False, True]}, ["definition"], 0))
    write("multiple_testing", cases)


if __name__ == "__main__":
    for make in (moments, welch, relative_delta, fieller, sequential, bayesian, noninferiority, srm_sequential, srm_chi2,
                 thompson, group_sequential, proportions, ratio, cuped, power, heterogeneity, quantile, winsorise,
                 poststratification, multiple_testing):
        make()
