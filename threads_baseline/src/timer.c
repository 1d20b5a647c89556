/* SPDX-License-Identifier: MIT
 *
 * clock_nanosleep with an absolute deadline: no drift, and a signal only costs a retry. Within a
 * scope the thread sleeps on the scope's token instead, so that it can be woken.
 */
#include "tb/timer.h"

#include "tb/scope.h"

#include "base/clock.h"
#include "base/status.h"

#include <errno.h>

static int64_t sleep_in_scope(uint64_t deadline_ns)
{
    struct tb_scope outer = tb_scope_enter(deadline_ns, NULL);
    int err;
    do
        err = tb_park_any(NULL, 0);
    while (!err);
    tb_scope_leave(outer);
    return err == -ETIMEDOUT && deadline_ns <= outer.deadline_ns ? 0 : err;
}

int64_t tb_sleep_until(uint64_t deadline_ns)
{
    struct timespec deadline = tc_timespec(deadline_ns);
    int err;
    if (!tb_scope_is_open())
        return sleep_in_scope(deadline_ns);
    do
        err = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL);
    while (err == EINTR);
    MUST(err == 0);
    return 0;
}

int64_t tb_timeout(uint64_t deadline_ns, tb_body_fn *function, void *frame)
{
    struct tb_scope outer = tb_scope_enter(deadline_ns, NULL);
    int64_t result = function(frame);
    tb_scope_leave(outer);
    return result;
}

void tb_interval_init(struct tb_interval *interval, uint64_t period_ns)
{
    MUST(period_ns > 0);
    *interval = (struct tb_interval){tc_now_ns() + period_ns, period_ns};
}

int64_t tb_interval_tick(struct tb_interval *interval)
{
    uint64_t now_ns = tc_now_ns(), missed = 0;
    if (now_ns >= interval->next_ns + interval->period_ns)
        missed = (now_ns - interval->next_ns) / interval->period_ns;
    int64_t err = tb_sleep_until(interval->next_ns + missed * interval->period_ns);
    if (err)
        return err;
    interval->next_ns += (missed + 1) * interval->period_ns;
    return (int64_t)missed;
}
