/* SPDX-License-Identifier: MIT
 *
 * The conditions of made-up machines, and the difference of two readings.
 */
#include "harness/conditions.h"

#include "fake_root.h"
#include "test_main.h"

static tc_json *read_cpus(int first, int last)
{
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    for (int cpu = first; cpu <= last; cpu++)
        CPU_SET((size_t)cpu, &cpus);
    return tc_conditions_read(root, &cpus);
}

static void holds(const tc_json *conditions, const char *name, double expected)
{
    assert_number(tcj_get(conditions, name), expected);
}

static void an_empty_machine_has_no_conditions(void **state)
{
    (void)state;
    tc_json *c = read_cpus(0, 3);
    assert_true(tcj_size(c) >= 8);
    for (void *it = tcj_first(c); it; it = tcj_next(c, it))
        assert_state(tcj_value(it), "absent");
    tcj_free(c);
}

static void only_the_cpus_that_are_used_count(void **state)
{
    (void)state;
    put("/proc/stat", "cpu  9 9 9 9 9 9 9 9 9 9\n"
                      "cpu0 100 0 0 0 0 0 0 1 50 0\n"
                      "cpu1 1 2 3 4 5 6 7 8 0 0\n"
                      "cpu10 1 1 1 1 1 1 1 30 0 0\n"
                      "intr 5 5\ncpu1 1 1 1 1 1 1 1 1 1 1\n");
    put("/proc/interrupts", "           CPU0       CPU1       CPU10\n"
                            " 24:          1         10        100  IO-APIC   5-edge      ACPI\n"
                            "NMI:          2         20        200  Non-maskable interrupts\n"
                            "ERR:          7\n");
    tc_json *c = read_cpus(1, 1);
    holds(c, "steal_ticks", 8);
    holds(c, "ticks", 36);
    holds(c, "interrupts", 30);
    tcj_free(c);
    c = read_cpus(1, 10);
    holds(c, "steal_ticks", 38);
    holds(c, "interrupts", 330);
    tcj_free(c);
    c = read_cpus(2, 9);
    assert_state(tcj_get(c, "steal_ticks"), "absent");
    tcj_free(c);
}

static void siblings_are_those_that_are_not_used(void **state)
{
    (void)state;
    put("/sys/devices/system/cpu/cpu0/topology/thread_siblings_list", "0,4\n");
    put("/sys/devices/system/cpu/cpu1/topology/thread_siblings_list", "1-2\n");
    put("/proc/stat", "cpu0 1 1 1 1 1 1 1 1\ncpu1 1 1 1 1 1 1 1 1\ncpu2 1 2 3 40 50 6 7 8\n"
                      "cpu3 1 1 1 1 1 1 1 1\ncpu4 100 0 0 100 0 0 0 0\n");
    tc_json *c = read_cpus(0, 0);
    holds(c, "sibling_busy_ticks", 100);
    holds(c, "sibling_ticks", 200);
    tcj_free(c);
    c = read_cpus(0, 1);
    holds(c, "sibling_busy_ticks", 127);
    holds(c, "sibling_ticks", 317);
    tcj_free(c);
    c = read_cpus(0, 4);
    assert_state(tcj_get(c, "sibling_busy_ticks"), "absent"); /* all are used */
    holds(c, "ticks", 24 + 117 + 200);
    tcj_free(c);
}

/* Kernels before 2.6.11 tell no steal time. */
static void a_line_that_is_too_short_tells_nothing(void **state)
{
    (void)state;
    put("/proc/stat", "cpu0 1 2 3 4\n");
    tc_json *c = read_cpus(0, 0);
    assert_state(tcj_get(c, "steal_ticks"), "absent");
    assert_state(tcj_get(c, "ticks"), "absent");
    tcj_free(c);
}

static void throttling_of_every_parent_counts(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "0::/a/b\n");
    put("/sys/fs/cgroup/a/b/cpu.stat",
        "usage_usec 5\nnr_periods 9\nnr_throttled 4\nthrottled_usec 20\n");
    put("/sys/fs/cgroup/a/cpu.stat",
        "usage_usec 5\nnr_periods 9\nnr_throttled 3\nthrottled_usec 5\n");
    put("/sys/fs/cgroup/cpu.stat", "usage_usec 5\n"); /* the root has no quota */
    tc_json *c = read_cpus(0, 0);
    holds(c, "throttled_periods", 7);
    holds(c, "throttled_ns", 25000);
    tcj_free(c);
}

static void version_1_tells_nanoseconds(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "4:cpu,cpuacct:/x\n0::/\n");
    put("/sys/fs/cgroup/cpu/x/cpu.stat", "nr_periods 1\nnr_throttled 2\nthrottled_time 345\n");
    tc_json *c = read_cpus(0, 0);
    holds(c, "throttled_periods", 2);
    holds(c, "throttled_ns", 345);
    tcj_free(c);
}

static void a_group_without_a_controller_is_not_one_without_throttling(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "0::/a\n");
    put("/sys/fs/cgroup/a/cpu.stat", "usage_usec 5\n");
    tc_json *c = read_cpus(0, 0);
    assert_state(tcj_get(c, "throttled_periods"), "absent");
    tcj_free(c);
}

static void waiting_load_and_heat_are_read(void **state)
{
    (void)state;
    put("/proc/pressure/cpu", "some avg10=0.00 avg60=0.00 avg300=0.00 total=12\nfull total=3\n");
    put("/proc/self/schedstat", "111 222 3\n");
    put("/proc/loadavg", "0.10 0.20 0.30 4/99 1234\n");
    put("/sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "2\n");
    put("/sys/devices/system/cpu/cpu0/thermal_throttle/package_throttle_count", "3\n");
    put("/sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count", "50\n");
    tc_json *c = read_cpus(0, 0);
    holds(c, "pressure_cpu_ns", 12000);
    holds(c, "wait_ns", 222);
    holds(c, "runnable_others", 3);
    holds(c, "thermal_throttles", 5);
    tcj_free(c);
}

static void a_kernel_that_keeps_no_waiting_times_is_absent(void **state)
{
    (void)state;
    put("/proc/self/schedstat", "0 0 0\n");
    tc_json *c = read_cpus(0, 0);
    assert_state(tcj_get(c, "wait_ns"), "absent");
    tcj_free(c);
}

static tc_json *parse(const char *text)
{
    tc_json *value = tcj_parse(text, strlen(text), "test", NULL);
    assert_non_null(value);
    return value;
}

static void a_change_is_a_number_only_between_two(void **state)
{
    (void)state;
    tc_json *before = parse("{\"wait_ns\": 10, \"ticks\": {\"absent\": true}, \"interrupts\": 5,"
                            " \"runnable_others\": 7}");
    tc_json *after = parse("{\"wait_ns\": 25, \"ticks\": 3, \"interrupts\":"
                           " {\"not_permitted\": true}, \"steal_ticks\": 1,"
                           " \"runnable_others\": 2}");
    tc_json *change = tc_conditions_change(before, after);
    holds(change, "wait_ns", 15);
    assert_state(tcj_get(change, "ticks"), "absent");
    assert_state(tcj_get(change, "interrupts"), "not_permitted");
    assert_state(tcj_get(change, "steal_ticks"), "absent");
    holds(change, "runnable_others", 7); /* a level, not a count */
    tcj_free(change);
    tcj_free(before);
    tcj_free(after);
}

/* What counts up never falls, whatever machine this is. */
static void this_machine_counts_up(void **state)
{
    (void)state;
    char made[sizeof root];
    memcpy(made, root, sizeof root);
    root[0] = '\0';
    tc_json *before = read_cpus(0, CPU_SETSIZE - 1), *after = read_cpus(0, CPU_SETSIZE - 1);
    tc_json *change = tc_conditions_change(before, after);
    memcpy(root, made, sizeof root);
    for (void *it = tcj_first(change); it; it = tcj_next(change, it)) {
        double value;
        if (tcj_read_number(tcj_value(it), &value))
            assert_true(value >= 0);
        else
            assert_int_equal(tcj_size(tcj_value(it)), 1);
    }
    tcj_free(change);
    tcj_free(before);
    tcj_free(after);
}

static const struct CMUnitTest tests[] = {
    ON_A_MACHINE(an_empty_machine_has_no_conditions),
    ON_A_MACHINE(only_the_cpus_that_are_used_count),
    ON_A_MACHINE(siblings_are_those_that_are_not_used),
    ON_A_MACHINE(a_line_that_is_too_short_tells_nothing),
    ON_A_MACHINE(throttling_of_every_parent_counts),
    ON_A_MACHINE(version_1_tells_nanoseconds),
    ON_A_MACHINE(a_group_without_a_controller_is_not_one_without_throttling),
    ON_A_MACHINE(waiting_load_and_heat_are_read),
    ON_A_MACHINE(a_kernel_that_keeps_no_waiting_times_is_absent),
    cmocka_unit_test(a_change_is_a_number_only_between_two),
    ON_A_MACHINE(this_machine_counts_up),
};
TEST_MAIN(tests)
