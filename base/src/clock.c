/* SPDX-License-Identifier: MIT
 *
 * What reading the clock costs, so that results can show that it was kept out of them.
 */
#include "base/clock.h"

#include <stdlib.h>

enum { BATCHES = 31, CALLS = 1000 };

static int compare_u64(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

void tc_clock_calibrate(double *cost_ns, uint64_t *step_ns)
{
    uint64_t elapsed[BATCHES], step = UINT64_MAX;
    for (int batch = 0; batch < BATCHES; batch++) {
        uint64_t start = tc_now_ns(), last = start;
        for (int call = 0; call < CALLS; call++) {
            uint64_t now = tc_now_ns();
            if (now != last && now - last < step)
                step = now - last;
            last = now;
        }
        elapsed[batch] = last - start;
    }
    qsort(elapsed, BATCHES, sizeof elapsed[0], compare_u64);
    *cost_ns = (double)elapsed[BATCHES / 2] / CALLS;
    *step_ns = step;
}
