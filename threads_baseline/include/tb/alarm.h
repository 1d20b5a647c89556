/* SPDX-License-Identifier: MIT
 *
 * Timers that run beside whatever the thread does, as time-outs do: the counterparts of
 * rt_timer_start() and rt_timer_stop(). A thread has to ask the kernel for one: a timerfd, made
 * once and armed again and again.
 */
#ifndef TB_ALARM_H
#define TB_ALARM_H

#include <stdint.h>

struct tb_alarm {
    int fd; /* -1 when closed */
};

/* 0, or a negative errno value (-EMFILE: each takes a descriptor). */
int tb_alarm_open(struct tb_alarm *alarm);
void tb_alarm_close(struct tb_alarm *alarm);

/* Runs until `deadline_ns` (CLOCK_MONOTONIC, not 0), instead of until what it was told before. */
void tb_alarm_start(struct tb_alarm *alarm, uint64_t deadline_ns);

/* Does not run any more, and has not expired. */
void tb_alarm_stop(struct tb_alarm *alarm);

#endif
