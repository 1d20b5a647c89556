/* SPDX-License-Identifier: MIT
 *
 * The conditions of a round; see harness/conditions.h. Read twice a round, outside of what is
 * timed, so files are read once each and only as far as needed.
 */
#include "harness/conditions.h"

#include "harness/cgroup.h"
#include "harness/reading.h"

#include "base/status.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CPUS "/sys/devices/system/cpu"

static const char gauge[] = "runnable_others"; /* the one that does not count up */

/* Opens a file below the root; the error is a negative errno value in *code. */
static FILE *open_below(const char *root, const char *path, int *code)
{
    char whole[4096];
    snprintf(whole, sizeof whole, "%s%s", root, path);
    FILE *file = fopen(whole, "re");
    *code = file ? 0 : -errno;
    return file;
}

static bool is_in(const cpu_set_t *cpus, long cpu)
{
    return cpu >= 0 && cpu < CPU_SETSIZE && CPU_ISSET((size_t)cpu, cpus);
}

/* -- time and interrupts of the CPUs -- */

struct ticks {
    bool seen;
    double stolen, busy, all;
};

/* Adds up one line "cpuN user nice system idle iowait irq softirq steal ..."; guest time is in
 * user's already. Nothing when the hypervisor's share is not told. */
static void add_ticks(const char *line, struct ticks *sum)
{
    enum { IDLE = 3, IOWAIT = 4, STEAL = 7, KINDS };
    double kinds[KINDS], all = 0;
    const char *rest = line + strcspn(line, " ");
    for (int kind = 0; kind < KINDS; kind++) {
        char *end;
        kinds[kind] = strtod(rest, &end);
        if (end == rest)
            return;
        all += kinds[kind];
        rest = end;
    }
    sum->seen = true;
    sum->all += all;
    sum->stolen += kinds[STEAL];
    sum->busy += all - kinds[IDLE] - kinds[IOWAIT];
}

/* Adds the numbers of a list ("0,2-3"). */
static void add_list(const char *list, cpu_set_t *cpus)
{
    for (char *end; *list; list = *end == ',' ? end + 1 : "") {
        long first = strtol(list, &end, 10), last = first;
        if (end == list)
            return;
        if (*end == '-')
            last = strtol(end + 1, &end, 10);
        for (long cpu = first; cpu >= 0 && cpu <= last && cpu < CPU_SETSIZE; cpu++)
            CPU_SET((size_t)cpu, cpus);
    }
}

/* The CPUs that share a core with one of these and are not among them. With many CPUs they are all
 * used, as a rule, and looking would take long. */
static cpu_set_t siblings_of(const char *root, const cpu_set_t *cpus)
{
    enum { CPUS_MAX = 64 };
    cpu_set_t found;
    CPU_ZERO(&found);
    for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(cpus) <= CPUS_MAX; cpu++) {
        char path[128], list[256];
        snprintf(path, sizeof path, CPUS "/cpu%d/topology/thread_siblings_list", cpu);
        if (is_in(cpus, cpu) && tc_reading_file(root, path, list, sizeof list) == 0)
            add_list(list, &found);
    }
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (is_in(cpus, cpu))
            CPU_CLR((size_t)cpu, &found);
    return found;
}

static void set_ticks(tc_json *out, const char *name, const struct ticks *ticks, double value,
                      int code)
{
    tcj_set(out, name, ticks->seen ? tcj_number(value) : tc_reading_failed(-code));
}

/* The lines of the CPUs come first. */
static void read_ticks(const char *root, const cpu_set_t *cpus, tc_json *out)
{
    int code;
    char *line = NULL;
    size_t size = 0;
    struct ticks own = {0}, beside = {0};
    cpu_set_t siblings = siblings_of(root, cpus);
    FILE *file = open_below(root, "/proc/stat", &code);
    while (file && getline(&line, &size, file) > 0 && strncmp(line, "cpu", 3) == 0) {
        long cpu = line[3] == ' ' ? -1 : strtol(line + 3, NULL, 10);
        if (is_in(cpus, cpu))
            add_ticks(line, &own);
        else if (is_in(&siblings, cpu))
            add_ticks(line, &beside);
    }
    if (file)
        fclose(file);
    free(line);
    set_ticks(out, "steal_ticks", &own, own.stolen, code);
    set_ticks(out, "ticks", &own, own.all, code);
    set_ticks(out, "sibling_busy_ticks", &beside, beside.busy, code);
    set_ticks(out, "sibling_ticks", &beside, beside.all, code);
}

/* Which CPU each column of /proc/interrupts is of: "  CPU0  CPU1 ...". Returns how many. */
static size_t read_columns(const char *header, const cpu_set_t *cpus, bool *wanted, size_t max)
{
    size_t count = 0;
    for (const char *at = header; count < max && (at = strstr(at, "CPU")); at += 3)
        wanted[count++] = is_in(cpus, strtol(at + 3, NULL, 10));
    return count;
}

/* "24:  12  7  PCI-MSI ...": the columns of the CPUs wanted; lines without columns count once for
 * all CPUs and are left out. */
static double interrupts_of(char *line, const bool *wanted, size_t columns)
{
    double sum = 0;
    char *rest = strchr(line, ':');
    for (size_t i = 0; rest && i < columns; i++) {
        char *end;
        double count = strtod(rest + (i == 0), &end);
        if (end == rest + (i == 0))
            return 0;
        sum += wanted[i] ? count : 0;
        rest = end;
    }
    return sum;
}

static tc_json *read_interrupts(const char *root, const cpu_set_t *cpus)
{
    int code;
    char *line = NULL;
    size_t size = 0, columns = 0;
    double sum = 0;
    bool wanted[CPU_SETSIZE];
    FILE *file = open_below(root, "/proc/interrupts", &code);
    if (file && getline(&line, &size, file) > 0)
        columns = read_columns(line, cpus, wanted, CPU_SETSIZE);
    while (columns > 0 && getline(&line, &size, file) > 0)
        sum += interrupts_of(line, wanted, columns);
    if (file)
        fclose(file);
    free(line);
    return columns > 0 ? tcj_number(sum) : tc_reading_failed(-code);
}

/* -- what holds a process up -- */

struct throttling {
    bool seen;
    int code; /* why it can't be read, as far as known */
    double periods, ns;
};

/* Version 2 tells microseconds, version 1 nanoseconds. */
static void visit_throttling(void *context, const char *root, const char *folder)
{
    struct throttling *sum = context;
    char path[4200], text[1024], *field;
    snprintf(path, sizeof path, "%s/cpu.stat", folder);
    int code = tc_reading_file(root, path, text, sizeof text);
    if (code < 0) {
        sum->code = code == -EACCES || code == -EPERM ? code : sum->code;
        return;
    }
    if (!(field = strstr(text, "nr_throttled ")))
        return;
    sum->seen = true;
    sum->periods += strtod(field + strlen("nr_throttled "), NULL);
    if ((field = strstr(text, "throttled_usec ")))
        sum->ns += 1000 * strtod(field + strlen("throttled_usec "), NULL);
    else if ((field = strstr(text, "throttled_time ")))
        sum->ns += strtod(field + strlen("throttled_time "), NULL);
}

static void read_throttling(const char *root, tc_json *out)
{
    struct throttling sum = {0};
    tc_cgroup_each(root, "", visit_throttling, &sum);
    tc_cgroup_each(root, "cpu", visit_throttling, &sum);
    tcj_set(out, "throttled_periods",
            sum.seen ? tcj_number(sum.periods) : tc_reading_failed(-sum.code));
    tcj_set(out, "throttled_ns", sum.seen ? tcj_number(sum.ns) : tc_reading_failed(-sum.code));
}

/* "some avg10=... avg60=... avg300=... total=MICROSECONDS" */
static tc_json *read_pressure(const char *root)
{
    char text[256], *total;
    int code = tc_reading_file(root, "/proc/pressure/cpu", text, sizeof text);
    if (code < 0 || strncmp(text, "some", 4) != 0 || !(total = strstr(text, "total=")))
        return tc_reading_failed(-code);
    return tcj_number(1000 * strtod(total + strlen("total="), NULL));
}

/* "RUN_NS WAIT_NS SLICES"; a kernel that does not keep them says zero of all three. */
static tc_json *read_wait(const char *root)
{
    char text[128];
    double run, wait, slices;
    int code = tc_reading_file(root, "/proc/self/schedstat", text, sizeof text);
    if (code < 0 || sscanf(text, "%lf %lf %lf", &run, &wait, &slices) != 3 || slices < 1)
        return tc_reading_failed(-code);
    return tcj_number(wait);
}

static tc_json *read_thermal(const char *root, const cpu_set_t *cpus)
{
    static const char *const names[] = {"core", "package"};
    double sum = 0;
    bool seen = false;
    int code = 0;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        for (size_t i = 0; i < TC_COUNT_OF(names) && is_in(cpus, cpu); i++) {
            char path[128], text[64];
            snprintf(path, sizeof path, CPUS "/cpu%d/thermal_throttle/%s_throttle_count", cpu,
                     names[i]);
            int one = tc_reading_file(root, path, text, sizeof text);
            code = one < 0 ? one : code;
            seen |= one == 0;
            sum += one == 0 ? strtod(text, NULL) : 0;
        }
    return seen ? tcj_number(sum) : tc_reading_failed(-code);
}

/* "0.00 0.00 0.00 RUNNABLE/ALL LAST"; the reader is one of them. */
static tc_json *read_runnable(const char *root)
{
    char text[128];
    double runnable;
    int code = tc_reading_file(root, "/proc/loadavg", text, sizeof text);
    if (code < 0 || sscanf(text, "%*f %*f %*f %lf/", &runnable) != 1)
        return tc_reading_failed(-code);
    return tcj_number(fmax(runnable - 1, 0));
}

/* -- all of it -- */

tc_json *tc_conditions_read(const char *root, const cpu_set_t *cpus)
{
    tc_json *out = tcj_object();
    read_ticks(root, cpus, out);
    tcj_set(out, "interrupts", read_interrupts(root, cpus));
    read_throttling(root, out);
    tcj_set(out, "pressure_cpu_ns", read_pressure(root));
    tcj_set(out, "wait_ns", read_wait(root));
    tcj_set(out, "thermal_throttles", read_thermal(root, cpus));
    tcj_set(out, gauge, read_runnable(root));
    return out;
}

static tc_json *change_of(const char *name, tc_json *was, tc_json *is)
{
    double before, after;
    if (!tcj_read_number(is, &after))
        return tcj_keep(is);
    if (!tcj_read_number(was, &before))
        return was ? tcj_keep(was) : tc_reading_absent();
    return tcj_number(strcmp(name, gauge) == 0 ? fmax(before, after) : after - before);
}

tc_json *tc_conditions_change(const tc_json *before, const tc_json *after)
{
    tc_json *out = tcj_object();
    for (void *it = tcj_first(after); it; it = tcj_next(after, it))
        tcj_set(out, tcj_key(it),
                change_of(tcj_key(it), tcj_get(before, tcj_key(it)), tcj_value(it)));
    return out;
}
