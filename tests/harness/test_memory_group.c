/* SPDX-License-Identifier: MIT
 *
 * Memory cgroups: where one may be made, read from folders laid out as the kernel lays them out.
 * Entering needs a kernel that permits it: tests/cli/memory.bats does, where it does.
 */
#include "test_main.h"

#include "harness/memory_group.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64];

static int make_root(void **state)
{
    (void)state;
    snprintf(root, sizeof root, "/tmp/taskcost-group-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", root);
    return system(command);
}

#define CGROUPS "/sys/fs/cgroup"

/* A file below the root, or below its cgroups if the path is relative, with its folders. */
static void put(const char *path, const char *text)
{
    char name[512];
    snprintf(name, sizeof name, "%s%s%s", root, *path == '/' ? "" : CGROUPS "/", path);
    for (char *slash = name + strlen(root); (slash = strchr(slash + 1, '/'));) {
        *slash = '\0';
        mkdir(name, 0755);
        *slash = '/';
    }
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static int place(const char *memberships, struct tc_memory_group *group, struct tc_error *err)
{
    put("/proc/self/cgroup", memberships);
    return tc_memory_group_place(group, root, err);
}

static void assert_group(const char *path, const char *expected)
{
    char full[128];
    snprintf(full, sizeof full, "%s" CGROUPS "%s", root, expected);
    assert_string_equal(path, full);
}

static void test_version_1_below_the_own_group(void **state)
{
    struct tc_memory_group group;
    struct tc_error err;
    (void)state;
    put("memory/jobs/7/memory.usage_in_bytes", "4096\n");
    assert_int_equal(place("8:pids:/\n4:cpu,memory:/jobs/7\n0::/\n", &group, &err), 0);
    assert_int_equal(group.version, 1);
    assert_group(group.home, "/memory/jobs/7");
    assert_group(group.parent, "/memory/jobs/7");
}

static void test_version_2_in_the_root(void **state)
{
    struct tc_memory_group group;
    struct tc_error err;
    (void)state;
    put("cgroup.controllers", "cpu memory pids\n");
    put("cgroup.subtree_control", "cpu memory pids\n");
    assert_int_equal(place("0::/\n", &group, &err), 0);
    assert_int_equal(group.version, 2);
    assert_group(group.parent, "");
}

static void lay_out_scope(const char *memory_max, const char *pids_max)
{
    put("cgroup.controllers", "cpu memory pids\n");
    put("user/app/cgroup.subtree_control", "memory pids\n");
    put("user/app/one.scope/cgroup.subtree_control", "\n");
    put("user/app/one.scope/memory.current", "4096\n");
    put("user/app/one.scope/memory.max", memory_max);
    put("user/app/one.scope/pids.max", pids_max);
}

static void test_version_2_beside_a_group_without_limits(void **state)
{
    struct tc_memory_group group;
    struct tc_error err;
    (void)state;
    lay_out_scope("max\n", "max\n");
    assert_int_equal(place("0::/user/app/one.scope\n", &group, &err), 0);
    assert_int_equal(group.version, 2);
    assert_group(group.home, "/user/app/one.scope");
    assert_group(group.parent, "/user/app");
}

static void test_version_2_escapes_no_limit(void **state)
{
    static const char *const limits[][2] = {{"1000000\n", "max\n"}, {"max\n", "100\n"}};
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(limits); i++) {
        struct tc_memory_group group;
        struct tc_error err;
        lay_out_scope(limits[i][0], limits[i][1]);
        assert_int_equal(place("0::/user/app/one.scope\n", &group, &err), -EPERM);
        assert_non_null(strstr(err.text, "would escape its limits"));
        assert_int_equal(group.version, 0);
    }
}

/* A container sees its own group as the root, and that holds processes. */
static void test_version_2_of_a_container(void **state)
{
    struct tc_memory_group group;
    struct tc_error err;
    (void)state;
    put("cgroup.controllers", "cpu memory pids\n");
    put("cgroup.subtree_control", "\n");
    put("memory.current", "4096\n");
    assert_int_equal(place("0::/\n", &group, &err), -ENOENT);
    assert_int_equal(group.version, 0);
}

static void test_no_memory_controller(void **state)
{
    static const char *const memberships[] = {"", "garbage", "3:cpu:/\n", "4:memory:/gone\n",
                                              "0::/gone\n"};
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(memberships); i++) {
        struct tc_memory_group group;
        struct tc_error err;
        assert_int_equal(place(memberships[i], &group, &err), -ENOENT);
        assert_non_null(strstr(err.text, "no memory cgroup"));
        assert_int_equal(group.version, 0);
    }
}

static void test_a_group_that_cannot_be_entered_is_not_left_behind(void **state)
{
    struct tc_memory_group group;
    struct tc_error err;
    char path[128];
    (void)state;
    put("memory/a/memory.usage_in_bytes", "4096\n");
    put("memory/a/taskcost-99/file", ""); /* not empty, as one with processes */
    assert_int_equal(place("4:memory:/a\n", &group, &err), 0);
    /* A plain folder has no cgroup.procs to write to. */
    assert_int_equal(tc_memory_group_enter(&group, &err), -ENOENT);
    assert_non_null(strstr(err.text, "is not permitted: ENOENT"));
    assert_int_equal(group.version, 0);
    snprintf(path, sizeof path, "%s" CGROUPS "/memory/a/taskcost-%d", root, (int)getpid());
    assert_int_equal(access(path, F_OK), -1);
    snprintf(path, sizeof path, "%s" CGROUPS "/memory/a/taskcost-99", root);
    assert_int_equal(access(path, F_OK), 0);
}

static void test_leftovers_are_removed(void **state)
{
    struct tc_memory_group group;
    struct tc_error err;
    char path[128];
    (void)state;
    put("memory/a/memory.usage_in_bytes", "4096\n");
    snprintf(path, sizeof path, "%s" CGROUPS "/memory/a/taskcost-12", root);
    assert_int_equal(mkdir(path, 0755), 0);
    assert_int_equal(place("4:memory:/a\n", &group, &err), 0);
    assert_int_equal(tc_memory_group_enter(&group, &err), -ENOENT);
    assert_int_equal(access(path, F_OK), -1);
}

static struct tc_group_reading read_of(unsigned version)
{
    struct tc_memory_group group = {.version = version};
    struct tc_group_reading reading;
    snprintf(group.own, sizeof group.own, "%s" CGROUPS "/own", root);
    tc_memory_group_read(&group, &reading);
    return reading;
}

static void test_readings_of_version_1(void **state)
{
    (void)state;
    put("own/memory.usage_in_bytes", "71565312\n");
    put("own/memory.kmem.usage_in_bytes", "54525952\n");
    put("own/memory.stat", "cache 0\nrss_huge 5\nrss 17088512\ntotal_rss 1\n");
    struct tc_group_reading reading = read_of(1);
    assert_true(reading.usage == 71565312 && reading.kernel == 54525952);
    assert_true(reading.anon == 17088512);
    assert_true(isnan(reading.slab) && isnan(reading.percpu));
}

static void test_readings_of_version_2(void **state)
{
    (void)state;
    put("own/memory.current", "1000\n");
    put("own/memory.stat",
        "anon 100\nfile 0\nkernel 700\nkernel_stack 400\npagetables 50\n"
        "percpu 8\nsock 3\nslab_reclaimable 1\nslab_unreclaimable 2\nslab 239\n");
    struct tc_group_reading reading = read_of(2);
    assert_true(reading.usage == 1000 && reading.kernel == 700 && reading.anon == 100);
    assert_true(reading.kernel_stack == 400 && reading.page_tables == 50);
    assert_true(reading.slab == 239 && reading.percpu == 8 && reading.sock == 3);
    /* Before Linux 5.18 there is no sum of the kernel's. */
    put("own/memory.stat", "kernel_stack 400\npagetables 50\npercpu 8\nslab 239\n");
    assert_true(read_of(2).kernel == 697);
}

static void test_absent_readings_are_undefined(void **state)
{
    (void)state;
    put("own/memory.usage_in_bytes", "nonsense\n");
    for (unsigned version = 0; version <= 2; version++) {
        struct tc_group_reading reading = read_of(version);
        assert_true(isnan(reading.usage) && isnan(reading.kernel) && isnan(reading.anon));
    }
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_root, remove_root)

static const struct CMUnitTest tests[] = {
    IN_A_FOLDER(test_version_1_below_the_own_group),
    IN_A_FOLDER(test_version_2_in_the_root),
    IN_A_FOLDER(test_version_2_beside_a_group_without_limits),
    IN_A_FOLDER(test_version_2_escapes_no_limit),
    IN_A_FOLDER(test_version_2_of_a_container),
    IN_A_FOLDER(test_no_memory_controller),
    IN_A_FOLDER(test_a_group_that_cannot_be_entered_is_not_left_behind),
    IN_A_FOLDER(test_leftovers_are_removed),
    IN_A_FOLDER(test_readings_of_version_1),
    IN_A_FOLDER(test_readings_of_version_2),
    IN_A_FOLDER(test_absent_readings_are_undefined),
};
TEST_MAIN(tests)
