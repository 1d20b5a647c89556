/* SPDX-License-Identifier: MIT
 *
 * Each rule of the verdict: what breaks it, what just does not, and that what could not be read
 * breaks none.
 */
#include "harness/quality.h"

#include "test_main.h"

#include <math.h>

enum { ROUNDS = 8 };

static struct tc_results *results;
static struct tc_cell cell;
static struct tc_quality quality;

static int set_up(void **state)
{
    (void)state;
    results = tc_results_new();
    cell = (struct tc_cell){
        .workload = "switch-pipe", .model = "async", .placement = "pu:0", .tasks = 2};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tc_quality_clear(&quality);
    tc_results_free(results);
    return 0;
}

/* One round in the worker's words: its figure of `metric` in `unit` and what it observed. */
static void add_round_of(const char *metric, const char *unit, double figure, const char *observed)
{
    char text[1500];
    struct tc_error err = {""};
    static uint64_t block;
    snprintf(text, sizeof text,
             "{\"protocol\": \"taskcost-worker\", \"protocol_version\": 1, \"model\": \"async\","
             "\"workload\": \"%s\", \"status\": \"ok\", \"parameters\": {}, \"metrics\": [{"
             "\"name\": \"%s\", \"unit\": \"%s\", \"samples\": [%g]}], \"observed\": {%s}}",
             cell.workload, metric, unit, figure, observed);
    tc_json *round = tcj_parse(text, strlen(text), "test", &err);
    if (!round || tc_results_add_round(results, &cell, block++, round, &err) < 0)
        fail_msg("%s: %s", err.text, text);
    tcj_free(round);
}

/* Some rounds with the same figure, give or take a thousandth. */
static void add_rounds(int count, const char *observed)
{
    for (int i = 0; i < count; i++)
        add_round_of("switch", "ns", 1000 + i % 3, observed);
}

/* The reasons of the first measurement, joined. */
static void judged(enum tc_quality_verdict verdict, const char *reasons)
{
    char text[600];
    tc_results_summarise(results);
    tc_quality_judge(results, &results->measurements[0], &quality);
    tc_words_join(&quality.reasons, text, sizeof text);
    assert_string_equal(text, reasons);
    assert_int_equal(quality.verdict, verdict);
}

static void start_again(void)
{
    tear_down(NULL);
    set_up(NULL);
}

#define CONDITIONS(text) "\"one_thread\": true, \"conditions\": {" text "}"
#define PROBE(before, after, median, low, high)                                        \
    "\"probe\": {\"before\": " #before ", \"after\": " #after ", \"median\": " #median \
    ", \"low\": " #low ", \"high\": " #high ", \"count\": 20}"

/* -- what is good -- */

static void quiet_rounds_are_good(void **state)
{
    (void)state;
    add_rounds(
        ROUNDS,
        "\"build\": \"release\", \"cpus_allowed\": \"0,2-3\", \"cpus_seen\": [0, 3], " PROBE(
            0.8, 0.81, 0.8, 0.8,
            0.81) ", " CONDITIONS("\"throttled_periods\": 0, \"steal_ticks\": 0, \"ticks\": 10, "
                                  "\"binding_held\": 1, \"wait_ns\": 100, \"span_ns\": 100000000, "
                                  "\"switches_involuntary\": 1, \"thermal_throttles\": 0"));
    judged(TC_GOOD, "none");
}

static void what_could_not_be_read_is_not_bad(void **state)
{
    (void)state;
    add_rounds(ROUNDS, CONDITIONS("\"throttled_periods\": {\"absent\": true}, \"steal_ticks\": "
                                  "{\"not_permitted\": true}, \"ticks\": 10, \"wait_ns\": "
                                  "{\"absent\": true}, \"span_ns\": 5, \"thermal_throttles\": "
                                  "{\"absent\": true}"));
    judged(TC_GOOD, "none");
    start_again();
    add_rounds(ROUNDS, "");
    judged(TC_GOOD, "none");
}

static void what_was_not_measured_is_not_judged(void **state)
{
    (void)state;
    add_rounds(ROUNDS, "");
    tc_results_add_failure(results, &cell, TC_FAILED, "it crashed");
    judged(TC_UNJUDGED, "none");
}

/* -- what is invalid -- */

static void one_throttled_round_is_enough(void **state)
{
    (void)state;
    add_rounds(ROUNDS - 1, CONDITIONS("\"throttled_periods\": 0"));
    add_rounds(1, CONDITIONS("\"throttled_periods\": 2"));
    judged(TC_INVALID, "a CPU quota held it up: 1 of 8 rounds");
}

static void a_binding_that_did_not_hold(void **state)
{
    (void)state;
    add_rounds(ROUNDS - 2, CONDITIONS("\"binding_held\": 1"));
    add_rounds(2, CONDITIONS("\"binding_held\": 0"));
    judged(TC_INVALID, "it left the CPUs it was bound to: 2 of 8 rounds");
}

/* Also of workers that report no conditions. */
static void a_cpu_outside_of_the_list(void **state)
{
    (void)state;
    add_rounds(ROUNDS - 1, "\"cpus_allowed\": \"0,2-4\", \"cpus_seen\": [3, 4]");
    judged(TC_GOOD, "none");
    add_rounds(1, "\"cpus_allowed\": \"0,2-4\", \"cpus_seen\": [3, 1]");
    judged(TC_INVALID, "it left the CPUs it was bound to: 1 of 8 rounds");
}

static void a_build_that_is_not_for_release(void **state)
{
    (void)state;
    add_rounds(ROUNDS, "\"build\": \"sanitized\"");
    judged(TC_INVALID, "the worker was not built for release: 8 of 8 rounds");
}

/* -- time taken away -- */

static void stolen_time_by_its_share_of_all_rounds(void **state)
{
    (void)state;
    add_rounds(ROUNDS - 1, CONDITIONS("\"steal_ticks\": 0, \"ticks\": 100"));
    add_rounds(1, CONDITIONS("\"steal_ticks\": 8, \"ticks\": 100"));
    judged(TC_GOOD, "none"); /* one hundredth */
    add_rounds(1, CONDITIONS("\"steal_ticks\": 82, \"ticks\": 100"));
    judged(TC_NOISY, "the hypervisor gave the CPU to others: 10 % of the time");
    add_rounds(1, CONDITIONS("\"steal_ticks\": 60, \"ticks\": 100"));
    judged(TC_INVALID, "the hypervisor gave the CPU to others: 15 % of the time");
}

static void a_busy_sibling(void **state)
{
    (void)state;
    add_rounds(ROUNDS, CONDITIONS("\"sibling_busy_ticks\": 1, \"sibling_ticks\": 10"));
    judged(TC_GOOD, "none");
    start_again();
    add_rounds(ROUNDS, CONDITIONS("\"sibling_busy_ticks\": 9, \"sibling_ticks\": 10"));
    judged(TC_NOISY, "a sibling on its core was busy: 90 % of the time");
}

static void waiting_counts_where_all_tasks_share_a_thread(void **state)
{
    (void)state;
    add_rounds(ROUNDS, CONDITIONS("\"wait_ns\": 1000, \"span_ns\": 100000"));
    judged(TC_GOOD, "none");
    start_again();
    add_rounds(ROUNDS, CONDITIONS("\"wait_ns\": 2500, \"span_ns\": 100000"));
    judged(TC_NOISY, "its thread had to wait for other work: 2.5 % of the time");
    start_again();
    add_rounds(ROUNDS, "\"one_thread\": false, \"conditions\": {\"wait_ns\": 90000, "
                       "\"span_ns\": 100000, \"switches_involuntary\": 5000}");
    judged(TC_GOOD, "none"); /* threads wait for each other */
}

static void preemptions_of_a_single_thread(void **state)
{
    (void)state;
    add_rounds(ROUNDS, CONDITIONS("\"switches_involuntary\": 10, \"span_ns\": 100000000"));
    judged(TC_GOOD, "none");
    start_again();
    add_rounds(ROUNDS, CONDITIONS("\"switches_involuntary\": 25, \"span_ns\": 100000000"));
    judged(TC_NOISY, "its thread was preempted: 250 times a second");
}

static void heat_slows_down(void **state)
{
    (void)state;
    add_rounds(ROUNDS - 1, CONDITIONS("\"thermal_throttles\": 0"));
    add_rounds(1, CONDITIONS("\"thermal_throttles\": 3"));
    judged(TC_NOISY, "the CPU was slowed down for its heat: 1 of 8 rounds");
}

/* -- the probe -- */

static void a_speed_that_changes_within_rounds(void **state)
{
    (void)state;
    add_rounds(9, PROBE(0.80, 0.81, 0.8, 0.80, 0.81));
    add_rounds(1, PROBE(0.80, 0.90, 0.8, 0.80, 0.81));
    judged(TC_GOOD, "none"); /* a tenth of the rounds */
    add_rounds(2, PROBE(0.80, 0.80, 0.8, 0.80, 0.83));
    judged(TC_NOISY, "the CPU's speed changed within rounds: 25 % of them");
}

static void a_speed_that_differs_between_rounds(void **state)
{
    (void)state;
    add_rounds(ROUNDS / 2, PROBE(0.8, 0.8, 0.8, 0.8, 0.8));
    add_rounds(ROUNDS / 2, PROBE(1.4, 1.4, 1.4, 1.4, 1.4));
    judged(TC_NOISY, "the CPU's speed differed between rounds: 75 %");
}

/* -- the figure itself -- */

static void page_faults_where_memory_is_warm(void **state)
{
    (void)state;
    add_rounds(ROUNDS, "");
    for (int i = 0; i < ROUNDS; i++)
        add_round_of("page_faults", "1/operation", 0.5, "");
    judged(TC_NOISY, "page faults though memory was warm: 50 % of the operations");
    start_again();
    cell.workload = "create"; /* threads that are made anew touch their stacks */
    add_rounds(ROUNDS, "");
    for (int i = 0; i < ROUNDS; i++)
        add_round_of("page_faults", "1/operation", 2, "");
    judged(TC_GOOD, "none");
}

static void a_round_far_out(void **state)
{
    (void)state;
    add_rounds(11, "");
    add_round_of("switch", "ns", 1020, "");
    judged(TC_NOISY, "rounds far out, by three interquartile ranges: 1 of 12 rounds");
}

static void a_wide_interval(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++)
        add_round_of("switch", "ns", 1000 + 30 * i, "");
    judged(TC_NOISY, "a wide interval: 14 % of the median");
    start_again();
    for (int i = 0; i < 6; i++)
        add_round_of("migrations", "1/operation", i, "");
    judged(TC_GOOD, "none"); /* a count */
    start_again();
    for (int i = 0; i < 8; i++)
        add_round_of("missed_slots", "1", i > 5 ? 0.1 : 0, "");
    tc_results_summarise(results);
    tc_quality_judge(results, &results->measurements[0], &quality);
    for (size_t i = 0; i < quality.reasons.count; i++) /* nothing is a share of 0 */
        assert_null(strstr(quality.reasons.items[i], "interval"));
}

static void too_few_rounds(void **state)
{
    (void)state;
    add_rounds(5, "");
    judged(TC_NOISY, "too few rounds for an interval: 5");
    add_rounds(3, "");
    results->rules = tcj_object();
    tcj_set(results->rules, "rounds_min", tcj_integer(10));
    judged(TC_NOISY, "fewer rounds than the run was to have: 2 missing");
    add_rounds(2, "");
    judged(TC_GOOD, "none");
}

static void the_gravest_reason_comes_first_and_decides(void **state)
{
    (void)state;
    add_rounds(ROUNDS, PROBE(1, 2, 1, 1, 2) ", " CONDITIONS("\"throttled_periods\": 1"));
    judged(TC_INVALID, "a CPU quota held it up: 8 of 8 rounds, "
                       "the CPU's speed changed within rounds: 100 % of them");
}

/* -- the document -- */

static void a_verdict_survives_the_file(void **state)
{
    (void)state;
    struct tc_error err = {""};
    results->id = strdup("test");
    results->started = strdup("2026-01-01T00:00:00Z");
    add_rounds(ROUNDS, CONDITIONS("\"throttled_periods\": 1"));
    tc_results_summarise(results);
    tc_json *document = tc_results_to_json(results);
    struct tc_results *again = tc_results_from_json(document, "test", &err);
    if (!again)
        fail_msg("%s", err.text);
    assert_int_equal(again->measurements[0].quality.verdict, TC_INVALID);
    assert_int_equal(again->measurements[0].quality.reasons.count, 1);
    assert_string_equal(again->measurements[0].quality.reasons.items[0],
                        "a CPU quota held it up: 8 of 8 rounds");
    tc_results_free(again);
    tcj_free(document);
}

#define JUDGED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
static const struct CMUnitTest tests[] = {
    JUDGED(quiet_rounds_are_good),
    JUDGED(what_could_not_be_read_is_not_bad),
    JUDGED(what_was_not_measured_is_not_judged),
    JUDGED(one_throttled_round_is_enough),
    JUDGED(a_binding_that_did_not_hold),
    JUDGED(a_cpu_outside_of_the_list),
    JUDGED(a_build_that_is_not_for_release),
    JUDGED(stolen_time_by_its_share_of_all_rounds),
    JUDGED(a_busy_sibling),
    JUDGED(waiting_counts_where_all_tasks_share_a_thread),
    JUDGED(preemptions_of_a_single_thread),
    JUDGED(heat_slows_down),
    JUDGED(a_speed_that_changes_within_rounds),
    JUDGED(a_speed_that_differs_between_rounds),
    JUDGED(page_faults_where_memory_is_warm),
    JUDGED(a_round_far_out),
    JUDGED(a_wide_interval),
    JUDGED(too_few_rounds),
    JUDGED(the_gravest_reason_comes_first_and_decides),
    JUDGED(a_verdict_survives_the_file),
};
TEST_MAIN(tests)
