/* SPDX-License-Identifier: MIT
 *
 * The limits and what is used of them. Everything comes from files below `root`, resource limits
 * too (/proc/self/limits), so that a stored machine gives the same answers as a live one. Nothing
 * is allocated but what opendir() needs: who asks may have been refused memory a moment ago.
 */
#include "harness/limits.h"

#include "limits_usage.h"

#include "base/status.h"
#include "harness/cgroup.h"
#include "harness/reading.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct tc_limit *add(struct tc_limits *limits, const char *name, const char *path,
                            enum tc_resource resource, double value, double used)
{
    if (isnan(value) || isnan(used) || limits->count == TC_LIMITS_MAX)
        return NULL;
    struct tc_limit *limit = &limits->items[limits->count++];
    *limit = (struct tc_limit){.resource = resource, .value = value, .used = used};
    snprintf(limit->name, sizeof limit->name, "%s", name);
    snprintf(limit->path, sizeof limit->path, "%s", path);
    return limit;
}

double tc_soft_limit(const char *root, const char *name)
{
    char text[4096];
    if (tc_reading_file(root, "/proc/self/limits", text, sizeof text) < 0)
        return NAN;
    const char *line = strstr(text, name);
    if (!line)
        return NAN;
    line += strlen(name);
    line += strspn(line, " ");
    return strncmp(line, "unlimited", 9) == 0 ? INFINITY : strtod(line, NULL);
}

/* -- control groups: every parent's limit binds -- */

/* Which limit of a hierarchy, and what is used of it. */
struct group_limit {
    struct tc_limits *limits;
    const char *file, *used_file, *cache_key; /* the page cache can be taken back */
    enum tc_resource resource;
};

/* "no limit" is max in version 2 and the largest number of pages in version 1. */
static double group_value(double value)
{
    return value >= 0x1p62 ? INFINITY : value;
}

static void visit_group(void *context, const char *root, const char *folder)
{
    const struct group_limit *group = context;
    char path[512], other[512], name[64];
    if (snprintf(path, sizeof path, "%s/%s", folder, group->file) >= (int)sizeof path ||
        snprintf(other, sizeof other, "%s/%s", folder, group->used_file) >= (int)sizeof other)
        return;
    double value = group_value(tc__read_number(root, path)), used = tc__read_number(root, other);
    if (group->cache_key &&
        snprintf(other, sizeof other, "%s/memory.stat", folder) < (int)sizeof other)
        used -= fmax(0, tc__read_field(root, other, group->cache_key));
    snprintf(name, sizeof name, "cgroup %s", group->file);
    struct tc_limit *limit = add(group->limits, name, path, group->resource, value, used);
    if (limit && group->resource == TC_MEMORY)
        limit->reserve = fmax(value / 16, 16 << 20);
}

static void add_groups(struct tc_limits *limits, const char *root, unsigned resources)
{
    const struct {
        const char *controller;
        struct group_limit limit;
    } kinds[] = {
        {"", {limits, "pids.max", "pids.current", NULL, TC_TASKS}},
        {"pids", {limits, "pids.max", "pids.current", NULL, TC_TASKS}},
        {"", {limits, "memory.max", "memory.current", "inactive_file", TC_MEMORY}},
        {"memory",
         {limits, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file",
          TC_MEMORY}},
    };
    for (size_t i = 0; i < TC_COUNT_OF(kinds); i++)
        if (resources & TC_RESOURCE(kinds[i].limit.resource))
            tc_cgroup_each(root, kinds[i].controller, visit_group, (void *)&kinds[i].limit);
}

/* -- the process, its user, the machine -- */

static void add_sysctl(struct tc_limits *limits, const char *root, const char *name,
                       const char *path, enum tc_resource resource, double used)
{
    add(limits, name, path, resource, tc__read_number(root, path), used);
}

static void add_tasks(struct tc_limits *limits, const char *root)
{
    double reserved = tc__reserved_pids(root);
    struct tc__threads threads = tc__count_threads(root, reserved);
    if (tc__is_bound_by_nproc(root))
        add(limits, "RLIMIT_NPROC", "", TC_TASKS, tc_soft_limit(root, "Max processes"),
            threads.of_user);
    add_sysctl(limits, root, "kernel.threads-max", "/proc/sys/kernel/threads-max", TC_TASKS,
               tc__threads_of_machine(root));
    /* What has a number that is not given out again takes none of the others. */
    add_sysctl(limits, root, "kernel.pid_max", "/proc/sys/kernel/pid_max", TC_TASKS,
               threads.all - threads.below_reserved + reserved);
}

static void add_bytes(struct tc_limits *limits, const char *root, const double *usage)
{
    static const char meminfo[] = "/proc/meminfo";
    double total = tc__read_field(root, meminfo, "MemTotal");
    add(limits, "RLIMIT_AS", "", TC_ADDRESS, tc_soft_limit(root, "Max address space"),
        usage[TC_ADDRESS]);
    add(limits, "address space", "", TC_ADDRESS, tc__address_space(root), usage[TC_ADDRESS]);
    add(limits, "RLIMIT_DATA", "", TC_COMMITTED, tc_soft_limit(root, "Max data size"),
        usage[TC_COMMITTED]);
    if (tc__read_number(root, "/proc/sys/vm/overcommit_memory") == 2)
        add(limits, "CommitLimit", "/proc/sys/vm/overcommit_ratio", TC_COMMITTED,
            tc__read_field(root, meminfo, "CommitLimit"),
            tc__read_field(root, meminfo, "Committed_AS"));
    struct tc_limit *memory = add(limits, "memory", "", TC_MEMORY, total,
                                  total - tc__read_field(root, meminfo, "MemAvailable"));
    if (memory)
        memory->reserve = fmax(total / 16, 128 << 20);
}

static void add_files(struct tc_limits *limits, const char *root, const double *usage)
{
    add(limits, "RLIMIT_NOFILE", "", TC_FILES, tc_soft_limit(root, "Max open files"),
        usage[TC_FILES]);
    add_sysctl(limits, root, "fs.file-max", "/proc/sys/fs/file-max", TC_FILES,
               tc__read_number(root, "/proc/sys/fs/file-nr"));
}

static void drop_others(struct tc_limits *limits, unsigned resources)
{
    size_t kept = 0;
    for (size_t i = 0; i < limits->count; i++)
        if (resources & TC_RESOURCE(limits->items[i].resource))
            limits->items[kept++] = limits->items[i];
    limits->count = kept;
}

void tc_limits_read(struct tc_limits *limits, const char *root, unsigned resources)
{
    double usage[TC_RESOURCES];
    limits->count = 0;
    tc__usage_of(usage, root, resources);
    if (resources & TC_RESOURCE(TC_TASKS))
        add_tasks(limits, root);
    if (resources & TC_RESOURCE(TC_MAPS))
        add_sysctl(limits, root, "vm.max_map_count", "/proc/sys/vm/max_map_count", TC_MAPS,
                   usage[TC_MAPS]);
    if (resources & TC_BYTE_RESOURCES)
        add_bytes(limits, root, usage);
    if (resources & TC_RESOURCE(TC_FILES))
        add_files(limits, root, usage);
    add_groups(limits, root, resources);
    drop_others(limits, resources);
}

/* -- asking -- */

double tc_limit_room(const struct tc_limit *limit)
{
    return isfinite(limit->value) ? limit->value - limit->used - limit->reserve : INFINITY;
}

const struct tc_limit *tc_limits_first(const struct tc_limits *limits,
                                       const double needs[TC_RESOURCES], double *more)
{
    const struct tc_limit *first = NULL;
    *more = INFINITY;
    for (size_t i = 0; i < limits->count; i++) {
        double need = needs[limits->items[i].resource];
        if (!(need > 0))
            continue;
        double fit = floor(fmax(0, tc_limit_room(&limits->items[i])) / need);
        if (fit < *more) {
            first = &limits->items[i];
            *more = fit;
        }
    }
    return first;
}

const struct tc_limit *tc_limits_tightest(const struct tc_limits *limits, unsigned resources)
{
    const struct tc_limit *tightest = NULL;
    for (size_t i = 0; i < limits->count; i++) {
        const struct tc_limit *limit = &limits->items[i];
        if ((resources & TC_RESOURCE(limit->resource)) && isfinite(limit->value) &&
            (!tightest || tc_limit_room(limit) < tc_limit_room(tightest)))
            tightest = limit;
    }
    return tightest;
}

const struct tc_limit *tc_limits_find(const struct tc_limits *limits, const char *name)
{
    for (size_t i = 0; i < limits->count; i++)
        if (strcmp(limits->items[i].name, name) == 0)
            return &limits->items[i];
    return NULL;
}
