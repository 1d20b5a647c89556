/* SPDX-License-Identifier: MIT
 *
 * clock_nanosleep with an absolute deadline: no drift, and a signal only costs a retry.
 */
#include "tb/timer.h"

#include "base/clock.h"
#include "base/status.h"

#include <errno.h>

int64_t tb_sleep_until(uint64_t deadline_ns)
{
    struct timespec deadline = tc_timespec(deadline_ns);
    int err;
    do
        err = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL);
    while (err == EINTR);
    MUST(err == 0);
    return 0;
}
