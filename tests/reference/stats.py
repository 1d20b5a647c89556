#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The reference figures of tests/harness/test_stats.c, from NumPy and SciPy, as a C header:

    /usr/bin/python3 tests/reference/stats.py >tests/harness/stats_reference.h

Needs python3-scipy 1.10 or newer. What SciPy does not have is made from what it does have, by the
definition and not by our way of computing it: a shift's interval is the set of shifts that
scipy.stats.mannwhitneyu does not reject, Holm's correction the closed test over all subsets.
"""

import itertools

import numpy as np
import scipy
from scipy import stats

random = np.random.RandomState(20261121)


def number(value):
    return "NAN" if np.isnan(value) else repr(float(value))


def numbers(values):
    return "{" + ", ".join(number(v) for v in values) + "}"


def rounded(values):
    return [float(f"{v:.7g}") for v in values]


# -- one sample ----------------------------------------------------------------------------------


def one_sample_data():
    yield [3.1, 1.2, 9.7, 4.4, 4.4, 7.9, 2.5]
    for count in (5, 6, 7, 9, 10, 15, 16, 20, 30, 61):
        yield rounded(random.lognormal(3, 0.8, count))  # skewed
    for count in (8, 20, 41):  # two speeds
        yield rounded(np.where(random.rand(count) < 0.6, 0.8, 1.4) * random.normal(100, 1, count))
    yield [float(v) for v in random.randint(1, 6, 25)]  # many ties
    yield [5.0] * 9 + [5.5, 4.0]
    yield [100.0, 101, 102, 103, 104, 105, 106, 90, 80, 117, 130, 135]  # all four kinds of outliers


def interval(values, level):
    """As scipy.stats.quantile_test (new in 1.11) has it: by the binomial distribution."""
    rank = int(stats.binom.ppf((1 - level) / 2, len(values), 0.5))
    ordered = sorted(values)
    return [ordered[rank - 1], ordered[-rank]] if rank > 0 else [np.nan, np.nan]


def outliers(values):
    q1, q3 = np.percentile(values, [25, 75])
    v, mild, severe = np.array(values), 1.5 * (q3 - q1), 3 * (q3 - q1)
    low, high = np.sum(v < q1 - severe), np.sum(v > q3 + severe)
    return [low, np.sum(v < q1 - mild) - low, np.sum(v > q3 + mild) - high, high]


def one_samples():
    print("static const struct one_sample one_samples[] = {")
    for values in one_sample_data():
        deciles = np.quantile(values, np.arange(1, 10) / 10, method="linear")  # R's type 7
        levels = [interval(values, level) for level in (0.95, 0.96, 0.998)]
        print(f"    {{{len(values)}, {numbers(values)},")
        print(f"     {number(np.median(values))}, {number(np.mean(values))},"
              f" {number(np.std(values, ddof=1))}, {numbers(deciles)},")
        print(f"     {{{', '.join(numbers(level) for level in levels)}}},")
        print(f"     {{{', '.join(str(n) for n in outliers(values))}}}}},")
    print("};\n")


# -- two samples ---------------------------------------------------------------------------------


def two_sample_data():
    yield [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06], [0.878, 0.647, 0.598, 2.05, 1.06, 1.29]
    yield [1.0, 2, 3], [4.0, 5, 6]
    yield [1.0, 2, 3, 4], [5.0, 6, 7, 8]
    for na, nb, shift in ((5, 7, 1), (10, 10, 0), (8, 20, 0.3), (30, 25, 0.2), (49, 49, 0.1)):
        yield rounded(random.lognormal(1, 0.5, na)), rounded(random.lognormal(1 + shift, 0.5, nb))
    for na, nb in ((60, 55), (50, 52), (20, 61), (51, 9)):
        yield rounded(random.normal(10, 1, na)), rounded(random.normal(10.3, 1, nb))
    yield [float(v) for v in random.randint(1, 9, 12)], [float(v) for v in random.randint(2, 9, 14)]


def method_of(a, b):
    ties = len(set(a + b)) < len(a + b)
    return "asymptotic" if ties or max(len(a), len(b)) >= 50 else "exact"


def shift_interval(a, b, level):
    """The closure of the shifts of a that are not rejected: constant between two differences."""
    d = np.unique(np.subtract.outer(b, a))
    middles = np.concatenate([[d[0] - 1], (d[1:] + d[:-1]) / 2, [d[-1] + 1]])
    method = "asymptotic" if max(len(a), len(b)) >= 50 else "exact"

    def kept(i):
        p = stats.mannwhitneyu(np.array(a) + middles[i], b, method=method).pvalue
        return p > 1 - level

    if kept(0):  # no shift is so large that it would be rejected
        return [np.nan, np.nan]
    low = next(i for i in range(len(middles)) if kept(i))
    high = next(i for i in reversed(range(len(middles))) if kept(i))
    return [d[low - 1], d[high]]


def two_samples():
    print("static const struct two_samples two_samples[] = {")
    for a, b in two_sample_data():
        p = stats.mannwhitneyu(a, b, method=method_of(a, b)).pvalue
        shift = np.median(np.subtract.outer(b, a))
        levels = [shift_interval(a, b, level) for level in (0.95, 0.99)]
        print(f"    {{{len(a)}, {len(b)}, {numbers(a)}, {numbers(b)},")
        print(f"     {number(p)}, {number(shift)},"
              f" {{{', '.join(numbers(level) for level in levels)}}}}},")
    print("};\n")


# -- tests ---------------------------------------------------------------------------------------


def sign_tests():
    print("static const struct sign_test sign_tests[] = {")
    for below, above in ((0, 1), (0, 5), (6, 0), (1, 9), (3, 17), (10, 10), (7, 8), (400, 600)):
        p = stats.binomtest(below, below + above, 0.5).pvalue
        print(f"    {{{below}, {above}, {number(p)}}},")
    print("};\n")


def holm(p):
    """The closed test with Bonferroni's: a hypothesis is as good as the best set it is in."""
    defined = [i for i, value in enumerate(p) if not np.isnan(value)]
    adjusted = [np.nan] * len(p)
    for i in defined:
        sets = (s for n in range(1, len(defined) + 1) for s in itertools.combinations(defined, n))
        adjusted[i] = min(1, max(len(s) * min(p[j] for j in s) for s in sets if i in s))
    return adjusted


def holm_tests():
    print("static const struct holm_test holm_tests[] = {")
    cases = [[0.01, 0.02, 0.03, 0.04, 0.05], [0.04], [0.5, 0.6, 0.9], [0.001, 0.001, 0.2],
             [0.03, np.nan, 0.001, 0.04, np.nan, 0.012], list(rounded(random.rand(10) ** 3))]
    for p in cases:
        print(f"    {{{len(p)}, {numbers(p)}, {numbers(holm(p))}}},")
    print("};\n")


print(f"""/* SPDX-License-Identifier: MIT
 *
 * What NumPy {np.__version__} and SciPy {scipy.__version__} say. Made, and not to be edited, by:
 *
 *     /usr/bin/python3 tests/reference/stats.py >tests/harness/stats_reference.h
 */
/* clang-format off */
#ifndef STATS_REFERENCE_H
#define STATS_REFERENCE_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

struct one_sample {{
    size_t count;
    double values[64];
    double median, mean, stddev, deciles[9];
    double intervals[3][2]; /* of the median at 0.95, 0.96 and 0.998 */
    uint64_t outliers[4];   /* low severe, low mild, high mild, high severe */
}};

struct two_samples {{
    size_t na, nb;
    double a[64], b[64];
    double p, shift, intervals[2][2]; /* of the shift at 0.95 and 0.99 */
}};

struct sign_test {{
    uint64_t below, above;
    double p;
}};

struct holm_test {{
    size_t count;
    double p[16], adjusted[16];
}};
""")
one_samples()
two_samples()
sign_tests()
holm_tests()
print("#endif")
