/* SPDX-License-Identifier: MIT
 *
 * The doctor on made-up environments: what is bad is told with commands that hold the old value,
 * what cannot be read is unknown and never bad, and every check keeps its form.
 */
#include "harness/doctor.h"
#include "harness/environment.h"

#include "test_main.h"

static tc_json *parse(const char *text)
{
    struct tc_error err = {""};
    tc_json *value = tcj_parse(text, strlen(text), "test", &err);
    if (!value)
        fail_msg("%s", err.text);
    return value;
}

static tc_json *examine(const char *environment)
{
    tc_json *value = parse(environment), *checks = tc_doctor_examine(value);
    tcj_free(value);
    return checks;
}

static const tc_json *find(const tc_json *checks, const char *id)
{
    for (size_t i = 0; i < tcj_size(checks); i++)
        if (strcmp(tcj_text(tcj_get(tcj_at(checks, i), "id"), ""), id) == 0)
            return tcj_at(checks, i);
    fail_msg("there is no check %s", id);
    return NULL;
}

static void assert_part(const tc_json *check, const char *key, const char *expected)
{
    const char *text = tcj_text(tcj_get(check, key), "(none)");
    if (!strstr(text, expected))
        fail_msg("%s is '%s' and not '%s'", key, text, expected);
}

/* One setting, its verdict, and parts of what to do (NULL: there is nothing of that kind). */
static void assert_check(const char *environment, const char *id, const char *verdict,
                         const char *change, const char *undo)
{
    tc_json *checks = examine(environment);
    const tc_json *check = find(checks, id);
    assert_string_equal(tcj_text(tcj_get(check, "verdict"), ""), verdict);
    assert_part(check, "change", change ? change : "(none)");
    assert_part(check, "undo", undo ? undo : "(none)");
    tcj_free(checks);
}

static void assert_fine(const char *environment, const char *id)
{
    assert_check(environment, id, "ok", NULL, NULL);
}

static void what_is_bad_has_both_commands_with_the_old_value(void **state)
{
    (void)state;
    assert_check("{\"cpu\": {\"governor\": \"schedutil\"}}", "governor", "warn",
                 "frequency-set -g performance", "frequency-set -g schedutil");
    assert_check("{\"cpu\": {\"governor\": \"performance, powersave\"}}", "governor", "warn",
                 "-g performance", "by hand, CPU by CPU: they differ now (performance, powersave)");
    assert_check("{\"kernel\": {\"aslr\": 0}}", "aslr", "warn", "randomize_va_space=2",
                 "randomize_va_space=0");
    assert_check("{\"memory\": {\"transparent_huge_pages\": \"always\"}}", "huge-pages", "warn",
                 "echo madvise >", "echo always >");
    assert_check("{\"limits\": {\"pid_max\": 32768}}", "pid-max", "warn", "pid_max=4194304",
                 "pid_max=32768");
    assert_check("{\"limits\": {\"files\": {\"soft\": 1024, \"hard\": 20000}}}", "files", "warn",
                 "ulimit -n", "leave that shell");
    assert_check("{\"cgroup\": {\"cpu_quota\": 1.5}}", "cpu-quota", "warn", "--cpus 0",
                 "--cpus 1.5");
    assert_check("{\"clock\": {\"source\": \"hpet\"}}", "clock-source", "warn", "echo tsc >",
                 "echo hpet >");
    assert_check("{\"scheduler\": {\"numa_balancing\": 1}, \"topology\": {\"numa_nodes\": 2}}",
                 "numa-balancing", "warn", "numa_balancing=0", "numa_balancing=1");
    assert_check("{\"build\": \"debug\"}", "build", "warn", "make clean && make", NULL);
    assert_check("{\"topology\": {\"real\": false}}", "topology", "warn", "unset HWLOC", NULL);
    assert_check("{\"cpu\": {\"idle_states_us\": {\"POLL\": 0, \"C6\": 133}}}", "idle-states",
                 "warn", "idle-set -D", "idle-set -E");
    assert_check("{\"kernel\": {\"perf_event_paranoid\": 4}}", "perf-events", "warn", "paranoid=2",
                 "paranoid=4");
    assert_check("{\"scheduler\": {\"timer_slack_ns\": 1000000}}", "timer-slack", "warn", "50000",
                 "echo 1000000 >");
    assert_check("{\"cpu\": {\"driver\": \"intel_pstate\", \"nohz_full\": \"1-3\"}}", "nohz-full",
                 "warn", "without", "nohz_full=1-3");
}

static void what_is_good_has_neither(void **state)
{
    (void)state;
    assert_fine("{\"cpu\": {\"governor\": \"performance\"}}", "governor");
    assert_fine("{\"cpu\": {\"smt\": false, \"turbo\": false}}", "smt");
    assert_fine("{\"cpu\": {\"smt\": false, \"turbo\": false}}", "turbo");
    assert_fine("{\"kernel\": {\"aslr\": 2}}", "aslr");
    assert_fine("{\"limits\": {\"pid_max\": 4194304}}", "pid-max");
    assert_fine("{\"limits\": {\"files\": {\"soft\": 1024, \"hard\": 200000}}}", "files");
    assert_fine("{\"limits\": {\"cgroup_pids\": \"unlimited\"}}", "cgroup-pids");
    assert_fine("{\"scheduler\": {\"numa_balancing\": 1}, \"topology\": {\"numa_nodes\": 1}}",
                "numa-balancing");
    assert_fine("{\"load\": {\"pressure_cpu\": 0.5}}", "pressure");
    assert_fine("{\"memory\": {\"overcommit\": 1, \"swap_bytes\": 0}}", "overcommit");
    assert_fine("{\"memory\": {\"overcommit\": 1, \"swap_bytes\": 0}}", "swap");
    assert_fine("{\"cpu\": {\"driver\": \"acpi-cpufreq\", \"nohz_full\": \"1-3\"}}", "nohz-full");
    assert_fine("{\"build\": \"release\"}", "build");
}

/* Nothing can be read, in each of the ways in which that can be. */
static void unknown_is_never_bad(void **state)
{
    (void)state;
    static const char *const nothing[] = {"{}", "[]", "{\"cpu\": null, \"limits\": 5}"};
    for (size_t i = 0; i < TC_COUNT_OF(nothing); i++) {
        tc_json *checks = examine(nothing[i]);
        for (size_t j = 0; j < tcj_size(checks); j++) {
            assert_part(tcj_at(checks, j), "verdict", "unknown");
            assert_true(tcj_is_null(tcj_get(tcj_at(checks, j), "value")));
            assert_null(tcj_get(tcj_at(checks, j), "change"));
        }
        tcj_free(checks);
    }
    assert_check("{\"cpu\": {\"governor\": {\"not_permitted\": true}}}", "governor", "unknown",
                 NULL, NULL);
    assert_check("{\"limits\": {\"pid_max\": {\"absent\": true}}}", "pid-max", "unknown", NULL,
                 NULL);
}

static void values_are_in_words(void **state)
{
    (void)state;
    tc_json *checks =
        examine("{\"cpu\": {\"smt\": true, \"isolated\": \"\", \"idle_states_us\": {\"C1\": 2, "
                "\"C6\": 133}}, \"load\": {\"one_minute\": 0.125},"
                " \"limits\": {\"pid_max\": 4194304, \"processes\": {\"soft\": 5, \"hard\": "
                "\"unlimited\"}}, \"kernel\": {\"mitigations\": {\"a\": \"Mitigation: x\", \"b\": "
                "\"Not affected\"}}}");
    assert_part(find(checks, "smt"), "value", "yes");
    assert_part(find(checks, "isolated"), "value", "none");
    assert_part(find(checks, "load"), "value", "0.125");
    assert_part(find(checks, "pid-max"), "value", "4194304");
    assert_part(find(checks, "processes"), "value", "unlimited");
    assert_part(find(checks, "mitigations"), "value", "1 active");
    assert_part(find(checks, "idle-states"), "value", "C6: 133 us");
    tcj_free(checks);
}

/* The whole of it on this machine: each check in its form, and each only once. */
static void this_machine_is_examined_whole(void **state)
{
    (void)state;
    unsetenv("HWLOC_SYNTHETIC");
    struct tc_topology *topology = tc_topology_load(NULL);
    assert_non_null(topology);
    tc_json *environment = tc_environment_read(topology, "");
    tc_json *checks = tc_doctor_examine(environment);
    assert_true(tcj_size(checks) >= 30);
    for (size_t i = 0; i < tcj_size(checks); i++) {
        const tc_json *check = tcj_at(checks, i);
        const char *verdict = tcj_text(tcj_get(check, "verdict"), "");
        bool bad = strcmp(verdict, "warn") == 0;
        assert_ptr_equal(find(checks, tcj_text(tcj_get(check, "id"), "")), check);
        assert_true(strlen(tcj_text(tcj_get(check, "meaning"), "")) > 8);
        assert_int_equal(tcj_is_null(tcj_get(check, "value")), strcmp(verdict, "unknown") == 0);
        assert_int_equal(tcj_text(tcj_get(check, "why"), NULL) != NULL, bad);
        assert_int_equal(tcj_text(tcj_get(check, "change"), NULL) != NULL, bad);
        assert_null(strstr(tcj_text(tcj_get(check, "change"), ""), "{}"));
        assert_null(strstr(tcj_text(tcj_get(check, "undo"), ""), "{}"));
    }
    assert_part(find(checks, "topology"), "verdict", "ok");
    tcj_free(checks);
    tcj_free(environment);
    tc_topology_free(topology);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_is_bad_has_both_commands_with_the_old_value),
    cmocka_unit_test(what_is_good_has_neither),
    cmocka_unit_test(unknown_is_never_bad),
    cmocka_unit_test(values_are_in_words),
    cmocka_unit_test(this_machine_is_examined_whole),
};
TEST_MAIN(tests)
