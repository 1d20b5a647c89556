/* SPDX-License-Identifier: MIT
 *
 * A hole detector: a thread that does nothing but read the clock sees when it was not running. What
 * took the CPU away (the hypervisor, an interrupt, another task) it cannot tell, but also holes
 * that no counter of the system shows are seen.
 */
#include "harness/environment.h"

#include "base/clock.h"

enum { HOLE_NS = 10000 };

tc_json *tc_environment_holes(uint64_t duration_ns)
{
    uint64_t start_ns = tc_now_ns(), last_ns = start_ns, count = 0, lost_ns = 0, longest_ns = 0;
    while (last_ns - start_ns < duration_ns) {
        uint64_t now_ns = tc_now_ns(), gap_ns = now_ns - last_ns;
        last_ns = now_ns;
        if (gap_ns <= HOLE_NS)
            continue;
        count++;
        lost_ns += gap_ns;
        longest_ns = gap_ns > longest_ns ? gap_ns : longest_ns;
    }
    tc_json *out = tcj_object();
    tcj_set(out, "duration_ns", tcj_integer((int64_t)(last_ns - start_ns)));
    tcj_set(out, "count", tcj_integer((int64_t)count));
    tcj_set(out, "lost_ns", tcj_integer((int64_t)lost_ns));
    tcj_set(out, "longest_ns", tcj_integer((int64_t)longest_ns));
    return out;
}
