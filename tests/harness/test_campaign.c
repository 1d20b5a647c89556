/* SPDX-License-Identifier: MIT
 *
 * Whole runs of fake workers: the order of rounds, the rules that end a run, what the document says
 * of each cell, and that the file is whole whatever happens. Time decides no verdict here: limits
 * are so small that nothing fits, or so large that everything does.
 */
#include "harness/campaign.h"
#include "harness/process.h"

#include "base/clock.h"
#include "base/rng.h"

#include "fake_workers.h"
#include "test_main.h"

#include <sys/stat.h>

static struct fake_workers fake;
static struct tc_results *results;
static char output[64], log_path[64];

static void set_text(char **field, const char *text)
{
    free(*field);
    *field = strdup(text);
}

static struct tc_results *new_document(void)
{
    struct tc_results *document = tc_results_new();
    set_text(&document->id, "test");
    set_text(&document->started, "2026-01-01T00:00:00Z");
    return document;
}

static int set_up(void **state)
{
    char param[80];
    (void)state;
    fake_workers_init(&fake, "alpha,beta");
    snprintf(output, sizeof output, "%s/results.json", fake.folder);
    snprintf(log_path, sizeof log_path, "%s/log", fake.folder);
    snprintf(param, sizeof param, "log=%s", log_path);
    tc_plan_add_param(&fake.request, param, NULL);
    results = new_document();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[128];
    tc_results_free(results);
    snprintf(command, sizeof command, "rm -rf '%s'", fake.folder);
    fake_workers_clear(&fake);
    return system(command);
}

static struct tc_campaign plan(const char *workloads, const char *tasks, uint64_t rounds)
{
    fake_workers_plan(&fake, workloads, tasks);
    struct tc_campaign campaign = {.plan = &fake.plan,
                                   .topology = fake.topology,
                                   .rules = *tc_rules_of("quick"),
                                   .seed = 42,
                                   .time_limit_ns = TC_NEVER,
                                   .output = output};
    campaign.rules.measure_ms = 1;
    campaign.rules.budget_ns = TC_NEVER;
    campaign.rules.rounds_min = campaign.rules.rounds_max = rounds;
    campaign.rules.precision = false;
    return campaign;
}

static void run(struct tc_campaign *campaign)
{
    struct tc_error err = {""};
    if (tc_campaign_run(campaign, results, &err) < 0)
        fail_msg("%s", err.text);
}

static const struct tc_measurement *cost_of(size_t cell)
{
    const struct tc_measurement *m =
        tc_results_lookup(results, &fake.plan.cells[cell].cell, "cost");
    assert_non_null(m);
    return m;
}

/* The file as it is now: valid, or the test fails. */
static struct tc_results *load(void)
{
    struct tc_error err = {""};
    struct tc_results *loaded = tc_results_load(output, &err);
    if (!loaded)
        fail_msg("%s", err.text);
    return loaded;
}

static size_t count_runs(const char *workload)
{
    char line[256], word[64];
    size_t count = 0;
    FILE *log = fopen(log_path, "r");
    snprintf(word, sizeof word, " %s ", workload);
    while (log && fgets(line, sizeof line, log))
        count += strstr(line, word) != NULL;
    if (log)
        fclose(log);
    return count;
}

/* -- order -- */

static void a_block_is_every_cell_once(void **state)
{
    (void)state;
    enum { CELLS = 50 };
    size_t order[CELLS];
    for (uint64_t block = 0; block < 20; block++) {
        bool seen[CELLS] = {false};
        tc_block_order(7, block, order, CELLS);
        for (size_t i = 0; i < CELLS; i++) {
            assert_true(order[i] < CELLS && !seen[order[i]]);
            seen[order[i]] = true;
        }
    }
    tc_block_order(7, 0, order, 0);
}

static void orders_differ_by_block_and_seed_and_repeat(void **state)
{
    (void)state;
    enum { CELLS = 30 };
    size_t a[CELLS], b[CELLS];
    tc_block_order(1, 0, a, CELLS);
    tc_block_order(1, 0, b, CELLS);
    assert_memory_equal(a, b, sizeof a);
    tc_block_order(1, 1, b, CELLS);
    assert_memory_not_equal(a, b, sizeof a);
    tc_block_order(2, 0, b, CELLS);
    assert_memory_not_equal(a, b, sizeof a);
    tc_block_order(0, 1, b, CELLS); /* neighbouring seeds share no orders */
    assert_memory_not_equal(a, b, sizeof a);
}

/* What the workers themselves noted, against the order that seed and block dictate. */
static void rounds_run_in_the_recorded_order(void **state)
{
    (void)state;
    struct tc_campaign campaign = plan("constant,drifting", "10,20,30", 3);
    size_t count = fake.plan.count, order[32];
    char line[256], expected[256];
    assert_int_equal(count, 12);
    run(&campaign);
    FILE *log = fopen(log_path, "r");
    assert_non_null(log);
    for (uint64_t block = 0; block < 3; block++) {
        tc_block_order(42, block, order, count);
        for (size_t i = 0; i < count; i++) {
            const struct tc_cell *cell = &fake.plan.cells[order[i]].cell;
            snprintf(expected, sizeof expected, "%s %s %d ", cell->model, cell->workload,
                     (int)cell->tasks);
            assert_non_null(fgets(line, sizeof line, log));
            assert_ptr_equal(strstr(line, expected), line);
        }
    }
    assert_null(fgets(line, sizeof line, log));
    fclose(log);
    tc_campaign_clear(&campaign);
}

static void every_round_is_kept_with_its_block(void **state)
{
    (void)state;
    struct tc_campaign campaign = plan("constant", "10,100", 4);
    run(&campaign);
    assert_string_equal(campaign.stopped_by, "rounds");
    assert_true(results->complete);
    struct tc_results *loaded = load();
    assert_int_equal(loaded->measurement_count, 8); /* 4 cells x (cost, never) */
    assert_true(loaded->complete);
    assert_string_equal(loaded->stopped_by, "rounds");
    assert_non_null(loaded->finished);
    tc_results_free(loaded);
    for (size_t i = 0; i < fake.plan.count; i++) {
        const struct tc_measurement *m = cost_of(i);
        assert_int_equal(m->status, TC_OK);
        assert_int_equal(m->round_count, 4);
        for (size_t round = 0; round < 4; round++)
            assert_int_equal(m->rounds[round].block, round);
        assert_true(m->summary.median == (double)fake.plan.cells[i].cell.tasks + 1);
        assert_string_equal(tc_cell_param(&m->cell, "driver"), "fake");
    }
    tc_campaign_clear(&campaign);
}

/* -- the rules that end a run -- */

static void a_narrow_interval_is_enough_after_five_rounds(void **state)
{
    (void)state;
    struct tc_campaign campaign = plan("constant", "10", 9);
    campaign.rules.rounds_min = 3;
    campaign.rules.precision = true;
    run(&campaign);
    assert_string_equal(campaign.stopped_by, "precision");
    assert_int_equal(cost_of(0)->round_count, 5);
    assert_int_equal(campaign.cells[0].state, TC_CELL_PRECISE);
    tc_campaign_clear(&campaign);
}

static void a_wide_interval_gets_all_rounds(void **state)
{
    (void)state;
    struct tc_campaign campaign = plan("drifting", "10", 7);
    campaign.rules.rounds_min = 3;
    campaign.rules.precision = true;
    run(&campaign);
    /* Figures drawn from a clock could be alike by chance, but then they are narrow indeed. */
    assert_int_equal(cost_of(0)->round_count, campaign.cells[0].rounds);
    assert_true(campaign.cells[0].rounds >= 5);
    assert_true(
        campaign.cells[0].state == TC_CELL_ENOUGH ||
        tc_is_precise(results, &fake.plan.cells[0].cell, &fake.plan.cells[0].offer->metrics));
    tc_campaign_clear(&campaign);
}

static void precision_goes_by_the_interval(void **state)
{
    (void)state;
    struct tc_campaign campaign = plan("constant", "10", 5);
    run(&campaign);
    const struct tc_cell *cell = &fake.plan.cells[0].cell;
    struct tc_words metrics = {0};
    struct tc_summary *summary = (struct tc_summary *)&cost_of(0)->summary;
    tc_words_add(&metrics, "cost");
    assert_true(tc_is_precise(results, cell, &metrics));
    *summary = (struct tc_summary){.rounds = 5, .median = 100, .ci_low = 98, .ci_high = 102};
    assert_true(tc_is_precise(results, cell, &metrics)); /* 2 % to either side */
    summary->ci_high = 102.1;
    assert_false(tc_is_precise(results, cell, &metrics));
    summary->ci_high = 102;
    summary->rounds = 4;
    assert_false(tc_is_precise(results, cell, &metrics));
    *summary = (struct tc_summary){.rounds = 5, .median = 0.0 / 0.0};
    assert_false(tc_is_precise(results, cell, &metrics));
    *summary = (struct tc_summary){.rounds = 5}; /* always 0: as narrow as can be */
    assert_true(tc_is_precise(results, cell, &metrics));
    tc_words_add(&metrics, "never"); /* skipped: more rounds would not help */
    assert_true(tc_is_precise(results, cell, &metrics));
    tc_words_clear(&metrics);
    assert_false(tc_is_precise(results, cell, &metrics));
    tc_campaign_clear(&campaign);
}

static void a_spent_budget_still_gives_the_fewest_rounds(void **state)
{
    (void)state;
    struct tc_campaign campaign = plan("constant", "10,20", 9);
    campaign.rules.rounds_min = 2;
    campaign.rules.budget_ns = 0;
    run(&campaign);
    assert_string_equal(campaign.stopped_by, "time");
    assert_true(results->complete);
    for (size_t i = 0; i < fake.plan.count; i++)
        assert_int_equal(cost_of(i)->round_count, 2);
    tc_campaign_clear(&campaign);
}

static void a_time_limit_is_hard(void **state)
{
    (void)state;
    struct tc_campaign campaign = plan("constant", "10", 3);
    campaign.time_limit_ns = 1;
    run(&campaign);
    assert_string_equal(campaign.stopped_by, "time");
    assert_false(results->complete);
    assert_int_equal(count_runs("constant"), 0);
    assert_int_equal(results->measurement_count, fake.plan.count);
    assert_int_equal(results->measurements[0].status, TC_SKIPPED);
    assert_string_equal(results->measurements[0].reason,
                        "the run's time was spent before its first round");
    tc_results_free(load());
    tc_campaign_clear(&campaign);
}

/* The run's limit ends a round that its own limit would have let go on: nobody's failure. */
static void a_round_cut_off_by_the_time_limit_has_not_failed(void **state)
{
    (void)state;
    tc_words_add(&fake.request.models, "alpha");
    struct tc_campaign campaign = plan("hang", "10", 3);
    campaign.time_limit_ns = 200 * TC_NS_PER_MS;
    run(&campaign);
    assert_string_equal(campaign.stopped_by, "time");
    assert_int_equal(campaign.cells[0].status, TC_SKIPPED);
    assert_int_equal(campaign.cells[0].rounds, 0);
    tc_campaign_clear(&campaign);
}

static void the_profiles_are_as_documented(void **state)
{
    (void)state;
    static const struct tc_rules expected[] = {
        {"quick", 3, 10, 40, 60 * TC_NS_PER_S, true},
        {"default", 5, 20, 100, 480 * TC_NS_PER_S, true},
        {"full", 10, 30, 200, 3600 * TC_NS_PER_S, false},
    };
    for (size_t i = 0; i < TC_COUNT_OF(expected); i++) {
        const struct tc_rules *rules = tc_rules_of(expected[i].profile);
        assert_non_null(rules);
        assert_string_equal(tc_profile_name(i), expected[i].profile);
        assert_int_equal(rules->rounds_min, expected[i].rounds_min);
        assert_int_equal(rules->rounds_max, expected[i].rounds_max);
        assert_int_equal(rules->measure_ms, expected[i].measure_ms);
        assert_int_equal(rules->budget_ns, expected[i].budget_ns);
        assert_int_equal(rules->precision, expected[i].precision);
    }
    assert_null(tc_profile_name(3));
    assert_null(tc_rules_of("fast"));
}

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
    campaign.round_limit_ns = TC_NS_PER_S;
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
    assert_int_equal(rounds, 3);
    assert_int_equal(skipped, 3); /* six cells, of which three were never begun */
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

#define FAKED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_block_is_every_cell_once),
    cmocka_unit_test(orders_differ_by_block_and_seed_and_repeat),
    FAKED(rounds_run_in_the_recorded_order),
    FAKED(every_round_is_kept_with_its_block),
    FAKED(a_narrow_interval_is_enough_after_five_rounds),
    FAKED(a_wide_interval_gets_all_rounds),
    FAKED(precision_goes_by_the_interval),
    FAKED(a_spent_budget_still_gives_the_fewest_rounds),
    FAKED(a_time_limit_is_hard),
    FAKED(a_round_cut_off_by_the_time_limit_has_not_failed),
    cmocka_unit_test(the_profiles_are_as_documented),
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
