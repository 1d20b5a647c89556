/* SPDX-License-Identifier: MIT
 *
 * What the machine gave for the tasks, in parts that no byte is in twice.
 *
 * Resident pages come from smaps_rollup, which walks the page tables (the counters in status are
 * batched), page tables from status, and what only the whole machine can tell (kernel stacks, slab,
 * per-CPU memory) from meminfo. memory_total is the sum of these five. Beside it stand two readings
 * of the same whole by other means: what is charged to a memory cgroup of the worker's own, where
 * one may be made, and the fall in free memory. vmalloc is in no part: kernel stacks are in it on
 * most machines, and it is given back too late to tell the rest.
 */
#include "worker.h"

#include "base/clock.h"
#include "harness/memory_group.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ROLLUP  "/proc/self/smaps_rollup"
#define STATUS  "/proc/self/status"
#define MEMINFO "/proc/meminfo"

static const struct {
    const char *metric, *file, *key;
    bool summed; /* a part of memory_total */
    int sign;
} parts[MEMORY_PARTS] = {
    {"memory_resident", ROLLUP, "Rss", true, 1},
    {"memory_page_tables", STATUS, "VmPTE", true, 1},
    {"memory_kernel_stack", MEMINFO, "KernelStack", true, 1},
    {"memory_slab", MEMINFO, "SUnreclaim", true, 1},
    {"memory_kernel_other", MEMINFO, "Percpu", true, 1},
    {"memory_huge_pages", ROLLUP, "AnonHugePages", false, 1},
    {"memory_free_drop", MEMINFO, "MemFree", false, -1},
};

/* The group of the one round of this process, and why there is none. */
static struct tc_memory_group group;
static struct tc_error group_error;
static struct tc_group_reading group_before, group_after;

/* -- readings -- */

/* The kernel counts some of what meminfo shows per CPU and adds it up now and then; root can ask
 * for it at once. */
static void refresh_kernel_counters(void)
{
    int fd = open("/proc/sys/vm/stat_refresh", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t written = write(fd, "1", 1);
    (void)written; /* what can't be refreshed is a little older */
    close(fd);
}

static void read_parts(double *values)
{
    refresh_kernel_counters();
    for (size_t i = 0; i < MEMORY_PARTS; i++)
        values[i] = parts[i].sign * 1024 * field_read(parts[i].file, parts[i].key);
}

/* What ended processes held is given back by the kernel a while later (RCU, lazy vmalloc), which
 * would make the machine's readings of this round too small. Waits until they stand still, at most
 * a quarter of a second. */
static void wait_for_quiet(void)
{
    enum { STEP_NS = 20000000, STEPS_MAX = 12, STILL_KIB = 64, STILL_STEPS = 2 };
    double last = NAN;
    for (int step = 0, still = 0; step < STEPS_MAX && still < STILL_STEPS; step++) {
        refresh_kernel_counters();
        double now = field_read(MEMINFO, "SUnreclaim") + field_read(MEMINFO, "KernelStack");
        if (isnan(now))
            return;
        still = fabs(now - last) < STILL_KIB ? still + 1 : 0;
        last = now;
        nanosleep(&(struct timespec){.tv_nsec = STEP_NS}, NULL);
    }
}

/* -- the round -- */

static void enter_group(void)
{
    if (tc_memory_group_place(&group, "", &group_error) == 0)
        tc_memory_group_enter(&group, &group_error);
}

void wl_memory_before(struct wl_round *round)
{
    wait_for_quiet();
    enter_group();
    round->memory_method = group.version == 1   ? "smaps+meminfo+cgroup-v1"
                           : group.version == 2 ? "smaps+meminfo+cgroup-v2"
                                                : "smaps+meminfo";
    tc_memory_group_read(&group, &group_before);
    read_parts(round->memory_before);
}

static void record(struct wl_round *round, const char *metric, double bytes, const char *reason)
{
    if (isnan(bytes))
        wl_record_absent(round, metric, reason);
    else
        wl_record_extra(round, metric, bytes / (double)round->tasks);
}

static void record_parts(struct wl_round *round, const double *now)
{
    double total = 0;
    char reason[128];
    for (size_t i = 0; i < MEMORY_PARTS; i++) {
        double bytes = now[i] - round->memory_before[i];
        snprintf(reason, sizeof reason, "%s has no %s%s", parts[i].file, parts[i].key,
                 access(parts[i].file, R_OK) == 0 ? "" : ", or reading it is not permitted");
        record(round, parts[i].metric, bytes, reason);
        total += parts[i].summed ? bytes : 0;
    }
    record(round, "memory_total", total, "one of its parts can't be read");
}

static void record_group(struct wl_round *round)
{
    const char *reason = group.version ? "the kernel does not account it" : group_error.text;
    record(round, "memory_cgroup", group_after.usage - group_before.usage, reason);
    record(round, "memory_cgroup_kernel", group_after.kernel - group_before.kernel, reason);
}

void wl_memory_after(struct wl_round *round)
{
    double now[MEMORY_PARTS];
    tc_memory_group_read(&group, &group_after);
    read_parts(now);
    record_group(round);
    record_parts(round, now);
    memory_group_leave();
}

void memory_group_leave(void)
{
    tc_memory_group_leave(&group);
}

/* -- for the result -- */

static void add_part(tc_json *out, const char *name, double before, double after)
{
    if (!isnan(after - before))
        tcj_set(out, name, tcj_number(after - before));
}

tc_json *memory_group_observed(void)
{
    tc_json *out = tcj_object();
    const struct tc_group_reading *from = &group_before, *to = &group_after;
    add_part(out, "usage", from->usage, to->usage);
    add_part(out, "kernel", from->kernel, to->kernel);
    add_part(out, "kernel_stack", from->kernel_stack, to->kernel_stack);
    add_part(out, "page_tables", from->page_tables, to->page_tables);
    add_part(out, "slab", from->slab, to->slab);
    add_part(out, "percpu", from->percpu, to->percpu);
    add_part(out, "sock", from->sock, to->sock);
    add_part(out, "anon", from->anon, to->anon);
    return out;
}
