/* SPDX-License-Identifier: MIT
 *
 * Time: sleeping to an absolute deadline on CLOCK_MONOTONIC, intervals, and a limit on how long a
 * function may wait. The kernel adds the thread's timer slack, 50 us unless changed. Thread-safe.
 */
#ifndef TB_TIMER_H
#define TB_TIMER_H

#include "tb/task.h"

#include <stdint.h>

/* 0 once `deadline_ns` has passed; at once for a deadline in the past. Signals do not end it early,
 * the thread's scope (tb/scope.h) does. */
int64_t tb_sleep_until(uint64_t deadline_ns);

/* Calls the function; whatever it waits for in this thread ends with -ETIMEDOUT at the deadline
 * (TC_NEVER for none), unless it is there. Returns what the function returns. */
int64_t tb_timeout(uint64_t deadline_ns, tb_body_fn *function, void *frame);

/* Ticks at a fixed distance. */
struct tb_interval {
    uint64_t next_ns, period_ns;
};

/* The first tick is one period (> 0) from now. */
void tb_interval_init(struct tb_interval *interval, uint64_t period_ns);

/* Waits for the next tick: how many ticks before it were missed, which are skipped; or a failure of
 * the scope, with the tick still to come. */
int64_t tb_interval_tick(struct tb_interval *interval);

#endif
