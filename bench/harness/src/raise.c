/* SPDX-License-Identifier: MIT
 *
 * Raising limits and putting them back; see harness/raise.h. The journal is made before the first
 * change, exclusively, so that of two programs one is refused; it goes after the last value is
 * back.
 */
#include "harness/raise.h"

#include "harness/json.h"
#include "harness/limits.h"
#include "harness/reading.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* -- what could be raised -- */

/* Of the machine: to what the kernel allows on 64 bits (pid_max), as many threads, and two mappings
 * for each with some to spare. */
static const struct {
    const char *name, *path;
    unsigned long long value;
} sysctls[] = {
    {"kernel.pid_max", "/proc/sys/kernel/pid_max", 4194304},
    {"kernel.threads-max", "/proc/sys/kernel/threads-max", 4194304},
    {"vm.max_map_count", "/proc/sys/vm/max_map_count", 2 * 4194304 + 65536},
};

/* Not the stack: a larger soft limit would only make each thread's default stack larger. */
static const struct {
    const char *name, *label;
    int resource;
} resources[] = {
    {"RLIMIT_NPROC", "Max processes", RLIMIT_NPROC},
    {"RLIMIT_NOFILE", "Max open files", RLIMIT_NOFILE},
    {"RLIMIT_AS", "Max address space", RLIMIT_AS},
    {"RLIMIT_DATA", "Max data size", RLIMIT_DATA},
};

static struct tc_raise *add(struct tc_raises *raises, const char *name, const char *path,
                            bool permitted)
{
    MUST(raises->count < TC_RAISES_MAX);
    struct tc_raise *raise = &raises->items[raises->count++];
    *raise = (struct tc_raise){.permitted = permitted};
    snprintf(raise->name, sizeof raise->name, "%s", name);
    snprintf(raise->path, sizeof raise->path, "%s", path);
    return raise;
}

/* "Max processes   96365   unlimited   processes": the two values. */
static void plan_resource(struct tc_raises *raises, const char *limits, size_t which)
{
    char soft[32], hard[32];
    const char *line = strstr(limits, resources[which].label);
    if (!line || sscanf(line + strlen(resources[which].label), "%31s %31s", soft, hard) != 2 ||
        strcmp(soft, hard) == 0)
        return;
    struct tc_raise *raise = add(raises, resources[which].name, "", true);
    snprintf(raise->old, sizeof raise->old, "%s", soft);
    snprintf(raise->new, sizeof raise->new, "%s", hard);
}

static bool may_write(const char *root, const char *path)
{
    char whole[4096];
    snprintf(whole, sizeof whole, "%s%s", root, path);
    return access(whole, W_OK) == 0;
}

static void plan_sysctl(struct tc_raises *raises, const char *root, size_t which)
{
    const char *path = sysctls[which].path;
    char text[64], *end;
    if (tc_reading_file(root, path, text, sizeof text) < 0)
        return;
    unsigned long long value = strtoull(text, &end, 10);
    if (end == text || value >= sysctls[which].value)
        return;
    struct tc_raise *raise = add(raises, sysctls[which].name, path, may_write(root, path));
    snprintf(raise->old, sizeof raise->old, "%llu", value);
    snprintf(raise->new, sizeof raise->new, "%llu", sysctls[which].value);
}

static void plan_groups(struct tc_raises *raises, const char *root)
{
    static struct tc_limits limits; /* too large for some stacks */
    tc_limits_read(&limits, root, TC_RESOURCE(TC_TASKS));
    for (size_t i = 0; i < limits.count; i++) {
        const struct tc_limit *limit = &limits.items[i];
        if (strcmp(limit->name, "cgroup pids.max") != 0 || !isfinite(limit->value) ||
            raises->count == TC_RAISES_MAX)
            continue;
        struct tc_raise *raise =
            add(raises, limit->name, limit->path, may_write(root, limit->path));
        snprintf(raise->old, sizeof raise->old, "%.0f", limit->value);
        snprintf(raise->new, sizeof raise->new, "max");
    }
}

void tc_raise_plan(struct tc_raises *raises, const char *root)
{
    char limits[4096];
    raises->count = 0;
    if (tc_reading_file(root, "/proc/self/limits", limits, sizeof limits) == 0)
        for (size_t i = 0; i < TC_COUNT_OF(resources); i++)
            plan_resource(raises, limits, i);
    for (size_t i = 0; i < TC_COUNT_OF(sysctls); i++)
        plan_sysctl(raises, root, i);
    plan_groups(raises, root);
}

/* -- setting -- */

static int set_file(const char *root, const char *path, const char *value)
{
    char whole[4096];
    snprintf(whole, sizeof whole, "%s%s", root, path);
    int fd = open(whole, O_WRONLY | O_CLOEXEC | O_TRUNC);
    if (fd < 0)
        return -errno;
    ssize_t written = write(fd, value, strlen(value));
    int code = written < 0 ? -errno : written == (ssize_t)strlen(value) ? 0 : -EIO;
    return close(fd) < 0 && code == 0 ? -errno : code;
}

/* Of this process; values are those of /proc/self/limits. */
static int set_resource(const char *name, const char *value)
{
    for (size_t i = 0; i < TC_COUNT_OF(resources); i++) {
        struct rlimit limit;
        if (strcmp(resources[i].name, name) != 0)
            continue;
        if (getrlimit((__rlimit_resource_t)resources[i].resource, &limit) < 0)
            return -errno;
        limit.rlim_cur =
            strcmp(value, "unlimited") == 0 ? RLIM_INFINITY : (rlim_t)strtoull(value, NULL, 10);
        return setrlimit((__rlimit_resource_t)resources[i].resource, &limit) < 0 ? -errno : 0;
    }
    return -EINVAL;
}

static int set_value(const struct tc_raise *raise, const char *root, const char *value)
{
    if (*raise->path)
        return set_file(root, raise->path, value);
    return *root ? 0 : set_resource(raise->name, value);
}

/* -- the journal -- */

static tc_json *journal_of(const struct tc_raises *raises)
{
    tc_json *out = tcj_object(), *changes = tcj_array();
    for (size_t i = 0; i < raises->count; i++) {
        const struct tc_raise *raise = &raises->items[i];
        if (!*raise->path || !raise->permitted)
            continue;
        tc_json *change = tcj_object();
        tcj_set(change, "name", tcj_string(raise->name));
        tcj_set(change, "path", tcj_string(raise->path));
        tcj_set(change, "old", tcj_string(raise->old));
        tcj_set(change, "new", tcj_string(raise->new));
        tcj_append(changes, change);
    }
    tcj_set(out, "process", tcj_integer(getpid()));
    tcj_set(out, "changes", changes);
    return out;
}

static void journal_path(char *path, size_t size, const char *root)
{
    snprintf(path, size, "%s%s", root, TC_RAISE_JOURNAL);
}

/* The process that wrote it, if it is alive and not this one; else 0. */
static pid_t other_owner(const tc_json *journal)
{
    int64_t process = 0;
    if (!tcj_read_integer(tcj_get(journal, "process"), &process) || process <= 0 ||
        process == getpid())
        return 0;
    return kill((pid_t)process, 0) == 0 || errno == EPERM ? (pid_t)process : 0;
}

static int explain_journal(const char *path, const tc_json *journal, struct tc_error *err)
{
    pid_t owner = other_owner(journal);
    if (owner)
        return tc_fail(err, -EBUSY,
                       "process %d has raised the limits and will put them back (%s); wait until "
                       "it has ended",
                       (int)owner, path);
    return tc_fail(err, -EBUSY,
                   "an earlier run was ended before it had put the limits back (%s); `taskcost "
                   "limit --restore` does",
                   path);
}

static int refuse(const char *path, struct tc_error *err)
{
    tc_json *other = tcj_load(path, NULL);
    int code = explain_journal(path, other, err);
    tcj_free(other);
    return code;
}

/* Nothing is written where nothing of the machine will be changed. */
static int write_journal(const tc_json *journal, const char *root, struct tc_error *err)
{
    char path[4096];
    journal_path(path, sizeof path, root);
    if (tcj_size(tcj_get(journal, "changes")) == 0)
        return access(path, F_OK) == 0 ? refuse(path, err) : 0;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0 && errno == EEXIST)
        return refuse(path, err);
    if (fd < 0)
        return tc_fail(err, -errno,
                       "'%s' cannot be written: %s; without that note nothing is changed", path,
                       strerror(errno));
    close(fd);
    int code = tcj_save(journal, path, err);
    if (code < 0)
        unlink(path);
    return code;
}

/* -- raising and putting back -- */

int tc_raise_apply(struct tc_raises *raises, const char *root, struct tc_error *err)
{
    tc_json *journal = journal_of(raises);
    int code = write_journal(journal, root, err);
    tcj_free(journal);
    if (code < 0)
        return code;
    for (size_t i = 0; i < raises->count; i++) {
        const struct tc_raise *raise = &raises->items[i];
        if (!raise->permitted || (code = set_value(raise, root, raise->new)) == 0)
            continue;
        tc_fail(err, code, "%s could not be set to %s: %s; what was raised before it is put back",
                *raise->path ? raise->path : raise->name, raise->new, strerror(-code));
        struct tc_error undo;
        size_t count;
        if (tc_raise_undo(raises, root, &count, &undo) < 0)
            tc_fail(err, code, "%s could not be set to %s, and %.600s", raise->name, raise->new,
                    undo.text);
        return code;
    }
    return 0;
}

/* In reverse order. Returns what could not be put back. */
static tc_json *put_back(const tc_json *changes, const char *root, size_t *count, char *failed,
                         size_t size)
{
    tc_json *left = tcj_array();
    *count = 0;
    *failed = '\0';
    for (size_t i = tcj_size(changes); i-- > 0;) {
        tc_json *change = tcj_at(changes, i);
        const char *path = tcj_text(tcj_get(change, "path"), ""),
                   *old = tcj_text(tcj_get(change, "old"), "");
        int code = *path && *old ? set_file(root, path, old) : -EINVAL;
        *count += code == 0;
        if (code == 0 || code == -ENOENT) /* a group that is gone has no limit */
            continue;
        size_t used = strlen(failed);
        snprintf(failed + used, size - used, "%s%s (was %s: %s)", used ? ", " : "", path, old,
                 strerror(-code));
        tcj_append(left, tcj_keep(change));
    }
    return left;
}

static int undo_changes(tc_json *journal, const char *root, const char *path, size_t *count,
                        struct tc_error *err)
{
    char failed[600];
    if (!tcj_is_array(tcj_get(journal, "changes")))
        return tc_fail(err, -EINVAL, "'%s' is no note of raised limits; look at it and remove it",
                       path);
    if (other_owner(journal))
        return explain_journal(path, journal, err);
    tc_json *left = put_back(tcj_get(journal, "changes"), root, count, failed, sizeof failed);
    if (tcj_size(left) == 0) {
        tcj_free(left);
        return unlink(path) < 0
                   ? tc_fail(err, -errno, "'%s' cannot be removed: %s", path, strerror(errno))
                   : 0;
    }
    tcj_set(journal, "changes", left);
    tcj_save(journal, path, NULL);
    return tc_fail(err, -EIO, "not put back: %s; %s keeps the old values", failed, path);
}

/* What the journal says, if it is there; it keeps what could not be put back. */
static int undo_journal(const char *root, size_t *count, struct tc_error *err)
{
    char path[4096];
    struct stat status = {0};
    journal_path(path, sizeof path, root);
    *count = 0;
    if (stat(path, &status) < 0 && errno == ENOENT)
        return 0;
    if (status.st_size == 0) { /* made, and nothing was changed yet */
        unlink(path);
        return 0;
    }
    tc_json *journal = tcj_load(path, err);
    int code = journal ? undo_changes(journal, root, path, count, err) : -EINVAL;
    tcj_free(journal);
    return code;
}

int tc_raise_undo(const struct tc_raises *raises, const char *root, size_t *count,
                  struct tc_error *err)
{
    for (size_t i = 0; raises && i < raises->count; i++)
        if (!*raises->items[i].path)
            set_value(&raises->items[i], root, raises->items[i].old);
    return undo_journal(root, count, err);
}
