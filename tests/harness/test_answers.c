/* SPDX-License-Identifier: MIT
 *
 * Answers on made-up results: the sentences follow from the figures, change when these do, and
 * leave nothing unsaid when there are none.
 */
#include "made_results.h"
#include "test_main.h"

#include "harness/answers.h"
#include "harness/crossing.h"

#include <string.h>

enum { PINNING, GROWTH, LIMIT, URING, WORK, BLOCKS = 8 };

static struct tc_results *results;
static struct tc_answer answer;

static int set_up(void **state)
{
    (void)state;
    results = made_results("here");
    answer = (struct tc_answer){.table = tc_table_new()};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tc_answer_clear(&answer);
    tc_results_free(results);
    return 0;
}

/* The same value in every block, but for the drift of the machine, which all cells share. */
static void measured(const char *workload, const char *model, const char *placement, uint64_t tasks,
                     const char *metric, double value)
{
    struct tc_cell cell = made_cell(workload, model);
    cell.placement = (char *)(uintptr_t)placement;
    cell.tasks = tasks;
    for (uint64_t block = 0; block < BLOCKS; block++)
        made_round(results, &cell, block, metric, "ns", value * (1 + 0.05 * (double)block), NAN);
}

static void asked(size_t question)
{
    tc_answer_clear(&answer);
    tc_results_summarise(results);
    tc_answer_make(question, results, &answer);
}

static bool any_says(const char *words)
{
    for (size_t i = 0; i < answer.sentences.count; i++)
        if (strstr(answer.sentences.items[i], words))
            return true;
    return false;
}

static void says(const char *words)
{
    if (any_says(words))
        return;
    for (size_t i = 0; i < answer.sentences.count; i++)
        print_error("  %s\n", answer.sentences.items[i]);
    fail_msg("no sentence says '%s'", words);
}

static void test_nothing_is_not_measured(void **state)
{
    (void)state;
    assert_int_equal(tc_answer_count(), 5);
    for (size_t i = 0; i < tc_answer_count(); i++) {
        asked(i);
        says("ot measured in this file");
        assert_int_equal(tc_table_rows(answer.table), 0);
    }
}

/* -- pinning -- */

/* A ring of threads: its time, switches (all voluntary), migrations and CPU time a hop. */
static void ring(const char *placement, double time, double switches, double moves, double cpu)
{
    measured("switch-pipe", "threads", placement, 500, "switch", time);
    measured("switch-pipe", "threads", placement, 500, "switches_voluntary", switches);
    measured("switch-pipe", "threads", placement, 500, "switches_involuntary", 0);
    measured("switch-pipe", "threads", placement, 500, "migrations", moves);
    measured("switch-pipe", "threads", placement, 500, "cpu_time", cpu);
}

static void test_wake_ups_across_cores(void **state)
{
    (void)state;
    ring("one-core", 1000, 1, 0, 1000);
    ring("free", 4000, 1, 0.01, 2500);
    measured("switch-pipe", "async", "one-core", 500, "switch", 900);
    asked(PINNING);
    says("threads are faster in 1 of 1 rings (4.0× to 4.0×)");
    says("It takes their disadvantage away in 1 of 1");
    says("each wake-up crosses to another core");
    says("50\xc2\xa0% is CPU time");
    says("50\xc2\xa0% is time in which nothing ran");
    assert_int_equal(tc_table_rows(answer.table), 2);
}

static void test_other_causes(void **state)
{
    (void)state;
    ring("one-core", 1000, 1, 0, 1000);
    ring("free", 4000, 2, 0.01, 4000);
    asked(PINNING);
    says("there are more switches a hop");
    says("is CPU time, not time in which nothing ran");
    assert_false(any_says("crosses"));
}

static void test_migrations(void **state)
{
    (void)state;
    ring("one-core", 1000, 1, 0, 1000);
    ring("all", 4000, 1, 0.9, 4000);
    measured("switch-pipe", "async", "one-core", 500, "switch", 100);
    asked(PINNING);
    says("the threads move between cores");
    says("It takes their disadvantage away in 0 of 1");
}

static void test_no_gain(void **state)
{
    (void)state;
    ring("one-core", 1000, 1, 0, 1000);
    ring("free", 1050, 1, 0, 1000);
    asked(PINNING);
    says("threads are faster in 0 of 1 rings");
    says("no gain from pinning is shown");
}

/* -- numbers of tasks -- */

static void test_growth(void **state)
{
    (void)state;
    measured("switch-channel", "threads", "one-core", 10, "switch", 1000);
    measured("switch-channel", "threads", "one-core", 1000, "switch", 8000);
    measured("switch-channel", "async", "one-core", 10, "switch", 10);
    measured("switch-channel", "async", "one-core", 1000, "switch", 11);
    asked(GROWTH);
    says("threads take 100× (100× to 100×) as long as async with 10 tasks");
    says("so that the advantage grows with their number; nowhere in between");
    says("switch-channel with async stands still from 10 to 1,000 tasks: 1.1×");
    assert_int_equal(tc_table_rows(answer.table), 2);
}

static void test_threads_that_get_cheaper(void **state)
{
    (void)state;
    measured("switch-channel", "threads", "one-core", 10, "switch", 20);
    measured("switch-channel", "threads", "one-core", 1000, "switch", 20);
    measured("switch-channel", "async", "one-core", 10, "switch", 10);
    measured("switch-channel", "async", "one-core", 1000, "switch", 40);
    asked(GROWTH);
    says("so that the advantage shrinks with their number; threads are the cheaper ones somewhere");
}

/* -- limits -- */

static void test_the_limit_that_was_met(void **state)
{
    struct tc_cell cell = made_cell("memory-idle", "threads");
    (void)state;
    made_round(results, &cell, 0, "tasks_alive", "count", 100, NAN);
    asked(LIMIT);
    says("100 threads, the most that were tried");
    cell.tasks = 40000;
    tc_results_add_failure(results, &cell, TC_LIMITED, "kernel.pid_max is 32768");
    asked(LIMIT);
    says("40,000 threads were too many for memory-idle: kernel.pid_max is 32768");
}

static void test_predicted_and_found(void **state)
{
    struct tc_cell cell = made_cell("limit", "threads");
    (void)state;
    cell.tasks = 1000000;
    made_round(results, &cell, 0, "tasks_alive", "count", 32000, NAN);
    made_round(results, &cell, 0, "tasks_predicted", "count", 32320, NAN);
    struct tc_measurement *m = NULL;
    for (size_t i = 0; i < results->measurement_count; i++)
        if (strcmp(results->measurements[i].metric, "tasks_alive") == 0)
            m = &results->measurements[i];
    assert_non_null(m);
    m->limit = tcj_object();
    tcj_set(m->limit, "name", tcj_string("kernel.pid_max"));
    tcj_set(m->limit, "value", tcj_integer(32768));
    asked(LIMIT);
    says("32,000 threads were alive when kernel.pid_max (32,768) stopped the next");
    says("32,320 had been predicted, 101\xc2\xa0% of it");
}

/* -- io_uring -- */

static void test_a_model_on_io_uring_answers(void **state)
{
    (void)state;
    measured("switch-pipe", "async", "one-core", 10, "switch", 100);
    measured("switch-pipe", "threads", "one-core", 10, "switch", 300);
    measured("switch-pipe", "async-uring", "one-core", 10, "switch", 80);
    asked(URING);
    says("In 1 of 1 cells io_uring is cheaper than epoll and in 0 dearer; in 0 it is dearer");
}

/* -- work -- */

static void worked(const char *model, const char *work, double hop, double overhead)
{
    struct tc_cell cell = {0}, made = made_cell("work", model);
    tc_cell_copy(&cell, &made);
    tc_cell_set_param(&cell, "work", work);
    for (uint64_t block = 0; block < BLOCKS; block++) {
        made_round(results, &cell, block, "hop", "ns", hop, NAN);
        made_round(results, &cell, block, "overhead", "ns", overhead, NAN);
    }
    tc_cell_clear(&cell);
}

/* Threads take 1,000 ns more whatever the work: 100 % at 1 us, 10 % at 10 us, 1 % at 100 us. */
static void test_the_work_above_which_it_does_not_matter(void **state)
{
    static const struct {
        const char *work;
        double ns;
    } points[] = {{"1us", 1e3}, {"30us", 3e4}, {"1ms", 1e6}, {"3us", 3e3}, {"300us", 3e5}};
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(points); i++) {
        worked("async", points[i].work, points[i].ns, 0);
        worked("threads", points[i].work, points[i].ns + 1000, 1000);
    }
    asked(WORK);
    says("falls under 10\xc2\xa0% at 10.0\xc2\xa0µs (10.0\xc2\xa0µs to 10.0\xc2\xa0µs) of work");
    says("falls under 1\xc2\xa0% at 100\xc2\xa0µs (100\xc2\xa0µs to 100\xc2\xa0µs) of work");
    assert_int_equal(tc_table_rows(answer.table), 5);
}

static void test_an_advantage_that_stays(void **state)
{
    (void)state;
    worked("async", "1us", 1000, 0);
    worked("threads", "1us", 1500, 500);
    worked("async", "10us", 10000, 0);
    worked("threads", "10us", 10500, 500);
    asked(WORK);
    says("falls under 10\xc2\xa0% at 5.00\xc2\xa0µs");
    says("does not fall under 1\xc2\xa0%: it is 5\xc2\xa0% with 10.0\xc2\xa0µs of work");
}

/* -- the curve itself -- */

static struct tc_point point(double x, double low, double y, double high)
{
    return (struct tc_point){x, {y, low, high, BLOCKS}};
}

static void test_crossings(void **state)
{
    /* Halving from 8 on, each with an interval of a factor of 2. */
    const struct tc_point points[] = {point(1, 4, 8, 16), point(2, 2, 4, 8), point(4, 1, 2, 4),
                                      point(8, 0.5, 1, 2)};
    (void)state;
    struct tc_crossing it = tc_falls_under(points, 4, 3);
    assert_int_equal(it.kind, TC_CROSSES);
    assert_true(fabs(it.x - 8.0 / 3) < 1e-9);
    assert_true(fabs(it.low - 4.0 / 3) < 1e-9 && fabs(it.high - 16.0 / 3) < 1e-9);
    it = tc_falls_under(points, 4, 1.5);
    assert_int_equal(it.kind, TC_CROSSES);
    assert_true(isnan(it.high)); /* the upper end is still above at the last point */
    assert_int_equal(tc_falls_under(points, 4, 100).kind, TC_STAYS_BELOW);
    assert_int_equal(tc_falls_under(points, 4, 0.9).kind, TC_STAYS_ABOVE);
    assert_int_equal(tc_falls_under(points, 1, 3).kind, TC_NO_CURVE);
}

static void test_only_the_last_fall_counts(void **state)
{
    const struct tc_point points[] = {point(1, 8, 8, 8), point(2, 1, 1, 1), point(4, 8, 8, 8),
                                      point(8, -1, -1, -1)};
    (void)state;
    struct tc_crossing it = tc_falls_under(points, 4, 3);
    assert_int_equal(it.kind, TC_CROSSES);
    assert_true(it.x > 4 && it.x < 8);
    assert_int_equal(tc_falls_under(points, 3, 3).kind, TC_STAYS_ABOVE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
static const struct CMUnitTest tests[] = {
    TEST(test_nothing_is_not_measured),
    TEST(test_wake_ups_across_cores),
    TEST(test_other_causes),
    TEST(test_migrations),
    TEST(test_no_gain),
    TEST(test_growth),
    TEST(test_threads_that_get_cheaper),
    TEST(test_the_limit_that_was_met),
    TEST(test_predicted_and_found),
    TEST(test_a_model_on_io_uring_answers),
    TEST(test_the_work_above_which_it_does_not_matter),
    TEST(test_an_advantage_that_stays),
    TEST(test_crossings),
    TEST(test_only_the_last_fall_counts),
};
TEST_MAIN(tests)
