/* SPDX-License-Identifier: MIT
 *
 * Readings of made-up machines: a folder stands in for the root of the file system. And the
 * warnings: each for its cause, none for what is absent.
 */
#include "harness/environment.h"
#include "harness/words.h"

#include "fake_root.h"
#include "test_main.h"

static tc_json *read_machine(void)
{
    setenv("HWLOC_SYNTHETIC", "package:1 core:4 pu:1", 1);
    struct tc_topology *topology = tc_topology_load(NULL);
    assert_non_null(topology);
    tc_json *environment = tc_environment_read(topology, root);
    tc_topology_free(topology);
    tcj_set(environment, "build", tcj_string("release")); /* also where this test is sanitized */
    return environment;
}

static const tc_json *part(const tc_json *environment, const char *a, const char *b)
{
    return tcj_get(tcj_get(environment, a), b);
}

/* -- warnings, gathered -- */

static void gather(void *context, const char *id, const char *cause, const char *remedy)
{
    assert_true(strlen(cause) > 10 && strlen(remedy) > 5);
    assert_null(strchr(cause, '\n'));
    tc_words_add(context, id);
}

static void assert_warnings(const tc_json *environment, const char *expected)
{
    struct tc_words ids = {0};
    char text[300];
    tc_environment_warn(environment, gather, &ids);
    assert_string_equal(tc_words_join(&ids, text, sizeof text), expected);
    tc_words_clear(&ids);
}

static void assert_json_warns(const char *text, const char *expected)
{
    struct tc_error err;
    tc_json *environment = tcj_parse(text, strlen(text), "test", &err);
    if (!environment)
        fail_msg("%s", err.text);
    assert_warnings(environment, expected);
    tcj_free(environment);
}

/* -- tests -- */

static void an_empty_machine_is_absent_and_warns_of_nothing(void **state)
{
    (void)state;
    tc_json *e = read_machine();
    assert_state(part(e, "cpu", "governor"), "absent");
    assert_state(part(e, "cpu", "model"), "absent");
    assert_state(part(e, "cpu", "turbo"), "absent");
    assert_state(part(e, "cpu", "smt"), "absent");
    assert_state(part(e, "limits", "pid_max"), "absent");
    assert_state(part(e, "limits", "cgroup_pids"), "absent");
    assert_state(part(e, "cgroup", "cpu_quota"), "absent");
    assert_state(part(e, "virtualization", "hypervisor"), "absent");
    assert_state(part(e, "clock", "source"), "absent");
    assert_state(part(e, "load", "one_minute"), "absent");
    assert_state(part(e, "kernel", "mitigations"), "absent");
    assert_state(part(e, "kernel", "perf_event_paranoid"), "absent");
    assert_state(part(e, "cpu", "energy_preference"), "absent");
    assert_state(part(e, "cpu", "idle_states_us"), "absent");
    assert_state(part(e, "cpu", "frequency_khz"), "absent");
    assert_state(part(e, "cpu", "invariant_tsc"), "absent");
    assert_state(part(e, "scheduler", "sched_ext"), "absent");
    assert_state(part(e, "memory", "commit_limit_bytes"), "absent");
    tc_json *real = tcj_bool(true); /* that it is simulated is known and would warn */
    tcj_set(tcj_get(e, "topology"), "real", real);
    assert_warnings(e, "none");
    tcj_free(e);
}

static void what_is_there_is_read(void **state)
{
    (void)state;
    put("/proc/cpuinfo",
        "processor\t: 0\nmodel name\t: Fast Chip 9\nflags\t\t: fpu vme hypervisor\n");
    put("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
    put("/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "performance\n");
    put("/sys/devices/system/cpu/cpu10/cpufreq/scaling_governor", "powersave\n");
    put("/sys/devices/system/cpu/intel_pstate/no_turbo", "0\n");
    put("/sys/devices/system/cpu/smt/active", "1\n");
    put("/sys/devices/system/cpu/vulnerabilities/meltdown", "Not affected\n");
    put("/proc/meminfo", "MemTotal:       2048 kB\nMemAvailable:   1024 kB\n");
    put("/sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never\n");
    put("/sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet\n");
    put("/proc/sys/kernel/pid_max", "32768\n");
    put("/proc/loadavg", "3.25 1.00 0.50 7/400 12345\n");
    put("/proc/pressure/cpu", "some avg10=12.50 avg60=0.00 avg300=0.00 total=1\n");
    put("/sys/kernel/debug/sched/preempt", "none voluntary (full) lazy\n");
    put("/etc/os-release", "ID=x\nPRETTY_NAME=\"Some Linux 1\"\n");
    tc_json *e = read_machine();
    assert_text(part(e, "cpu", "model"), "Fast Chip 9");
    assert_text(part(e, "cpu", "governor"), "powersave, performance");
    assert_truth(part(e, "cpu", "turbo"), true);
    assert_truth(part(e, "cpu", "smt"), true);
    assert_truth(part(e, "virtualization", "hypervisor"), true);
    assert_number(part(e, "memory", "total_bytes"), 2048 * 1024);
    assert_text(part(e, "memory", "transparent_huge_pages"), "always");
    assert_text(part(e, "clock", "source"), "hpet");
    assert_number(part(e, "limits", "pid_max"), 32768);
    assert_number(part(e, "load", "one_minute"), 3.25);
    assert_number(part(e, "load", "runnable"), 7);
    assert_number(part(e, "load", "pressure_cpu"), 12.5);
    assert_text(part(e, "kernel", "preemption"), "full");
    assert_text(tcj_get(part(e, "kernel", "mitigations"), "meltdown"), "Not affected");
    assert_text(tcj_get(e, "os"), "Some Linux 1");
    tcj_set(e, "build", tcj_string("sanitized"));
    assert_warnings(e, "governor, turbo, smt, load, virtual-machine, clocksource, huge-pages, "
                       "build, simulated");
    tcj_free(e);
}

static void what_moves_speed_and_time_is_read(void **state)
{
    (void)state;
    put("/proc/cpuinfo", "flags\t\t: fpu constant_tsc nonstop_tsc\n");
    put("/sys/devices/system/cpu/cpu0/cpufreq/energy_performance_preference", "balance_power\n");
    put("/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "800000\n");
    put("/sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq", "3200000\n");
    put("/sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "2\n");
    put("/sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count", "5\n");
    put("/sys/devices/system/cpu/cpuidle/current_driver", "intel_idle\n");
    put("/sys/devices/system/cpu/cpuidle/current_governor", "menu\n");
    put("/sys/devices/system/cpu/cpu0/cpuidle/state0/name", "POLL\n");
    put("/sys/devices/system/cpu/cpu0/cpuidle/state0/latency", "0\n");
    put("/sys/devices/system/cpu/cpu0/cpuidle/state1/name", "C6\n");
    put("/sys/devices/system/cpu/cpu0/cpuidle/state1/latency", "133\n");
    put("/proc/irq/default_smp_affinity", "3\n");
    put("/sys/kernel/sched_ext/state", "enabled\n");
    put("/proc/sys/kernel/numa_balancing", "1\n");
    put("/proc/self/timerslack_ns", "50000\n");
    put("/proc/sys/kernel/perf_event_paranoid", "2\n");
    put("/proc/sys/kernel/randomize_va_space", "2\n");
    put("/proc/meminfo", "SwapTotal:  1 kB\nCommitLimit: 5 kB\nCommitted_AS: 3 kB\n");
    put("/proc/self/status", "Speculation_Store_Bypass:\tthread vulnerable\n");
    tc_json *e = read_machine();
    assert_truth(part(e, "cpu", "invariant_tsc"), true);
    assert_text(part(e, "cpu", "energy_preference"), "balance_power");
    assert_number(tcj_get(part(e, "cpu", "frequency_khz"), "low"), 800000);
    assert_number(tcj_get(part(e, "cpu", "frequency_khz"), "high"), 3200000);
    assert_number(part(e, "cpu", "thermal_throttles"), 7);
    assert_text(part(e, "cpu", "idle_driver"), "intel_idle");
    assert_text(part(e, "cpu", "idle_governor"), "menu");
    assert_number(tcj_get(part(e, "cpu", "idle_states_us"), "C6"), 133);
    assert_text(part(e, "cpu", "interrupt_affinity"), "3");
    assert_text(part(e, "scheduler", "sched_ext"), "enabled");
    assert_number(part(e, "scheduler", "numa_balancing"), 1);
    assert_number(part(e, "scheduler", "timer_slack_ns"), 50000);
    assert_number(part(e, "kernel", "perf_event_paranoid"), 2);
    assert_number(part(e, "kernel", "aslr"), 2);
    assert_text(part(e, "kernel", "speculation_store_bypass"), "thread vulnerable");
    assert_number(part(e, "memory", "swap_bytes"), 1024);
    assert_number(part(e, "memory", "commit_limit_bytes"), 5 * 1024);
    assert_number(part(e, "memory", "committed_bytes"), 3 * 1024);
    assert_warnings(e, "sched-ext, simulated"); /* one NUMA node has nothing to balance */
    tcj_free(e);
}

static void what_changes_is_read_again_under_the_same_names(void **state)
{
    (void)state;
    put("/proc/loadavg", "1.50 1.00 0.50 2/400 12345\n");
    tc_json *before = read_machine(), *after;
    put("/proc/loadavg", "7.00 1.00 0.50 9/400 12345\n");
    put("/proc/self/cgroup", "0::/a\n");
    put("/sys/fs/cgroup/a/cpu.stat", "nr_throttled 4\n");
    after = tc_environment_read_again(root);
    assert_number(part(after, "load", "one_minute"), 7);
    assert_number(part(after, "cgroup", "throttled_periods"), 4);
    for (void *it = tcj_first(after); it; it = tcj_next(after, it))
        for (void *at = tcj_first(tcj_value(it)); at; at = tcj_next(tcj_value(it), at))
            assert_non_null(part(before, tcj_key(it), tcj_key(at)));
    tcj_free(before);
    tcj_free(after);
}

static void holes_are_within_the_time_that_was_watched(void **state)
{
    (void)state;
    double duration, count, lost, longest;
    tc_json *holes = tc_environment_holes(2000000);
    assert_true(tcj_read_number(tcj_get(holes, "duration_ns"), &duration) && duration >= 2e6);
    assert_true(tcj_read_number(tcj_get(holes, "count"), &count) && count >= 0);
    assert_true(tcj_read_number(tcj_get(holes, "lost_ns"), &lost) && lost <= duration);
    assert_true(tcj_read_number(tcj_get(holes, "longest_ns"), &longest) && longest <= lost);
    assert_true(lost >= 10000 * count);
    tcj_free(holes);
}

static void amd_calls_turbo_boost(void **state)
{
    (void)state;
    put("/sys/devices/system/cpu/cpufreq/boost", "1\n");
    tc_json *e = read_machine();
    assert_truth(part(e, "cpu", "turbo"), true);
    tcj_free(e);
    put("/sys/devices/system/cpu/cpufreq/boost", "0\n");
    e = read_machine();
    assert_truth(part(e, "cpu", "turbo"), false);
    tcj_free(e);
}

static void a_service_that_moves_interrupts_is_noticed(void **state)
{
    (void)state;
    put("/proc/71/comm", "cron\n");
    tc_json *e = read_machine();
    assert_truth(part(e, "scheduler", "irqbalance"), false);
    tcj_free(e);
    put("/proc/72/comm", "irqbalance\n");
    e = read_machine();
    assert_truth(part(e, "scheduler", "irqbalance"), true);
    tcj_free(e);
}

static void a_machine_without_the_flag_is_none_of_a_hypervisor(void **state)
{
    (void)state;
    put("/proc/cpuinfo", "flags\t\t: fpu vme\n");
    tc_json *e = read_machine();
    assert_truth(part(e, "virtualization", "hypervisor"), false);
    tcj_free(e);
}

/* The parents of a group limit it as well, in both versions of cgroups. */
static void the_least_limit_of_all_parents_counts(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "0::/a/b\n");
    put("/sys/fs/cgroup/a/b/pids.max", "max\n");
    put("/sys/fs/cgroup/a/pids.max", "1200\n");
    put("/sys/fs/cgroup/a/b/cpu.max", "150000 100000\n");
    put("/sys/fs/cgroup/a/cpu.max", "50000 100000\n");
    put("/sys/fs/cgroup/a/b/cpu.stat", "usage_usec 5\nnr_periods 9\nnr_throttled 4\n");
    tc_json *e = read_machine();
    assert_number(part(e, "limits", "cgroup_pids"), 1200);
    assert_number(part(e, "cgroup", "cpu_quota"), 0.5);
    assert_number(part(e, "cgroup", "throttled_periods"), 4);
    assert_warnings(e, "cpu-quota, simulated");
    tcj_free(e);
}

static void version_1_of_cgroups_is_read_as_well(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "7:pids:/x\n4:cpu,cpuacct:/x/y\n0::/\n");
    put("/sys/fs/cgroup/pids/x/pids.max", "300\n");
    put("/sys/fs/cgroup/pids/pids.max", "200\n");
    put("/sys/fs/cgroup/cpu/x/y/cpu.cfs_quota_us", "-1\n");
    put("/sys/fs/cgroup/cpu/x/y/cpu.cfs_period_us", "100000\n");
    tc_json *e = read_machine();
    assert_number(part(e, "limits", "cgroup_pids"), 200);
    assert_text(part(e, "cgroup", "cpu_quota"), "unlimited");
    assert_warnings(e, "simulated");
    tcj_free(e);
}

static void forbid(const char *path)
{
    char whole[512];
    snprintf(whole, sizeof whole, "%s%s", root, path);
    assert_int_equal(chmod(whole, 0), 0);
}

static void what_may_not_be_read_says_so(void **state)
{
    (void)state;
    if (geteuid() == 0 && (setegid(65534) < 0 || seteuid(65534) < 0))
        skip();
    char own[] = "/tmp/taskcost-own-XXXXXX";
    assert_non_null(mkdtemp(own)); /* of the unprivileged user */
    strcpy(root, own);
    put("/proc/sys/kernel/pid_max", "5\n");
    forbid("/proc/sys/kernel/pid_max");
    put("/sys/devices/system/cpu/intel_pstate/no_turbo", "0\n");
    put("/proc/self/cgroup", "0::/a\n");
    put("/sys/fs/cgroup/a/cpu.max", "max 100000\n");
    put("/sys/fs/cgroup/a/cpu.stat", "nr_throttled 0\n");
    forbid("/sys/devices/system/cpu/intel_pstate/no_turbo");
    forbid("/sys/fs/cgroup/a/cpu.max");
    forbid("/sys/fs/cgroup/a/cpu.stat");
    tc_json *e = read_machine();
    assert_state(part(e, "limits", "pid_max"), "not_permitted");
    assert_state(part(e, "cpu", "turbo"), "not_permitted");
    assert_state(part(e, "cgroup", "cpu_quota"), "not_permitted");
    assert_state(part(e, "cgroup", "throttled_periods"), "not_permitted");
    tcj_free(e);
    if (getuid() == 0) /* the leak check of ASan wants its rights back */
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(remove_root(state), 0);
}

static void this_machine_can_be_read(void **state)
{
    (void)state;
    strcpy(root, "");
    tc_json *e = read_machine();
    double cost = 0, bytes = 0;
    assert_true(tcj_read_number(part(e, "clock", "cost_ns"), &cost) && cost > 0);
    assert_true(tcj_read_number(part(e, "memory", "page_size_bytes"), &bytes) && bytes >= 4096);
    assert_true(tcj_read_number(part(e, "memory", "total_bytes"), &bytes) && bytes > 1e6);
    assert_true(strlen(tcj_text(part(e, "kernel", "release"), "")) > 0);
    assert_true(strlen(tcj_text(tcj_get(e, "compiler"), "")) > 0);
    tcj_free(e);
}

static void only_what_is_known_to_be_bad_warns(void **state)
{
    (void)state;
    assert_json_warns("{}", "none");
    assert_json_warns("{\"cpu\": {\"governor\": {\"not_permitted\": true}, \"turbo\": "
                      "{\"absent\": true}, \"smt\": false}}",
                      "none");
    assert_json_warns("{\"cpu\": {\"governor\": \"performance\", \"turbo\": false}}", "none");
    assert_json_warns("{\"cpu\": {\"governor\": \"schedutil\"}}", "governor");
    assert_json_warns("{\"clock\": {\"source\": \"tsc\"}}", "none");
    assert_json_warns("{\"clock\": {\"source\": \"arch_sys_counter\"}}", "none");
    assert_json_warns("{\"clock\": {\"source\": \"hpet\"}}", "clocksource");
    assert_json_warns("{\"load\": {\"one_minute\": 1.0}, \"topology\": {\"cores\": 2}}", "none");
    assert_json_warns("{\"load\": {\"one_minute\": 1.01}, \"topology\": {\"cores\": 2}}", "load");
    assert_json_warns("{\"cgroup\": {\"cpu_quota\": \"unlimited\"}}", "none");
    assert_json_warns("{\"cgroup\": {\"cpu_quota\": 1.5}}", "cpu-quota");
    assert_json_warns("{\"memory\": {\"transparent_huge_pages\": \"madvise\"}}", "none");
    assert_json_warns("{\"cpu\": {\"steal_share\": 0.01}}", "none");
    assert_json_warns("{\"cpu\": {\"steal_share\": 0.02}}", "steal");
    assert_json_warns("{\"build\": \"debug\"}", "build");
    assert_json_warns("{\"scheduler\": {\"sched_ext\": \"disabled\"}}", "none");
    assert_json_warns("{\"scheduler\": {\"sched_ext\": \"enabled\"}}", "sched-ext");
    assert_json_warns("{\"scheduler\": {\"numa_balancing\": 1}, \"topology\": {\"numa_nodes\": 1}}",
                      "none");
    assert_json_warns("{\"scheduler\": {\"numa_balancing\": 1}, \"topology\": {\"numa_nodes\": 2}}",
                      "numa-balancing");
    assert_json_warns("{\"holes\": {\"duration_ns\": 20000000, \"count\": 9, \"lost_ns\": 200000}}",
                      "none");
    assert_json_warns("{\"holes\": {\"duration_ns\": 20000000, \"count\": 9, \"lost_ns\": 200001}}",
                      "holes");
    assert_json_warns("{\"topology\": {\"real\": false}}", "simulated");
}

static void stolen_time_is_read_from_all_cpus(void **state)
{
    (void)state;
    uint64_t stolen = 0, all = 0;
    put("/proc/stat", "cpu  10 20 30 40 50 60 70 80 90 100\ncpu0 1 2 3 4 5 6 7 8 9 10\n");
    assert_true(tc_cpu_ticks(root, &stolen, &all));
    assert_int_equal(stolen, 80);
    assert_int_equal(all, 360); /* guest time is counted in user time already */
    put("/proc/stat", "cpu  10 20 30 40\n");
    assert_false(tc_cpu_ticks(root, &stolen, &all));
}

static const struct CMUnitTest tests[] = {
    ON_A_MACHINE(an_empty_machine_is_absent_and_warns_of_nothing),
    ON_A_MACHINE(what_is_there_is_read),
    ON_A_MACHINE(what_moves_speed_and_time_is_read),
    ON_A_MACHINE(what_changes_is_read_again_under_the_same_names),
    cmocka_unit_test(holes_are_within_the_time_that_was_watched),
    ON_A_MACHINE(amd_calls_turbo_boost),
    ON_A_MACHINE(a_service_that_moves_interrupts_is_noticed),
    ON_A_MACHINE(a_machine_without_the_flag_is_none_of_a_hypervisor),
    ON_A_MACHINE(the_least_limit_of_all_parents_counts),
    ON_A_MACHINE(version_1_of_cgroups_is_read_as_well),
    cmocka_unit_test(what_may_not_be_read_says_so),
    cmocka_unit_test(this_machine_can_be_read),
    cmocka_unit_test(only_what_is_known_to_be_bad_warns),
    ON_A_MACHINE(stolen_time_is_read_from_all_cpus),
};
TEST_MAIN(tests)
