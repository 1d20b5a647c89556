/* SPDX-License-Identifier: MIT
 *
 * How the kernel shares out time: the tick, the policy that this program and thus its workers run
 * under, and what moves tasks or wakes them late.
 */
#include "environment_parts.h"

#include "harness/reading.h"

#include "base/clock.h"

#include <errno.h>
#include <glob.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* The kernel's coarse clock moves once a tick, so that its step tells CONFIG_HZ. */
static tc_json *read_tick(void)
{
    struct timespec step;
    if (clock_getres(CLOCK_MONOTONIC_COARSE, &step) < 0 || step.tv_sec > 0 || step.tv_nsec <= 0)
        return tc_reading_absent();
    return tcj_integer((int64_t)TC_NS_PER_S / step.tv_nsec);
}

static tc_json *read_policy(void)
{
    static const struct {
        int policy;
        const char *name;
    } names[] = {{SCHED_OTHER, "other"},
                 {SCHED_BATCH, "batch"},
                 {SCHED_IDLE, "idle"},
                 {SCHED_FIFO, "fifo"},
                 {SCHED_RR, "rr"}};
    int policy = sched_getscheduler(0);
    for (size_t i = 0; i < TC_COUNT_OF(names); i++)
        if (names[i].policy == policy)
            return tcj_string(names[i].name);
    return policy < 0 ? tc_reading_failed(errno) : tcj_integer(policy);
}

static tc_json *read_nice(void)
{
    errno = 0;
    int nice = getpriority(PRIO_PROCESS, 0);
    return errno ? tc_reading_failed(errno) : tcj_integer(nice);
}

/* Whether a process of that name runs; absent where no process can be seen at all. */
static tc_json *read_runs(const char *root, const char *name)
{
    char pattern[4096], text[64];
    glob_t found = {0};
    bool runs = false, any = false;
    snprintf(pattern, sizeof pattern, "%s/proc/[0-9]*/comm", root);
    if (glob(pattern, 0, NULL, &found) != 0)
        return tc_reading_absent();
    for (size_t i = 0; i < found.gl_pathc && !runs; i++) {
        if (tc_reading_file("", found.gl_pathv[i], text, sizeof text) < 0)
            continue; /* it has ended */
        any = true;
        text[strcspn(text, "\n")] = '\0';
        runs = strcmp(text, name) == 0;
    }
    globfree(&found);
    return any ? tcj_bool(runs) : tc_reading_absent();
}

tc_json *environment_scheduler(const char *root)
{
    tc_json *out = tcj_object();
    tcj_set(out, "tick_hz", read_tick());
    tcj_set(out, "policy", read_policy());
    tcj_set(out, "nice", read_nice());
    tcj_set(out, "timer_slack_ns", tc_reading_line(root, "/proc/self/timerslack_ns"));
    tcj_set(out, "sched_ext", tc_reading_line(root, "/sys/kernel/sched_ext/state"));
    tcj_set(out, "numa_balancing", tc_reading_line(root, "/proc/sys/kernel/numa_balancing"));
    tcj_set(out, "irqbalance", read_runs(root, "irqbalance"));
    return out;
}
