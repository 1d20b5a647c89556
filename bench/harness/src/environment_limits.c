/* SPDX-License-Identifier: MIT
 *
 * What bounds the number of tasks: resource limits, the kernel's settings, and the cgroups of both
 * versions, where every parent's limit counts as well.
 */
#include "environment_parts.h"

#include "harness/cgroup.h"
#include "harness/reading.h"

#include "base/status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* -- resource limits -- */

static tc_json *limit_value(rlim_t value)
{
    return value == RLIM_INFINITY ? tcj_string("unlimited") : tcj_integer((int64_t)value);
}

static tc_json *read_limit(int resource)
{
    struct rlimit limit;
    if (getrlimit((__rlimit_resource_t)resource, &limit) < 0)
        return tc_reading_absent();
    tc_json *out = tcj_object();
    tcj_set(out, "soft", limit_value(limit.rlim_cur));
    tcj_set(out, "hard", limit_value(limit.rlim_max));
    return out;
}

/* -- cgroups -- */

/* The least of a limit over the groups. */
struct least {
    bool seen, limited;
    int code; /* why it can't be read, as far as known */
    double value;
};

static void note(struct least *least, bool limited, double value)
{
    least->seen = true;
    if (limited && (!least->limited || value < least->value))
        least->value = value;
    least->limited = least->limited || limited;
}

/* A file of one group; that it may not be read is kept in mind. */
static int file_in(struct least *least, const char *root, const char *folder, const char *name,
                   char *text, size_t size)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int code = tc_reading_file(root, path, text, size);
    if (code == -EACCES || code == -EPERM)
        least->code = code;
    return code;
}

static void visit_pids(void *context, const char *root, const char *folder)
{
    char text[64];
    if (file_in(context, root, folder, "pids.max", text, sizeof text) == 0)
        note(context, strncmp(text, "max", 3) != 0, strtod(text, NULL));
}

/* Version 2: "QUOTA PERIOD", with max for no quota. Version 1: a file each, -1 for no quota. */
static void visit_quota(void *context, const char *root, const char *folder)
{
    char text[64], other[64], *end;
    double quota, period = 0;
    if (file_in(context, root, folder, "cpu.max", text, sizeof text) == 0) {
        quota = strncmp(text, "max", 3) == 0 ? -1 : strtod(text, &end);
        period = quota > 0 ? strtod(end, NULL) : 1;
    } else if (file_in(context, root, folder, "cpu.cfs_quota_us", text, sizeof text) == 0 &&
               file_in(context, root, folder, "cpu.cfs_period_us", other, sizeof other) == 0) {
        quota = strtod(text, NULL);
        period = strtod(other, NULL);
    }
    if (period > 0)
        note(context, quota > 0, quota / period);
}

static tc_json *least_value(const struct least *least, bool whole)
{
    if (!least->seen)
        return tc_reading_failed(-least->code);
    if (!least->limited)
        return tcj_string("unlimited");
    return whole ? tcj_integer((int64_t)least->value) : tcj_number(least->value);
}

static tc_json *read_cgroup_pids(const char *root)
{
    struct least least = {0};
    tc_cgroup_each(root, "", visit_pids, &least);
    tc_cgroup_each(root, "pids", visit_pids, &least);
    return least_value(&least, true);
}

/* Of the innermost group that says; until then, why the last one did not. */
static void visit_throttled(void *context, const char *root, const char *folder)
{
    tc_json **found = context;
    char path[4200];
    int64_t count;
    bool hidden = false;
    snprintf(path, sizeof path, "%s/cpu.stat", folder);
    tc_json *field = tc_reading_field(root, path, "nr_throttled");
    tcj_read_bool(tcj_get(*found, "not_permitted"), &hidden);
    if (tcj_read_integer(*found, &count) || (hidden && !tcj_read_integer(field, &count))) {
        tcj_free(field);
        return;
    }
    tcj_free(*found);
    *found = field;
}

tc_json *environment_cgroup_now(const char *root)
{
    tc_json *out = tcj_object(), *throttled = tc_reading_absent();
    tc_cgroup_each(root, "", visit_throttled, &throttled);
    tc_cgroup_each(root, "cpu", visit_throttled, &throttled);
    tcj_set(out, "throttled_periods", throttled);
    return out;
}

tc_json *environment_cgroup(const char *root)
{
    struct least quota = {0};
    tc_json *out = environment_cgroup_now(root);
    tc_cgroup_each(root, "", visit_quota, &quota);
    tc_cgroup_each(root, "cpu", visit_quota, &quota);
    tcj_set(out, "cpu_quota", least_value(&quota, false));
    return out;
}

tc_json *environment_limits(const char *root)
{
    tc_json *out = tcj_object();
    tcj_set(out, "processes", read_limit(RLIMIT_NPROC));
    tcj_set(out, "files", read_limit(RLIMIT_NOFILE));
    tcj_set(out, "locked_memory_bytes", read_limit(RLIMIT_MEMLOCK));
    tcj_set(out, "stack_bytes", read_limit(RLIMIT_STACK));
    tcj_set(out, "address_space_bytes", read_limit(RLIMIT_AS));
    tcj_set(out, "threads_max", tc_reading_line(root, "/proc/sys/kernel/threads-max"));
    tcj_set(out, "pid_max", tc_reading_line(root, "/proc/sys/kernel/pid_max"));
    tcj_set(out, "max_map_count", tc_reading_line(root, "/proc/sys/vm/max_map_count"));
    tcj_set(out, "cgroup_pids", read_cgroup_pids(root));
    return out;
}
