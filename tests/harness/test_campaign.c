/* SPDX-License-Identifier: MIT
 *
 * Whole runs of fake workers: what the document says of each cell, how a run is stopped, and that
 * the file is whole whatever happens.
 */
#include "fake_campaign.h"

#include "harness/process.h"

#include "base/rng.h"

#include <sys/stat.h>

/* -- cells that are not ok -- */

static void each_cell_keeps_its_status_and_reason(void **state)
{
    (void)state;
    static const struct {
        const char *workload;
        enum tc_status status;
        const char *reason;
    } expected[] = {
        {"constant", TC_OK, NULL},
        {"crash", TC_FAILED, "worker-alpha was ended by SIGSEGV: about to fall"},
        {"exit", TC_FAILED, "worker-alpha exited with code 3: no more paper"},
        {"failed", TC_FAILED, "the sum was 41, expected 42"},
        {"impossible", TC_SKIPPED, "fakes cannot"},
        {"limited", TC_LIMITED, "RLIMIT_NOFILE allows 64 descriptors, 2010 are needed"},
        {"skipped", TC_SKIPPED, "this fake cannot"},
        {"wrong", TC_FAILED, "worker-alpha: \"workload\" is 'someone-elses', expected 'wrong'"},
    };
    tc_words_add(&fake.request.models, "alpha");
    struct tc_campaign campaign =
        plan("constant,crash,exit,failed,impossible,limited,skipped,wrong", "10", 3);
    assert_int_equal(fake.plan.count, TC_COUNT_OF(expected));
    run(&campaign);
    assert_string_equal(campaign.stopped_by, "rounds");
    assert_true(results->complete);
    struct tc_results *loaded = load();
    for (size_t i = 0; i < TC_COUNT_OF(expected); i++) {
        const struct tc_cell_progress *cell = &campaign.cells[i];
        assert_string_equal(fake.plan.cells[i].cell.workload, expected[i].workload);
        assert_int_equal(cell->status, expected[i].status);
        if (!expected[i].reason)
            continue;
        assert_string_equal(cell->reason, expected[i].reason);
        assert_true(count_runs(expected[i].workload) <= 1); /* an ended cell is not run again */
        const struct tc_measurement *m =
            tc_results_find(loaded, expected[i].workload, NULL, NULL, 0, NULL);
        assert_non_null(m);
        assert_int_equal(m->status, expected[i].status);
        assert_string_equal(m->reason, expected[i].reason);
    }
    assert_int_equal(count_runs("constant"), 3);
    tc_results_free(loaded);
    tc_campaign_clear(&campaign);
}

static void a_hanging_worker_costs_one_round(void **state)
{
    (void)state;
    tc_words_add(&fake.request.models, "beta");
    struct tc_campaign campaign = plan("constant,hang", "10", 3);
    campaign.rules.round_limit_ns = TC_NS_PER_S;
    run(&campaign);
    assert_int_equal(count_runs("hang"), 1);
    assert_int_equal(campaign.cells[1].status, TC_FAILED);
    assert_non_null(strstr(campaign.cells[1].reason, "time limit of 1 s"));
    assert_int_equal(count_runs("constant"), campaign.cells[0].rounds);
    tc_campaign_clear(&campaign);
}

/* -- stopping, saving, telling -- */

static void stop_in_third_round(void *context, const struct tc_progress *now)
{
    (void)context;
    if (now->rounds == 3)
        raise(SIGTERM);
}

static void a_signal_keeps_what_was_measured(void **state)
{
    (void)state;
    struct tc_campaign campaign = plan("constant", "10,20,30", 5);
    campaign.on_progress = stop_in_third_round;
    tc_interrupt_watch();
    run(&campaign);
    assert_string_equal(campaign.stopped_by, "signal");
    struct tc_results *loaded = load();
    size_t rounds = 0, skipped = 0;
    assert_false(loaded->complete);
    assert_string_equal(loaded->stopped_by, "signal");
    for (size_t i = 0; i < loaded->measurement_count; i++) {
        rounds += loaded->measurements[i].round_count;
        skipped += strcmp(loaded->measurements[i].metric, "round") == 0;
    }
    /* Six cells, of which those that were not begun have a reason. The fourth round may have come
     * to its end before the signal was seen. */
    assert_in_range(rounds, 3, 4);
    assert_int_equal(skipped, 6 - rounds);
    tc_results_free(loaded);
    tc_campaign_clear(&campaign);
}

struct first {
    bool looked, there;
    uint64_t last_remaining_ns;
    size_t finished;
};

static void look(void *context, const struct tc_progress *now)
{
    struct first *first = context;
    if (!first->looked) {
        struct stat status;
        first->there = stat(output, &status) == 0 && status.st_size > 20;
    }
    first->looked = true;
    first->last_remaining_ns = now->remaining_ns;
    first->finished = now->cells_finished;
}

static void the_file_is_there_before_the_first_round(void **state)
{
    (void)state;
    struct first first = {0};
    struct tc_campaign campaign = plan("constant", "10", 2);
    campaign.on_progress = look;
    campaign.context = &first;
    run(&campaign);
    assert_true(first.looked && first.there);
    assert_int_equal(first.last_remaining_ns, 0);
    assert_int_equal(first.finished, fake.plan.count);
    tc_campaign_clear(&campaign);
}

static void an_older_file_stays_until_something_was_measured(void **state)
{
    (void)state;
    struct first first = {0};
    FILE *old = fopen(output, "w");
    assert_non_null(old);
    fputs("old", old);
    fclose(old);
    struct tc_campaign campaign = plan("constant", "10", 2);
    campaign.on_progress = look;
    campaign.context = &first;
    run(&campaign);
    assert_true(first.looked && !first.there); /* "old" is shorter than any document */
    tc_results_free(load());
    tc_campaign_clear(&campaign);
}

static void a_place_that_vanished_is_reported(void **state)
{
    (void)state;
    struct tc_error err = {""};
    struct tc_campaign campaign = plan("constant", "10", 2);
    campaign.output = "/nonexistent/results.json";
    assert_true(tc_campaign_run(&campaign, results, &err) < 0);
    assert_non_null(strstr(err.text, "/nonexistent/results.json"));
    assert_int_equal(cost_of(0)->round_count, 2); /* what was measured is still here */
    tc_campaign_clear(&campaign);
}

static void where_the_driver_was_is_recorded(void **state)
{
    (void)state;
    struct tc_campaign campaign = plan("constant", "10", 1);
    run(&campaign);
    const tc_json *driver = tcj_get(results->environment, "driver");
    assert_true(strlen(tcj_text(tcj_get(driver, "one-core"), "")) > 0);
    tc_campaign_clear(&campaign);
}

/* A run in a process of its own, ended without warning some time after it began. */
static void kill_a_run_after(uint64_t us)
{
    int status = 0;
    pid_t driver = fork();
    if (driver == 0) {
        struct tc_campaign campaign = plan("drifting", "10,20,30,40", 1000);
        struct tc_error err;
        tc_campaign_run(&campaign, results, &err);
        _exit(1); /* nobody waits for 8,000 rounds */
    }
    usleep((useconds_t)us);
    assert_int_equal(kill(driver, SIGKILL), 0);
    assert_int_equal(waitpid(driver, &status, 0), driver);
    assert_true(WIFSIGNALED(status));
}

static void a_run_killed_at_any_moment_leaves_a_whole_file(void **state)
{
    (void)state;
    struct tc_rng rng;
    size_t found = 0;
    tc_rng_seed(&rng, (uint64_t)getpid());
    for (int i = 0; i < 20; i++) {
        unlink(output); /* so that there is saving from the start */
        kill_a_run_after(tc_rng_below(&rng, 40000));
        if (access(output, F_OK) < 0)
            continue; /* killed before the first saving */
        struct tc_results *loaded = load();
        assert_false(loaded->complete);
        tc_results_free(loaded);
        found++;
    }
    unlink(output);
    kill_a_run_after(500000);
    found += access(output, F_OK) == 0;
    assert_true(found > 0);
}

static const struct CMUnitTest tests[] = {
    FAKED(each_cell_keeps_its_status_and_reason),
    FAKED(a_hanging_worker_costs_one_round),
    FAKED(a_signal_keeps_what_was_measured),
    FAKED(the_file_is_there_before_the_first_round),
    FAKED(an_older_file_stays_until_something_was_measured),
    FAKED(a_place_that_vanished_is_reported),
    FAKED(where_the_driver_was_is_recorded),
    FAKED(a_run_killed_at_any_moment_leaves_a_whole_file),
};
TEST_MAIN(tests)
