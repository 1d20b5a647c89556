#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The reference figures of tests/harness/test_slope.c, from SciPy, as a C header:

    /usr/bin/python3 tests/reference/slope.py >tests/harness/slope_reference.h

Needs python3-scipy 1.10 or newer: scipy.stats.theilslopes(method="joint") for the line and its
interval, scipy.stats.linregress as a second opinion on data without outliers, where the two
estimators must agree within the noise.
"""

import numpy as np
import scipy
from scipy import stats

random = np.random.RandomState(20261121)


def numbers(values):
    return "{" + ", ".join(repr(float(v)) for v in values) + "}"


def rounded(values):
    return [float(f"{v:.9g}") for v in values]


def data():
    """(name, x, y): points a round as memory gives them, over several numbers of tasks."""
    tasks = np.repeat([250.0, 500, 1000, 1500, 2000, 2500, 3000, 4000], 6)
    noise = random.normal(0, 3e5, len(tasks))
    yield "eight numbers of tasks, six rounds each", tasks, 2e5 + 36000 * tasks + noise
    wild = 36000 * tasks + noise
    wild[[3, 17, 40]] -= 3e7
    yield "three rounds that went wrong", tasks, wild
    yield "pages: many ties", tasks, 4096 * np.round((1e5 + 132 * tasks) / 4096)
    few = np.array([1e5, 1e6] * 5)
    yield "two numbers of tasks", few, 88.0 * few + random.normal(0, 1e5, 10)
    yield "no two alike", np.arange(1.0, 26), random.lognormal(3, 1, 25) + np.arange(1.0, 26)
    yield "falling", np.repeat(np.arange(1.0, 9), 3), -5 * np.repeat(np.arange(1.0, 9), 3) + random.normal(0, 1, 24)
    yield "nothing but noise about 0", tasks, random.normal(0, 1000, len(tasks))


print(f"""/* SPDX-License-Identifier: MIT
 *
 * Made by tests/reference/slope.py with SciPy {scipy.__version__} and NumPy {np.__version__}; do not edit.
 */
/* clang-format off */
struct slope_reference {{
    const char *name;
    size_t count;
    double x[64], y[64];
    double slope, low, high, intercept; /* scipy.stats.theilslopes, method "joint" */
    double least_squares, error;        /* scipy.stats.linregress: slope and its standard error */
}};

static const struct slope_reference slope_references[] = {{""")
for name, x, y in data():
    x, y = rounded(x), rounded(y)
    slope, intercept, low, high = stats.theilslopes(y, x, 0.95, method="joint")
    line = stats.linregress(x, y)
    print(f'    {{"{name}", {len(x)},\n     {numbers(x)},\n     {numbers(y)},')
    print("     " + ", ".join(repr(float(v)) for v in (slope, low, high, intercept, line.slope, line.stderr)) + "},")
print("};\n/* clang-format on */")
