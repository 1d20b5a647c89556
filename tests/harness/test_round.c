/* SPDX-License-Identifier: MIT
 *
 * One round of a worker whose behaviour is known: everything a worker can do wrong, and that
 * nothing of it is left afterwards.
 */
#include "harness/process.h"
#include "harness/round.h"

#include "base/clock.h"

#include "fake_workers.h"
#include "test_main.h"

#include <sys/prctl.h>
#include <sys/resource.h>

static struct fake_workers fake;

static int set_up(void **state)
{
    (void)state;
    fake_workers_init(&fake, "fake");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fake_workers_clear(&fake);
    return 0;
}

static void run(const char *workload, uint64_t limit_ns, struct tc_round_outcome *out)
{
    fake_workers_plan(&fake, workload, "10");
    assert_int_equal(fake.plan.count, 1);
    const struct tc_round_order order = {.measure_ms = 5, .limit_ns = limit_ns};
    tc_round_run(&fake.plan.cells[0], &order, out);
}

static void assert_fails(const char *workload, const char *why)
{
    struct tc_round_outcome outcome;
    run(workload, 30 * TC_NS_PER_S, &outcome);
    assert_null(outcome.object);
    assert_false(outcome.timed_out);
    assert_string_equal(outcome.reason.text, why);
    tc_round_clear(&outcome);
}

/* Neither its own nor any that was left to it. */
static void assert_no_children(void)
{
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void an_object_is_handed_over(void **state)
{
    (void)state;
    struct tc_round_outcome outcome;
    run("constant", 30 * TC_NS_PER_S, &outcome);
    assert_non_null(outcome.object);
    assert_string_equal(tcj_text(tcj_get(outcome.object, "status"), ""), "ok");
    assert_true(outcome.wall_ns > 0);
    double sample = 0;
    const tc_json *metric = tcj_at(tcj_get(outcome.object, "metrics"), 0);
    assert_true(tcj_read_number(tcj_at(tcj_get(metric, "samples"), 0), &sample));
    assert_true(sample == 11);
    tc_round_clear(&outcome);
}

static void verdicts_are_handed_over_as_they_are(void **state)
{
    (void)state;
    static const char *const workloads[] = {"failed", "limited", "skipped"};
    for (size_t i = 0; i < TC_COUNT_OF(workloads); i++) {
        struct tc_round_outcome outcome;
        run(workloads[i], 30 * TC_NS_PER_S, &outcome);
        assert_non_null(outcome.object);
        assert_string_equal(tcj_text(tcj_get(outcome.object, "status"), ""), workloads[i]);
        tc_round_clear(&outcome);
    }
}

static void every_way_to_fail_has_its_sentence(void **state)
{
    (void)state;
    assert_fails("crash", "worker-fake was ended by SIGSEGV: about to fall");
    assert_fails("exit", "worker-fake exited with code 3: no more paper");
    assert_fails("array", "worker-fake wrote no JSON object: the value is of another type");
}

static void what_is_no_json_is_named(void **state)
{
    (void)state;
    static const char *const workloads[] = {"garbage", "partial"};
    for (size_t i = 0; i < TC_COUNT_OF(workloads); i++) {
        struct tc_round_outcome outcome;
        run(workloads[i], 30 * TC_NS_PER_S, &outcome);
        assert_null(outcome.object);
        assert_ptr_equal(
            strstr(outcome.reason.text, "worker-fake wrote no JSON object: its output"),
            outcome.reason.text);
        tc_round_clear(&outcome);
    }
}

static void a_hang_is_ended_at_its_limit(void **state)
{
    (void)state;
    struct tc_round_outcome outcome;
    run("hang", 200 * TC_NS_PER_MS, &outcome);
    assert_null(outcome.object);
    assert_true(outcome.timed_out);
    assert_true(outcome.wall_ns >= 200 * TC_NS_PER_MS);
    assert_string_equal(outcome.reason.text,
                        "worker-fake gave no result within its time limit of 0.2 s "
                        "(--round-limit): waiting for what never comes");
    assert_no_children();
    tc_round_clear(&outcome);
}

static void much_on_standard_error_blocks_nothing(void **state)
{
    (void)state;
    struct tc_round_outcome outcome;
    run("noisy", 30 * TC_NS_PER_S, &outcome);
    assert_non_null(outcome.object);
    tc_round_clear(&outcome);
}

static void too_much_output_is_cut_off(void **state)
{
    (void)state;
    assert_fails("flood", "worker-fake wrote more than 64 MiB");
}

/* Its child holds the pipe open, so that waiting for the pipe's end would last for ever. */
static void a_child_left_behind_is_ended(void **state)
{
    (void)state;
    struct tc_round_outcome outcome;
    run("orphan", 30 * TC_NS_PER_S, &outcome);
    assert_non_null(outcome.object);
    assert_no_children();
    tc_round_clear(&outcome);
}

static void a_worker_starts_under_fixed_conditions(void **state)
{
    (void)state;
    struct tc_round_outcome outcome;
    struct rlimit files;
    char expected[64];
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max / 2;
    setrlimit(RLIMIT_NOFILE, &files);
    clearenv();
    setenv("PATH", "/bin", 1);
    setenv("MALLOC_ARENA_MAX", "1", 1);
    setenv("LANG", "tlh_KL.UTF-8", 1);
    setenv("ASAN_OPTIONS", "detect_leaks=1", 1);
    assert_int_equal(dup2(STDOUT_FILENO, 3), 3);
    run("conditions", 30 * TC_NS_PER_S, &outcome);
    const char *told = tcj_text(tcj_get(outcome.object, "reason"), "");
    snprintf(expected, sizeof expected, "cpus=%s ",
             tc_placement_cpus(fake.plan.cells[0].placement));
    assert_ptr_equal(strstr(told, expected), told);
    assert_non_null(strstr(told, " nofile=max group=own stdin=-1 fd3=closed "));
    assert_non_null(strstr(told, " env=LANG,LD_BIND_NOW,PATH,ASAN_OPTIONS,"));
    tc_round_clear(&outcome);
}

static void a_placement_that_cannot_be_bound_fails(void **state)
{
    (void)state;
    struct tc_round_outcome outcome;
    tc_topology_free(fake.topology);
    setenv("HWLOC_SYNTHETIC", "package:1 core:2 pu:1", 1);
    fake.topology = tc_topology_load(NULL);
    run("constant", 30 * TC_NS_PER_S, &outcome);
    assert_null(outcome.object);
    assert_non_null(strstr(outcome.reason.text, "worker-fake cannot be bound to PUs 1: the "
                                                "topology is simulated"));
    tc_round_clear(&outcome);
}

static void a_worker_that_is_gone_fails(void **state)
{
    (void)state;
    struct tc_round_outcome outcome;
    char link[64];
    snprintf(link, sizeof link, "%s/worker-fake", fake.folder);
    assert_int_equal(unlink(link), 0);
    run("constant", 30 * TC_NS_PER_S, &outcome);
    assert_null(outcome.object);
    assert_non_null(strstr(outcome.reason.text, "could not be executed: No such file"));
    tc_round_clear(&outcome);
}

static void a_stop_signal_ends_the_round(void **state)
{
    (void)state;
    struct tc_round_outcome outcome;
    pid_t self = getpid();
    tc_interrupt_watch();
    if (fork() == 0) {
        usleep(100 * 1000);
        kill(self, SIGINT);
        _exit(0);
    }
    run("hang", 30 * TC_NS_PER_S, &outcome);
    assert_true(outcome.interrupted);
    assert_null(outcome.object);
    assert_int_equal(tc_interrupt_signal(), SIGINT);
    tc_round_clear(&outcome);
}

/* The process number that the fake worker noted in its log; waits for it. */
static pid_t noted_worker(const char *log)
{
    int pid = 0;
    while (pid == 0) {
        FILE *file = fopen(log, "r");
        if (file && fscanf(file, "%*s %*s %*s %d\n", &pid) != 1)
            pid = 0;
        if (file)
            fclose(file);
        usleep(1000);
    }
    return pid;
}

/* kill -9 of the driver: the kernel ends the worker, which then becomes the test's child. */
static void a_killed_driver_leaves_no_worker(void **state)
{
    (void)state;
    char log[] = "/tmp/taskcost-log-XXXXXX", param[64];
    int status = 0;
    close(mkstemp(log));
    snprintf(param, sizeof param, "log=%s", log);
    assert_int_equal(tc_plan_add_param(&fake.request, param, NULL), 0);
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    pid_t driver = fork();
    if (driver == 0) {
        struct tc_round_outcome outcome;
        run("hang", TC_NEVER, &outcome);
        _exit(0);
    }
    pid_t worker = noted_worker(log);
    assert_int_equal(kill(driver, SIGKILL), 0);
    assert_int_equal(waitpid(driver, &status, 0), driver);
    assert_int_equal(waitpid(worker, &status, 0), worker);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    unlink(log);
}

#define FAKED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
static const struct CMUnitTest tests[] = {
    FAKED(an_object_is_handed_over),
    FAKED(verdicts_are_handed_over_as_they_are),
    FAKED(every_way_to_fail_has_its_sentence),
    FAKED(what_is_no_json_is_named),
    FAKED(a_hang_is_ended_at_its_limit),
    FAKED(much_on_standard_error_blocks_nothing),
    FAKED(too_much_output_is_cut_off),
    FAKED(a_child_left_behind_is_ended),
    FAKED(a_worker_starts_under_fixed_conditions),
    FAKED(a_placement_that_cannot_be_bound_fails),
    FAKED(a_worker_that_is_gone_fails),
    FAKED(a_stop_signal_ends_the_round),
    FAKED(a_killed_driver_leaves_no_worker),
};
TEST_MAIN(tests)
