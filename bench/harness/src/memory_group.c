/* SPDX-License-Identifier: MIT
 *
 * Making, reading and removing a memory cgroup, over the files that Documentation/admin-guide/
 * cgroup-v1/memory.rst and cgroup-v2.rst of the kernel describe.
 */
#include "harness/memory_group.h"

#include "harness/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUP_PREFIX "taskcost-"

/* -- files -- */

/* A path that would not fit becomes the empty one, which does not exist. */
static const char *join(char *to, const char *folder, const char *name)
{
    if (snprintf(to, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
        to[0] = '\0';
    return to;
}

/* The first line of a file without its end, "" when it can't be read. */
static const char *first_line(const char *folder, const char *name, char *text, int size)
{
    char path[PATH_MAX];
    FILE *file = fopen(join(path, folder, name), "re");
    if (!file || !fgets(text, size, file))
        text[0] = '\0';
    if (file)
        fclose(file);
    text[strcspn(text, "\n")] = '\0';
    return text;
}

static double number(const char *folder, const char *name)
{
    char text[64], *end;
    double value = strtod(first_line(folder, name, text, sizeof text), &end);
    return end > text && *end == '\0' ? value : NAN;
}

/* The number after `key` in a file of "key number" lines. */
static double stat_field(const char *folder, const char *key)
{
    char path[PATH_MAX], line[256];
    double value = NAN;
    size_t length = strlen(key);
    FILE *file = fopen(join(path, folder, "memory.stat"), "re");
    while (file && isnan(value) && fgets(line, sizeof line, file))
        if (strncmp(line, key, length) == 0 && line[length] == ' ')
            value = strtod(line + length, NULL);
    if (file)
        fclose(file);
    return value;
}

static bool has_file(const char *folder, const char *name)
{
    char path[PATH_MAX];
    return access(join(path, folder, name), F_OK) == 0;
}

/* -- where -- */

static bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; (at = strstr(at, word)); at += length)
        if ((at == list || strchr(" ,", at[-1])) && strchr(" ,", at[length]))
            return true;
    return false;
}

struct first {
    char *folder; /* of PATH_MAX; "" until a group is visited */
};

static void keep_first(void *context, const char *root, const char *folder)
{
    struct first *first = context;
    if (*first->folder == '\0' &&
        snprintf(first->folder, PATH_MAX, "%s%s", root, folder) >= PATH_MAX)
        first->folder[0] = '\0';
}

/* The folder of the group that this process is in; false when it is in none of that kind. */
static bool find_own(const char *root, const char *controller, char *folder)
{
    folder[0] = '\0';
    tc_cgroup_each(root, controller, keep_first, &(struct first){folder});
    return *folder;
}

static bool children_have_memory(const char *folder)
{
    char text[256];
    return has_word(first_line(folder, "cgroup.subtree_control", text, sizeof text), "memory");
}

static bool has_no_limit(const char *folder)
{
    static const char *const limits[] = {"memory.max", "memory.high", "memory.swap.max", "pids.max",
                                         "cpu.max"};
    char text[64];
    for (size_t i = 0; i < TC_COUNT_OF(limits); i++)
        if (*first_line(folder, limits[i], text, sizeof text) && strncmp(text, "max", 3) != 0)
            return false;
    return true;
}

static int place_version_2(struct tc_memory_group *group, struct tc_error *err)
{
    snprintf(group->parent, sizeof group->parent, "%s", group->home);
    if (!children_have_memory(group->home)) {
        char *end = strrchr(group->parent, '/');
        *end = '\0'; /* beside it; the first of all is below /sys */
        if (!has_file(group->home, "memory.current") || !children_have_memory(group->parent))
            return tc_fail(err, -ENOENT,
                           "no memory cgroup can be made in %s, which gives children "
                           "no memory controller",
                           group->home);
        if (!has_no_limit(group->home))
            return tc_fail(err, -EPERM, "a cgroup beside %s would escape its limits", group->home);
    }
    group->version = 2;
    return 0;
}

int tc_memory_group_place(struct tc_memory_group *group, const char *root, struct tc_error *err)
{
    *group = (struct tc_memory_group){0};
    if (find_own(root, "memory", group->home) && has_file(group->home, "memory.usage_in_bytes")) {
        memcpy(group->parent, group->home, sizeof group->parent);
        group->version = 1;
        return 0;
    }
    if (find_own(root, "", group->home) && has_file(group->home, "cgroup.subtree_control"))
        return place_version_2(group, err);
    return tc_fail(err, -ENOENT, "there is no memory cgroup below %s/sys/fs/cgroup", root);
}

/* -- entering and leaving -- */

static int move_to(const char *folder)
{
    char path[PATH_MAX];
    int fd = open(join(path, folder, "cgroup.procs"), O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int code = dprintf(fd, "%d\n", (int)getpid()) < 0 ? -errno : 0;
    close(fd);
    return code;
}

/* The kernel removes no group that holds a process, so those of others that run are safe. */
static void remove_leftovers(const char *parent)
{
    DIR *groups = opendir(parent);
    if (!groups)
        return;
    for (struct dirent *entry; (entry = readdir(groups));) {
        char path[PATH_MAX];
        if (strncmp(entry->d_name, GROUP_PREFIX, strlen(GROUP_PREFIX)) == 0)
            rmdir(join(path, parent, entry->d_name));
    }
    closedir(groups);
}

static int refused(struct tc_memory_group *group, int code, struct tc_error *err)
{
    group->version = 0;
    return tc_fail(err, code, "a memory cgroup in %s is not permitted: %s", group->parent,
                   tc_errno_name(code));
}

int tc_memory_group_enter(struct tc_memory_group *group, struct tc_error *err)
{
    char name[64];
    snprintf(name, sizeof name, GROUP_PREFIX "%d", (int)getpid());
    remove_leftovers(group->parent);
    if (mkdir(join(group->own, group->parent, name), 0755) < 0)
        return refused(group, -errno, err);
    int code = move_to(group->own);
    if (code < 0) {
        rmdir(group->own);
        return refused(group, code, err);
    }
    return 0;
}

void tc_memory_group_leave(struct tc_memory_group *group)
{
    if (group->version == 0)
        return;
    if (move_to(group->home) == 0)
        rmdir(group->own);
    group->version = 0;
}

/* -- reading -- */

static void read_version_1(const char *own, struct tc_group_reading *out)
{
    out->usage = number(own, "memory.usage_in_bytes");
    out->kernel = number(own, "memory.kmem.usage_in_bytes");
    out->anon = stat_field(own, "rss");
}

static void read_version_2(const char *own, struct tc_group_reading *out)
{
    out->usage = number(own, "memory.current");
    out->kernel_stack = stat_field(own, "kernel_stack");
    out->page_tables = stat_field(own, "pagetables");
    out->slab = stat_field(own, "slab");
    out->percpu = stat_field(own, "percpu");
    out->sock = stat_field(own, "sock");
    out->anon = stat_field(own, "anon");
    out->kernel = stat_field(own, "kernel"); /* since Linux 5.18 */
    if (isnan(out->kernel))
        out->kernel = out->kernel_stack + out->page_tables + out->slab + out->percpu;
}

void tc_memory_group_read(const struct tc_memory_group *group, struct tc_group_reading *out)
{
    *out = (struct tc_group_reading){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    if (group->version == 1)
        read_version_1(group->own, out);
    else if (group->version == 2)
        read_version_2(group->own, out);
}
