/* SPDX-License-Identifier: MIT
 *
 * Monotonic time in nanoseconds. One type of time everywhere: a uint64_t named ..._ns.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define TC_NS_PER_US UINT64_C(1000)
#define TC_NS_PER_MS UINT64_C(1000000)
#define TC_NS_PER_S  UINT64_C(1000000000)

/* A deadline that never comes. */
#define TC_NEVER UINT64_MAX

/* CLOCK_MONOTONIC now. One vDSO call: about 20-30 ns on x86-64. Thread-safe. */
static inline uint64_t tc_now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * TC_NS_PER_S + (uint64_t)ts.tv_nsec;
}

static inline struct timespec tc_timespec(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / TC_NS_PER_S),
                             .tv_nsec = (long)(ns % TC_NS_PER_S)};
}

/* Median cost of one tc_now_ns() call and the smallest step it was seen to make, both in ns.
 * Takes about a millisecond. */
void tc_clock_calibrate(double *cost_ns, uint64_t *step_ns);

#endif
