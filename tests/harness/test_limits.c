/* SPDX-License-Identifier: MIT
 *
 * Limits of made-up machines: every limit is read from its file with what is used of it, the one
 * that stops first is found, and so is the one that had no room.
 */
#include "harness/limits.h"

#include "fake_root.h"
#include "test_main.h"

#include <math.h>

static struct tc_limits limits;

static void read_all(void)
{
    tc_limits_read(&limits, root, TC_ALL_RESOURCES);
}

static void assert_limit(const char *name, double value, double used)
{
    const struct tc_limit *limit = tc_limits_find(&limits, name);
    if (!limit)
        fail_msg("%s was not read", name);
    assert_true(limit->value == value);
    assert_true(limit->used == used);
}

static void put_process(const char *path, const char *user, const char *threads)
{
    char text[256];
    snprintf(text, sizeof text, "Name:\tx\nUid:\t%s\t%s\t%s\t%s\nThreads:\t%s\n", user, user, user,
             user, threads);
    put(path, text);
}

/* A user's process on a machine with little of everything. */
static void put_machine(void)
{
    put("/proc/self/status", "Name:\tme\nUid:\t1000\t1000\t1000\t1000\nVmSize:\t    1000 kB\n"
                             "VmRSS:\t     400 kB\nVmData:\t     200 kB\nVmPTE:\t      40 kB\n"
                             "Threads:\t1\nCapEff:\t0000000000000000\n");
    put("/proc/self/limits",
        "Limit                     Soft Limit           Hard Limit           Units     \n"
        "Max data size             unlimited            unlimited            bytes     \n"
        "Max stack size            8388608              unlimited            bytes     \n"
        "Max processes             500                  600                  processes \n"
        "Max open files            1024                 4096                 files     \n"
        "Max address space         104857600            unlimited            bytes     \n");
    put("/proc/self/uid_map", "         0          0 4294967295\n");
    put("/proc/self/maps", "55d0c0000000-55d0c0001000 r-xp 00000000 00:00 0 /bin/x\n"
                           "7fff12340000-7fff12361000 rw-p 00000000 00:00 0 [stack]\n"
                           "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\n");
    put("/proc/self/fd/0", "");
    put("/proc/self/fd/1", "");
    put("/proc/sys/kernel/pid_max", "32768\n");
    put("/proc/sys/kernel/threads-max", "20000\n");
    put("/proc/sys/kernel/ns_last_pid", "4711\n");
    put("/proc/sys/vm/max_map_count", "65530\n");
    put("/proc/sys/vm/overcommit_memory", "0\n");
    put("/proc/sys/fs/file-max", "100000\n");
    put("/proc/sys/fs/file-nr", "300\t0\t100000\n");
    put("/proc/loadavg", "0.10 0.20 0.30 2/150 4711\n");
    put("/proc/meminfo", "MemTotal:       16384000 kB\nMemAvailable:    8192000 kB\n"
                         "SUnreclaim:        1000 kB\nKernelStack:        500 kB\n"
                         "CommitLimit:     9000000 kB\nCommitted_AS:    1000000 kB\n");
    put_process("/proc/1/status", "0", "1");
    put_process("/proc/250/status", "0", "1");
    put_process("/proc/4000/status", "1000", "7");
    put_process("/proc/4711/status", "1000", "1");
}

static int setup(void **state)
{
    int code = make_root(state);
    put_machine();
    return code;
}

static void every_limit_has_its_value_and_its_usage(void **state)
{
    (void)state;
    read_all();
    assert_limit("RLIMIT_NPROC", 500, 8);
    assert_limit("kernel.threads-max", 20000, 150);
    assert_limit("kernel.pid_max", 32768, 308); /* 300 are reserved, and two processes are there */
    assert_limit("vm.max_map_count", 65530, 2);
    assert_limit("RLIMIT_AS", 104857600, 1024000);
    assert_limit("RLIMIT_DATA", INFINITY, 204800);
    assert_limit("address space", 0x1p47, 1024000);
    assert_limit("RLIMIT_NOFILE", 1024, 2);
    assert_limit("fs.file-max", 100000, 300);
    assert_limit("memory", 16384000 * 1024.0, 8192000 * 1024.0);
    assert_null(tc_limits_find(&limits, "CommitLimit"));
    assert_true(tc_soft_limit(root, "Max stack size") == 8388608);
    assert_true(isnan(tc_soft_limit(root, "Max nothing")));
}

static void what_a_process_has(void **state)
{
    (void)state;
    double usage[TC_RESOURCES];
    tc_usage_read(usage, root);
    assert_true(usage[TC_TASKS] == 1);
    assert_true(usage[TC_MAPS] == 2);
    assert_true(usage[TC_ADDRESS] == 1024000);
    assert_true(usage[TC_COMMITTED] == 204800);
    assert_true(usage[TC_MEMORY] == (400 + 40 + 500 + 1000) * 1024);
    assert_true(usage[TC_FILES] == 2);
}

static void only_what_is_asked_for_is_read(void **state)
{
    (void)state;
    tc_limits_read(&limits, root, TC_RESOURCE(TC_MEMORY));
    assert_int_equal(limits.count, 1);
    assert_string_equal(limits.items[0].name, "memory");
}

static void an_empty_machine_has_no_limits(void **state)
{
    (void)state;
    double usage[TC_RESOURCES];
    tc_limits_read(&limits, "/nowhere", TC_ALL_RESOURCES);
    assert_int_equal(limits.count, 0);
    tc_usage_read(usage, "/nowhere");
    for (int i = 0; i < TC_RESOURCES; i++)
        assert_true(isnan(usage[i]));
}

/* -- who is bound by RLIMIT_NPROC -- */

static void assert_bound(const char *uid, const char *capabilities, const char *map, bool bound)
{
    char text[256];
    snprintf(text, sizeof text, "Uid:\t%s\nThreads:\t1\nCapEff:\t%s\n", uid, capabilities);
    put("/proc/self/status", text);
    put("/proc/self/uid_map", map);
    tc_limits_read(&limits, root, TC_RESOURCE(TC_TASKS));
    assert_true((tc_limits_find(&limits, "RLIMIT_NPROC") != NULL) == bound);
}

static void the_superuser_is_not_bound_by_nproc(void **state)
{
    static const char everybody[] = "0 0 4294967295\n", nested[] = "0 100000 65536\n";
    (void)state;
    assert_bound("1000", "0000000000000000", everybody, true);
    assert_bound("0", "0000000000000000", everybody, false);
    assert_bound("1000", "0000000000200000", everybody, false); /* CAP_SYS_ADMIN */
    assert_bound("1000", "0000000001000000", everybody, false); /* CAP_SYS_RESOURCE */
    assert_bound("1000", "0000000000100000", everybody, true);
    assert_bound("0", "000001ffffffffff", nested, true);
}

/* -- control groups -- */

static void every_parent_limits_in_version_1(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "8:pids:/a/b\n4:memory:/m\n0::/\n");
    put("/sys/fs/cgroup/pids/a/b/pids.max", "max\n");
    put("/sys/fs/cgroup/pids/a/b/pids.current", "3\n");
    put("/sys/fs/cgroup/pids/a/pids.max", "70\n");
    put("/sys/fs/cgroup/pids/a/pids.current", "9\n");
    put("/sys/fs/cgroup/memory/m/memory.limit_in_bytes", "1073741824\n");
    put("/sys/fs/cgroup/memory/m/memory.usage_in_bytes", "104857600\n");
    put("/sys/fs/cgroup/memory/m/memory.stat", "inactive_file 7\ntotal_inactive_file 4857600\n");
    put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    put("/sys/fs/cgroup/memory/memory.usage_in_bytes", "204857600\n");
    read_all();
    const struct tc_limit *tightest = tc_limits_tightest(&limits, TC_RESOURCE(TC_TASKS));
    assert_string_equal(tightest->name, "cgroup pids.max");
    assert_string_equal(tightest->path, "/sys/fs/cgroup/pids/a/pids.max");
    assert_true(tc_limit_room(tightest) == 61);
    tightest = tc_limits_tightest(&limits, TC_RESOURCE(TC_MEMORY));
    assert_string_equal(tightest->name, "cgroup memory.limit_in_bytes");
    assert_true(tightest->used == 100000000);
    assert_true(tightest->reserve == 1073741824 / 16);
}

static void every_parent_limits_in_version_2(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "0::/slice/service\n");
    put("/sys/fs/cgroup/slice/service/pids.max", "100\n");
    put("/sys/fs/cgroup/slice/service/pids.current", "10\n");
    put("/sys/fs/cgroup/slice/pids.max", "95\n");
    put("/sys/fs/cgroup/slice/pids.current", "20\n");
    put("/sys/fs/cgroup/slice/service/memory.max", "max\n");
    put("/sys/fs/cgroup/slice/service/memory.current", "1000\n");
    put("/sys/fs/cgroup/slice/memory.max", "104857600\n");
    put("/sys/fs/cgroup/slice/memory.current", "1000\n");
    read_all();
    const struct tc_limit *tightest = tc_limits_tightest(&limits, TC_RESOURCE(TC_TASKS));
    assert_string_equal(tightest->path, "/sys/fs/cgroup/slice/pids.max");
    assert_true(tc_limit_room(tightest) == 75);
    tightest = tc_limits_tightest(&limits, TC_RESOURCE(TC_MEMORY));
    assert_string_equal(tightest->path, "/sys/fs/cgroup/slice/memory.max");
    assert_true(tightest->reserve == 16 << 20);
}

/* -- the first to be met -- */

static void assert_first(const double needs[TC_RESOURCES], const char *name, double fits)
{
    double more = -1;
    const struct tc_limit *first = tc_limits_first(&limits, needs, &more);
    assert_string_equal(first ? first->name : "none", name);
    assert_true(more == fits);
}

static void the_first_limit_depends_on_what_a_task_takes(void **state)
{
    (void)state;
    read_all();
    const double thread[TC_RESOURCES] = {
        [TC_TASKS] = 1, [TC_MAPS] = 2, [TC_ADDRESS] = 65536, [TC_MEMORY] = 32768};
    assert_first(thread, "RLIMIT_NPROC", 492);
    const double large_stack[TC_RESOURCES] = {[TC_TASKS] = 1, [TC_ADDRESS] = 8392704};
    assert_first(large_stack, "RLIMIT_AS", 12);
    const double mapped[TC_RESOURCES] = {[TC_MAPS] = 2};
    assert_first(mapped, "vm.max_map_count", 32764);
    const double task[TC_RESOURCES] = {[TC_MEMORY] = 100, [TC_MAPS] = NAN, [TC_ADDRESS] = -5};
    assert_first(task, "memory", floor((8192000 - 16384000 / 16) * 1024.0 / 100));
    const double nothing[TC_RESOURCES] = {0};
    assert_first(nothing, "none", INFINITY);
    const double socket[TC_RESOURCES] = {[TC_FILES] = 2};
    assert_first(socket, "RLIMIT_NOFILE", 511);
}

static void the_commit_limit_counts_where_overcommitting_is_off(void **state)
{
    (void)state;
    put("/proc/sys/vm/overcommit_memory", "2\n");
    put("/proc/meminfo", "MemTotal: 16384000 kB\nMemAvailable: 8192000 kB\n"
                         "CommitLimit: 2000 kB\nCommitted_AS: 1000 kB\n");
    read_all();
    const double needs[TC_RESOURCES] = {[TC_COMMITTED] = 1024};
    assert_first(needs, "CommitLimit", 1000);
}

static void what_is_used_up_has_no_room(void **state)
{
    (void)state;
    put("/proc/loadavg", "0 0 0 2/20100 4711\n");
    read_all();
    const double thread[TC_RESOURCES] = {[TC_TASKS] = 1};
    assert_first(thread, "kernel.threads-max", 0);
    assert_string_equal(tc_limits_tightest(&limits, TC_RESOURCE(TC_TASKS))->name,
                        "kernel.threads-max");
}

#define ON_THIS_MACHINE(test) cmocka_unit_test_setup_teardown(test, setup, remove_root)

static const struct CMUnitTest tests[] = {
    ON_THIS_MACHINE(every_limit_has_its_value_and_its_usage),
    ON_THIS_MACHINE(what_a_process_has),
    ON_THIS_MACHINE(only_what_is_asked_for_is_read),
    ON_THIS_MACHINE(an_empty_machine_has_no_limits),
    ON_THIS_MACHINE(the_superuser_is_not_bound_by_nproc),
    ON_THIS_MACHINE(every_parent_limits_in_version_1),
    ON_THIS_MACHINE(every_parent_limits_in_version_2),
    ON_THIS_MACHINE(the_first_limit_depends_on_what_a_task_takes),
    ON_THIS_MACHINE(the_commit_limit_counts_where_overcommitting_is_off),
    ON_THIS_MACHINE(what_is_used_up_has_no_room),
};
TEST_MAIN(tests)
