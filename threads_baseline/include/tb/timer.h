/* SPDX-License-Identifier: MIT
 *
 * Sleeping to an absolute deadline on CLOCK_MONOTONIC.
 */
#ifndef TB_TIMER_H
#define TB_TIMER_H

#include <stdint.h>

/* 0 once `deadline_ns` has passed; at once for a deadline in the past. Signals do not end it early.
 * The kernel adds the thread's timer slack, 50 us unless changed. Thread-safe. */
int64_t tb_sleep_until(uint64_t deadline_ns);

#endif
