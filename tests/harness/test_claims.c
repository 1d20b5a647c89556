/* SPDX-License-Identifier: MIT
 *
 * Claims on made-up results: each rule holds and fails where it must, what a claim depends on is
 * found and told with the point where it flips, and the document that is built in is whole.
 */
#include "made_results.h"
#include "test_main.h"

#include "harness/claims.h"
#include "harness/schema.h"
#include "harness/words.h"

#include <string.h>

static struct tc_results *results;
static tc_json *document;
static struct tc_claims claims;

static int set_up(void **state)
{
    (void)state;
    results = made_results("here");
    document = NULL;
    claims = (struct tc_claims){0};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tc_claims_clear(&claims);
    tcj_free(document);
    tc_results_free(results);
    return 0;
}

/* A cell with one round in each of eight blocks, all of `value` but for a drift that both sides of
 * a pair share; `setting` is NULL or "NAME=VALUE". */
static void measured(const char *model, const char *placement, uint64_t tasks, const char *setting,
                     double value)
{
    struct tc_cell cell = {0}, made = made_cell("ring", model);
    char name[32];
    made.placement = (char *)(uintptr_t)placement;
    made.tasks = tasks;
    tc_cell_copy(&cell, &made);
    if (setting) {
        snprintf(name, sizeof name, "%.*s", (int)strcspn(setting, "="), setting);
        tc_cell_set_param(&cell, name, strchr(setting, '=') + 1);
    }
    for (uint64_t block = 0; block < 8; block++)
        made_round(results, &cell, block, "switch", "ns", value * (1 + 0.1 * (double)block), NAN);
    tc_cell_clear(&cell);
}

/* Judges one claim with this test, and a range that was said unless it is NaN. */
static const struct tc_claim *judged(const char *test, double low, double high)
{
    char text[1000];
    struct tc_error err;
    snprintf(text, sizeof text, "{\"claims\": [{\"id\": \"it\", \"claim\": \"so\", \"test\": %s}]}",
             test);
    for (char *at = text; *at; at++)
        if (*at == '\'')
            *at = '"';
    tc_claims_clear(&claims);
    tcj_free(document);
    document = tcj_parse(text, strlen(text), "claims", &err);
    if (!document)
        fail_msg("%s", err.text);
    tc_json *claim = tcj_at(tcj_get(document, "claims"), 0);
    tcj_set(claim, "low", tcj_number(low));
    tcj_set(claim, "high", tcj_number(high));
    tcj_set(claim, "unit", tcj_string("ns"));
    tc_results_summarise(results);
    tc_claims_make(&claims, document, results);
    assert_int_equal(claims.count, 1);
    return &claims.items[0];
}

static void says(const struct tc_claim *claim, enum tc_claim_verdict verdict, const char *words)
{
    if (claim->verdict != verdict || !strstr(claim->on, words))
        fail_msg("%s: '%s', not %s with '%s'", tc_claim_verdict_name(claim->verdict), claim->on,
                 tc_claim_verdict_name(verdict), words);
}

#define THREADS "'over': {'workloads': ['ring'], 'model': 'threads', 'metrics': ['switch']}"
#define PAIR    THREADS ", 'under': {'model': 'async'}"

static void test_costs(void **state)
{
    (void)state;
    measured("threads", "one-core", 10, NULL, 100); /* median over its rounds: 135 */
    says(judged("{'rule': 'cost', " THREADS "}", 135, 135), TC_CLAIM_HOLDS, "");
    says(judged("{'rule': 'cost', " THREADS "}", 260, NAN), TC_CLAIM_HOLDS, "");
    says(judged("{'rule': 'cost', " THREADS "}", 280, 300), TC_CLAIM_FAILS, "");
    says(judged("{'rule': 'cost', " THREADS "}", NAN, 60), TC_CLAIM_FAILS, "");
    says(judged("{'rule': 'target', " THREADS "}", NAN, 134), TC_CLAIM_FAILS, "");
    says(judged("{'rule': 'target', " THREADS "}", NAN, 136), TC_CLAIM_HOLDS, "");
}

static void test_pairs_are_of_one_block(void **state)
{
    (void)state;
    measured("threads", "one-core", 10, NULL, 300);
    measured("async", "one-core", 10, NULL, 100);
    const struct tc_claim *claim = judged("{'rule': 'ratio', " PAIR "}", 3, 3);
    says(claim, TC_CLAIM_HOLDS, "");
    /* The drift is in both, so that the ratio has none. */
    assert_true(fabs(claim->here.value - 3) < 1e-9 && fabs(claim->here.low - 3) < 1e-9 &&
                fabs(claim->here.high - 3) < 1e-9);
    assert_int_equal(claim->here.rounds, 8);
    says(judged("{'rule': 'ratio', " PAIR "}", 6.1, 6.1), TC_CLAIM_FAILS, "");
    says(judged("{'rule': 'order', " PAIR "}", NAN, NAN), TC_CLAIM_HOLDS, "");
    says(judged("{'rule': 'same', " PAIR "}", NAN, NAN), TC_CLAIM_FAILS, "");
}

static void test_an_order_goes_by_the_interval(void **state)
{
    (void)state;
    struct tc_cell threads = made_cell("ring", "threads"), async = made_cell("ring", "async");
    for (uint64_t block = 0; block < 8; block++) {
        made_round(results, &threads, block, "switch", "ns", block % 2 ? 130 : 90, NAN);
        made_round(results, &async, block, "switch", "ns", 100, NAN);
    }
    says(judged("{'rule': 'order', " PAIR "}", NAN, NAN), TC_CLAIM_UNDECIDED, "");
}

static void test_the_floor_is_subtracted(void **state)
{
    (void)state;
    measured("threads", "one-core", 10, NULL, 300);
    measured("async", "one-core", 10, NULL, 280);
    measured("floor", "one-core", 10, NULL, 270);
    says(judged("{'rule': 'same', " PAIR "}", NAN, NAN), TC_CLAIM_HOLDS, "");
    const struct tc_claim *claim = judged("{'rule': 'same', " PAIR ", 'minus': 'floor'}", NAN, NAN);
    says(claim, TC_CLAIM_FAILS, "");
    assert_true(fabs(claim->here.value - 3) < 1e-9);
}

static void test_what_is_missing_is_named(void **state)
{
    (void)state;
    says(judged("{'rule': '', 'needs': 'the workload hog'}", NAN, NAN), TC_CLAIM_NOT_MEASURED,
         "needs the workload hog");
    says(judged("{'rule': 'order', " PAIR "}", NAN, NAN), TC_CLAIM_NOT_MEASURED,
         "no such cells of ring with threads");
    measured("threads", "one-core", 10, NULL, 300); /* and nothing to hold it against */
    says(judged("{'rule': 'order', " PAIR "}", NAN, NAN), TC_CLAIM_NOT_MEASURED, "no such cells");
}

static void test_it_depends_on_the_placement(void **state)
{
    (void)state;
    for (uint64_t tasks = 10; tasks <= 1000; tasks *= 10) {
        measured("threads", "one-core", tasks, NULL, 100);
        measured("threads", "free", tasks, NULL, 900);
        measured("async", "one-core", tasks, NULL, 100);
        measured("async", "free", tasks, NULL, 100);
    }
    says(judged("{'rule': 'same', " PAIR "}", NAN, NAN), TC_CLAIM_DEPENDS,
         "placement: holds with one-core, fails with free");
}

/* The ratio is 10, 1000 / 500 ... along the tasks: 2 at 100, 8 at 10,000, and 4 half-way in logs.
 */
static void test_it_flips_at_a_number_of_tasks(void **state)
{
    (void)state;
    measured("threads", "one-core", 100, NULL, 200);
    measured("threads", "one-core", 10000, NULL, 800);
    measured("async", "one-core", 100, NULL, 100);
    measured("async", "one-core", 10000, NULL, 100);
    /* Accepted from 4 on. */
    says(judged("{'rule': 'ratio', " PAIR "}", 8, NAN), TC_CLAIM_DEPENDS,
         "tasks: fails up to 100, holds from 10,000 on, flips at about 1,000");
    /* Accepted up to 4. */
    says(judged("{'rule': 'ratio', " PAIR "}", NAN, 2), TC_CLAIM_DEPENDS,
         "tasks: holds up to 100, fails from 10,000 on, flips at about 1,000");
}

static void test_it_flips_at_a_parameter(void **state)
{
    (void)state;
    measured("threads", "one-core", 10, "work=1us", 500);
    measured("threads", "one-core", 10, "work=100us", 101);
    measured("async", "one-core", 10, "work=1us", 100);
    measured("async", "one-core", 10, "work=100us", 100);
    const struct tc_claim *claim = judged("{'rule': 'same', " PAIR "}", NAN, NAN);
    says(claim, TC_CLAIM_DEPENDS, "work: fails up to 1.00\xc2\xa0µs, holds from 100\xc2\xa0µs on");
    says(claim, TC_CLAIM_DEPENDS, "flips at about ");
}

static void test_it_depends_on_two_things(void **state)
{
    (void)state;
    for (uint64_t tasks = 10; tasks <= 1000; tasks *= 10) {
        measured("threads", "one-core", tasks, NULL, 100);
        measured("threads", "free", tasks, NULL, tasks > 50 ? 900 : 100);
        measured("async", "one-core", tasks, NULL, 100);
        measured("async", "free", tasks, NULL, 100);
    }
    const struct tc_claim *claim = judged("{'rule': 'same', " PAIR "}", NAN, NAN);
    says(claim, TC_CLAIM_DEPENDS, "with free: tasks: holds up to 10, fails from 100 on");
    says(claim, TC_CLAIM_DEPENDS, "with one-core: holds");
}

static void test_how_many_at_once(void **state)
{
    static const char at_least[] = "{'rule': 'at_least', 'over': {'model': 'threads'}}";
    static const char at_most[] = "{'rule': 'at_most', 'over': {'model': 'threads'}}";
    struct tc_cell cell = made_cell("memory-idle", "threads");
    (void)state;
    says(judged(at_least, 5000, NAN), TC_CLAIM_NOT_MEASURED, "");
    cell.tasks = 10000;
    made_round(results, &cell, 0, "tasks_alive", "count", 10000, NAN);
    says(judged(at_least, 5000, NAN), TC_CLAIM_HOLDS, "10,000 is the most");
    says(judged(at_most, 5000, NAN), TC_CLAIM_FAILS, "10,000 is the most");
    says(judged(at_least, 20000, NAN), TC_CLAIM_NOT_MEASURED, "10,000 is the most");
    cell.tasks = 12000;
    tc_results_add_failure(results, &cell, TC_LIMITED, "pid_max is 11000");
    says(judged(at_least, 20000, NAN), TC_CLAIM_FAILS, "12,000 tasks were refused: pid_max");
    says(judged(at_most, 15000, NAN), TC_CLAIM_HOLDS, "12,000 tasks were refused");
    says(judged(at_most, 80000, NAN), TC_CLAIM_FAILS, "12,000 tasks were refused"); /* far below */
}

/* -- the document -- */

static void check_claim(const tc_json *claim, const struct tc_words *seen)
{
    static const char *const texts[] = {"id", "source", "claim", "conditions", "unit"};
    static const char *const rules[] = {"cost",   "ratio",    "order",   "same",
                                        "target", "at_least", "at_most", ""};
    const tc_json *test = tcj_get(claim, "test"), *over = tcj_get(test, "over");
    const char *id = tcj_text(tcj_get(claim, "id"), "");
    bool known = false;
    for (size_t i = 0; i < TC_COUNT_OF(texts); i++)
        if (!*tcj_text(tcj_get(claim, texts[i]), ""))
            fail_msg("claim '%s' has no %s", id, texts[i]);
    for (size_t i = 0; i < TC_COUNT_OF(rules); i++)
        known = known || strcmp(rules[i], tcj_text(tcj_get(test, "rule"), "?")) == 0;
    if (!known || tc_words_have(seen, id))
        fail_msg("claim '%s' has a rule that is not known, or another has its id", id);
    if (!over == !*tcj_text(tcj_get(test, "needs"), ""))
        fail_msg("claim '%s' has neither cells nor what it needs, or both", id);
    if (over && (tcj_size(tcj_get(over, "metrics")) == 0 || !tcj_get(over, "workloads")))
        fail_msg("claim '%s' names no metrics or workloads", id);
}

static void test_the_document_is_whole(void **state)
{
    struct tc_words seen = {0};
    (void)state;
    document = tc_builtin_claims();
    const tc_json *items = tcj_get(document, "claims");
    assert_true(tcj_size(items) > 100);
    for (size_t i = 0; i < tcj_size(items); i++) {
        check_claim(tcj_at(items, i), &seen);
        tc_words_add(&seen, tcj_text(tcj_get(tcj_at(items, i), "id"), ""));
    }
    tc_words_clear(&seen);
    /* A result without a figure decides none of them. */
    tc_claims_make(&claims, document, results);
    for (size_t i = 0; i < claims.count; i++)
        assert_int_equal(claims.items[i].verdict, TC_CLAIM_NOT_MEASURED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
static const struct CMUnitTest tests[] = {
    TEST(test_costs),
    TEST(test_pairs_are_of_one_block),
    TEST(test_an_order_goes_by_the_interval),
    TEST(test_the_floor_is_subtracted),
    TEST(test_what_is_missing_is_named),
    TEST(test_it_depends_on_the_placement),
    TEST(test_it_flips_at_a_number_of_tasks),
    TEST(test_it_flips_at_a_parameter),
    TEST(test_it_depends_on_two_things),
    TEST(test_how_many_at_once),
    TEST(test_the_document_is_whole),
};
TEST_MAIN(tests)
