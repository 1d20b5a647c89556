/* SPDX-License-Identifier: MIT
 *
 * What else happened on the machine while something was measured: readings that count up, taken
 * before and after, and their differences. Each is a number or one of the two other states of
 * harness/reading.h.
 *
 *   steal_ticks, ticks     of the CPUs given, in USER_HZ: taken by the hypervisor, and in all
 *   sibling_busy_ticks, sibling_ticks
 *                          of the CPUs that share a core with one of them and are not given
 *   interrupts             of the CPUs given, the timer's included
 *   throttled_periods, throttled_ns
 *                          by the CPU quota of this process's cgroup or one of its parents, summed
 *   pressure_cpu_ns        how long some task of the machine waited for a CPU (/proc/pressure)
 *   wait_ns                how long this process's first thread was ready but not running
 *   thermal_throttles      of the CPUs given
 *   runnable_others        tasks ready or running beside the caller; the larger of both readings
 */
#ifndef HARNESS_CONDITIONS_H
#define HARNESS_CONDITIONS_H

#include "harness/json.h"

#include <sched.h>

/* Reads all of them, with `root` before every path, for these CPUs. Takes some 200 us where
 * /proc/stat is short; the object is the caller's. */
tc_json *tc_conditions_read(const char *root, const cpu_set_t *cpus);

/* What changed between two readings; takes neither. What is no number in one of them keeps the
 * state that it has there. */
tc_json *tc_conditions_change(const tc_json *before, const tc_json *after);

#endif
