/* SPDX-License-Identifier: MIT
 *
 * The results document: what rounds make of it, that JSON and back changes nothing, and that no
 * bytes in a file can do more than be refused with a sentence.
 */
#include "test_main.h"

#include "base/rng.h"
#include "harness/results.h"
#include "harness/schema.h"

#include <math.h>

static tc_json *parse(const char *text)
{
    struct tc_error err;
    tc_json *value = tcj_parse(text, strlen(text), "test", &err);
    if (!value)
        fail_msg("%s", err.text);
    return value;
}

static struct tc_cell make_cell(const char *workload, const char *model, uint64_t tasks,
                                const char *stack)
{
    char workload_copy[64], model_copy[64];
    char placement[] = "one-core";
    snprintf(workload_copy, sizeof workload_copy, "%s", workload);
    snprintf(model_copy, sizeof model_copy, "%s", model);
    struct tc_cell parts = {
        .workload = workload_copy, .model = model_copy, .placement = placement, .tasks = tasks};
    struct tc_cell cell;
    tc_cell_copy(&cell, &parts);
    if (stack)
        tc_cell_set_param(&cell, "stack", stack);
    return cell;
}

static int add(struct tc_results *results, const struct tc_cell *cell, uint64_t block,
               const char *text, struct tc_error *err)
{
    tc_json *round = parse(text);
    int code = tc_results_add_round(results, cell, block, round, err);
    tcj_free(round);
    return code;
}

#define HEAD                                                                                \
    "{\"protocol\": \"taskcost-worker\", \"protocol_version\": 1, \"model\": \"threads\", " \
    "\"workload\": \"switch-pipe\", \"tasks\": 2, "
#define OK_ROUND(samples)                                                                     \
    HEAD "\"status\": \"ok\", \"parameters\": {\"driver\": \"main-thread\", \"stack\": "      \
         "\"ignored\"}, \"metrics\": ["                                                       \
         "{\"name\": \"switch\", \"unit\": \"ns\", \"samples\": " samples "}, "               \
         "{\"name\": \"latency\", \"unit\": \"ns\", \"histogram\": [[500, 3], [512, 9]]}, "   \
         "{\"name\": \"cycles\", \"unit\": \"1\", \"samples\": [], \"reason\": \"no PMU\"}]," \
         "\"observed\": {\"cpus_allowed\": \"0\", \"cpus_seen\": [0], \"clock_cost_ns\": 24.5}}"

static struct tc_results *example(void)
{
    struct tc_error err = {""};
    struct tc_results *results = tc_results_new();
    struct tc_cell cell = make_cell("switch-pipe", "threads", 2, "64KiB");
    struct tc_cell limited = make_cell("switch-pipe", "threads", 100000, "64KiB");
    results->id = strdup("a-run");
    results->started = strdup("2026-11-21T20:00:00Z");
    results->command = strdup("taskcost run \xc3\xa9");
    results->seed = TC_SEED_MAX;
    tcj_set(results->environment, "host", tcj_string("here"));
    tc_results_add_warning(results, "governor", "the governor is powersave", "set performance");
    tc_results_add_warning(results, "governor", "the governor is powersave", "set performance");
    assert_int_equal(add(results, &cell, 0, OK_ROUND("[10, 11.5, 12]"), &err), 0);
    assert_int_equal(add(results, &cell, 1, OK_ROUND("[20]"), &err), 0);
    assert_int_equal(add(results, &cell, 2, OK_ROUND("[30, 31]"), &err), 0);
    assert_int_equal(add(results, &limited, 0,
                         HEAD "\"status\": \"limited\", \"reason\": \"too few descriptors\", "
                              "\"limit\": {\"name\": \"RLIMIT_NOFILE\", \"value\": 1024, "
                              "\"needed\": 200010}}",
                         &err),
                     0);
    tc_results_summarise(results);
    tc_cell_clear(&cell);
    tc_cell_clear(&limited);
    return results;
}

static void test_rounds_become_measurements(void **state)
{
    struct tc_results *results = example();
    (void)state;
    const struct tc_measurement *m =
        tc_results_find(results, "switch-pipe", "threads", "one-core", 2, "switch");
    assert_non_null(m);
    assert_int_equal(m->status, TC_OK);
    assert_null(m->reason);
    assert_int_equal(m->round_count, 3);
    assert_true(m->rounds[0].median == 11.5 && m->rounds[1].median == 20);
    assert_int_equal(m->rounds[2].block, 2);
    assert_true(m->summary.median == 20 && m->summary.rounds == 3 && m->summary.samples == 6);
    assert_true(m->summary.min == 10 && m->summary.max == 31);
    assert_true(isnan(m->summary.ci_low) && isnan(m->summary.p90)); /* too few of either */
    assert_string_equal(tc_cell_param(&m->cell, "driver"), "main-thread");
    assert_string_equal(tc_cell_param(&m->cell, "stack"), "64KiB"); /* the plan's word counts */
    assert_string_equal(tcj_text(tcj_get(m->rounds[1].observed, "cpus_allowed"), ""), "0");
    m = tc_results_find(results, NULL, NULL, NULL, 2, "latency");
    assert_null(m->rounds[1].observed);
    assert_true(m->summary.samples == 36 && m->summary.p50 > 511 && m->summary.p50 < 514);
    assert_int_equal(results->warning_count, 1);
    tc_results_free(results);
}

static void test_what_was_not_measured_says_why(void **state)
{
    struct tc_results *results = example();
    (void)state;
    const struct tc_measurement *m = tc_results_find(results, NULL, NULL, NULL, 2, "cycles");
    assert_int_equal(m->status, TC_SKIPPED);
    assert_string_equal(m->reason, "no PMU");
    assert_int_equal(m->round_count, 0);
    assert_true(isnan(m->summary.median));
    m = tc_results_find(results, NULL, NULL, NULL, 100000, NULL);
    assert_int_equal(m->status, TC_LIMITED);
    assert_string_equal(m->metric, "round");
    assert_string_equal(tcj_text(tcj_get(m->limit, "name"), ""), "RLIMIT_NOFILE");
    tc_results_free(results);
}

static void test_a_failed_round_fails_the_cell(void **state)
{
    struct tc_error err;
    struct tc_results *results = example();
    struct tc_cell cell = make_cell("switch-pipe", "threads", 2, "64KiB");
    struct tc_cell other = make_cell("switch-pipe", "threads", 2, "1MiB");
    (void)state;
    tc_results_add_failure(results, &cell, TC_FAILED, "ended by SIGSEGV");
    tc_results_add_failure(results, &cell, TC_FAILED, "a later reason");
    add(results, &cell, 3, OK_ROUND("[40]"), &err);
    const struct tc_measurement *m = tc_results_lookup(results, &cell, "switch");
    assert_int_equal(m->status, TC_FAILED);
    assert_string_equal(m->reason, "ended by SIGSEGV");
    assert_int_equal(m->round_count, 4);
    assert_null(tc_results_lookup(results, &other, NULL)); /* another plan is another cell */
    tc_results_add_failure(results, &other, TC_FAILED, "took longer than 10 s");
    add(results, &other, 0, OK_ROUND("[1]"), &err);
    assert_int_equal(tc_results_lookup(results, &other, "switch")->status, TC_FAILED);
    assert_string_equal(tc_results_lookup(results, &other, "round")->reason,
                        "took longer than 10 s");
    tc_cell_clear(&cell);
    tc_cell_clear(&other);
    tc_results_free(results);
}

static void test_a_bad_round_adds_nothing(void **state)
{
    static const struct {
        const char *text, *sentence;
    } rows[] = {
        {"[]", "printed array, expected one JSON object"},
        {"{}", "\"protocol\" is ''"},
        {"{\"protocol\": \"taskcost-worker\", \"protocol_version\": 1, \"model\": \"async\"}",
         "\"model\" is 'async', expected 'threads'"},
        {"{\"protocol\": \"taskcost-worker\", \"protocol_version\": 2, \"model\": \"threads\", "
         "\"workload\": \"switch-pipe\"}",
         "\"protocol_version\" must be 1"},
        {HEAD "\"status\": \"good\"}", "\"status\" is 'good'"},
        {HEAD "\"status\": \"failed\"}", "must give its reason"},
        {HEAD "\"status\": \"ok\"}", "must have a list of metrics"},
        {HEAD "\"status\": \"ok\", \"metrics\": []}", "must have a list of metrics"},
        {HEAD "\"status\": \"ok\", \"metrics\": [{\"name\": \"switch\", \"unit\": \"ns\", "
              "\"samples\": [1]}, {\"name\": \"x\", \"unit\": \"ns\", \"samples\": [null]}]}",
         "metric x must have"},
        {HEAD "\"status\": \"ok\", \"metrics\": [{\"name\": \"x\", \"unit\": \"ns\", "
              "\"histogram\": [[1]]}]}",
         "metric x must have"},
        {HEAD "\"status\": \"ok\", \"metrics\": [{\"name\": \"x\", \"samples\": [1]}]}",
         "metric 0 must have a name and a unit"},
        {HEAD "\"status\": \"ok\", \"parameters\": {\"a\": 1}, \"metrics\": []}",
         "parameter a must be a string"},
    };
    struct tc_cell cell = make_cell("switch-pipe", "threads", 2, NULL);
    struct tc_results *results = tc_results_new();
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(rows); i++) {
        struct tc_error err = {""};
        assert_int_equal(add(results, &cell, 0, rows[i].text, &err), -EINVAL);
        if (!strstr(err.text, rows[i].sentence) || !strstr(err.text, "worker-threads"))
            fail_msg("'%s' where '%s' was expected", err.text, rows[i].sentence);
    }
    assert_int_equal(results->measurement_count, 0);
    tc_cell_clear(&cell);
    tc_results_free(results);
}

static void test_json_and_back_changes_nothing(void **state)
{
    struct tc_error err = {""};
    struct tc_results *results = example();
    (void)state;
    tc_json *first = tc_results_to_json(results);
    struct tc_results *again = tc_results_from_json(first, "first", &err);
    if (!again)
        fail_msg("%s", err.text);
    tc_json *second = tc_results_to_json(again);
    assert_true(tcj_equal(first, second));
    assert_int_equal(again->seed, TC_SEED_MAX);
    assert_null(again->finished);
    struct tc_cell plan = make_cell("switch-pipe", "threads", 2, "64KiB");
    assert_non_null(tc_results_lookup(again, &plan, "switch")); /* knows what was reported */
    tc_cell_clear(&plan);
    tcj_free(first);
    tcj_free(second);
    tc_results_free(results);
    tc_results_free(again);
}

static void test_undefined_is_null_in_the_file(void **state)
{
    struct tc_results *results = example();
    (void)state;
    tc_json *document = tc_results_to_json(results);
    const tc_json *list = tcj_get(document, "measurements");
    const tc_json *limited = tcj_at(list, tcj_size(list) - 1);
    const tc_json *summary = tcj_get(limited, "summary");
    for (void *it = tcj_first(summary); it; it = tcj_next(summary, it))
        if (strcmp(tcj_key(it), "rounds") != 0 && strcmp(tcj_key(it), "samples") != 0)
            assert_true(tcj_is_null(tcj_value(it)));
    assert_true(tcj_is_null(tcj_get(tcj_get(document, "run"), "finished")));
    tcj_free(document);
    tc_results_free(results);
}

static void test_files_of_another_kind(void **state)
{
    static const struct {
        const char *text, *sentence;
    } rows[] = {
        {"[]", "not a taskcost result: \"schema\" is 'missing'"},
        {"{\"schema\": \"taskcost-published\"}", "\"schema\" is 'taskcost-published'"},
        {"{\"schema\": \"two\\nlines\"}", "\"schema\" is 'two?lines'"},
        {"{\"schema\": \"taskcost-results\"}", "\"schema_version\" must be a whole number"},
        {"{\"schema\": \"taskcost-results\", \"schema_version\": 2}",
         "schema_version is 2, but this taskcost reads version 1"},
        {"{\"schema\": \"taskcost-results\", \"schema_version\": 1}",
         "at the top level: the key 'run' is missing"},
    };
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(rows); i++) {
        struct tc_error err = {""};
        tc_json *document = parse(rows[i].text);
        assert_null(tc_results_from_json(document, "a.json", &err));
        if (!strstr(err.text, rows[i].sentence) || strncmp(err.text, "a.json: ", 8) != 0)
            fail_msg("'%s' where '%s' was expected", err.text, rows[i].sentence);
        tcj_free(document);
    }
}

static void test_unknown_keys_are_allowed(void **state)
{
    struct tc_error err = {""};
    struct tc_results *results = example();
    (void)state;
    tc_json *document = tc_results_to_json(results);
    tcj_set(document, "from_the_future", tcj_array());
    tcj_set(tcj_at(tcj_get(document, "measurements"), 0), "new", tcj_integer(1));
    struct tc_results *again = tc_results_from_json(document, "a.json", &err);
    assert_non_null(again);
    tcj_free(document);
    tc_results_free(results);
    tc_results_free(again);
}

static void test_a_seed_that_json_cannot_keep_is_refused(void **state)
{
    struct tc_error err = {""};
    struct tc_results *results = example();
    (void)state;
    results->seed = TC_SEED_MAX + 1;
    assert_int_equal(tc_results_save(results, "/dev/null", &err), -ERANGE);
    assert_non_null(strstr(err.text, "9007199254740992"));
    tc_results_free(results);
}

static void test_cells_are_ordered(void **state)
{
    struct tc_cell a = make_cell("create", "threads", 10, NULL);
    struct tc_cell b = make_cell("create", "threads", 10, "1MiB"), c;
    (void)state;
    tc_cell_copy(&c, &b);
    assert_true(tc_cell_compare(&a, &b) < 0 && tc_cell_compare(&b, &a) > 0);
    assert_int_equal(tc_cell_compare(&b, &c), 0);
    tc_cell_set_param(&c, "driver", "main-thread");
    assert_string_equal(c.params[0].name, "driver");
    assert_true(tc_cell_compare(&b, &c) != 0 && !tc_cell_same_plan(&b, &c));
    c.params[0].reported = true;
    assert_true(tc_cell_same_plan(&b, &c) && tc_cell_same_plan(&c, &b));
    tc_cell_set_param(&c, "stack", "64KiB");
    assert_false(tc_cell_same_plan(&b, &c));
    char text[80], tiny[8];
    assert_string_equal(tc_cell_describe(&c, text, sizeof text),
                        "create threads one-core n=10 stack=64KiB");
    assert_int_equal(strlen(tc_cell_describe(&c, tiny, sizeof tiny)), 7);
    tc_cell_clear(&a);
    tc_cell_clear(&b);
    tc_cell_clear(&c);
}

/* One mutation of the text: a byte changed, a piece cut out, doubled, or the end cut off. */
static size_t mutate(char *text, size_t length, struct tc_rng *rng)
{
    static const char spice[] = "\"{}[]:,0-9.eE\\\xff\x01nulltrueNaN";
    size_t at = tc_rng_below(rng, length), span = 1 + tc_rng_below(rng, 20);
    if (span > length - at)
        span = length - at;
    switch (tc_rng_below(rng, 4)) {
    case 0:
        text[at] = spice[tc_rng_below(rng, sizeof spice - 1)];
        return length;
    case 1:
        memmove(text + at, text + at + span, length - at - span);
        return length - span;
    case 2:
        memmove(text + at + span, text + at, length - at);
        return length + span;
    default:
        return at;
    }
}

static char *text_of(tc_json *value, size_t *length)
{
    char *text = NULL;
    FILE *stream = open_memstream(&text, length);
    assert_int_equal(tcj_write(value, stream), 0);
    fclose(stream);
    tcj_free(value);
    return text;
}

/* Whatever the bytes, the answer is a document or one sentence. Run it under ASan. */
static void test_garbage_is_refused_with_a_sentence(void **state)
{
    enum { MUTATIONS = 3000 };
    struct tc_results *results = example();
    struct tc_rng rng;
    size_t length, refused = 0;
    char *original = text_of(tc_results_to_json(results), &length);
    char *text = malloc(length + 200);
    (void)state;
    tc_rng_seed(&rng, 20261121);
    for (int i = 0; i < MUTATIONS; i++) {
        struct tc_error err = {""};
        size_t now = length, times = 1 + tc_rng_below(&rng, 3);
        memcpy(text, original, length);
        for (size_t j = 0; j < times && now > 0; j++)
            now = mutate(text, now, &rng);
        tc_json *document = tcj_parse(text, now, "mutant", &err);
        struct tc_results *read = document ? tc_results_from_json(document, "mutant", &err) : NULL;
        if (!read) {
            assert_true(strncmp(err.text, "mutant: ", 8) == 0 && !strchr(err.text, '\n'));
            refused++;
        } else {
            tc_results_summarise(read);
            tcj_free(tc_results_to_json(read));
        }
        tc_results_free(read);
        tcj_free(document);
    }
    assert_in_range(refused, MUTATIONS / 2, MUTATIONS - 1); /* the mutations bite, not always */
    free(original);
    free(text);
    tc_results_free(results);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_rounds_become_measurements),
    cmocka_unit_test(test_what_was_not_measured_says_why),
    cmocka_unit_test(test_a_failed_round_fails_the_cell),
    cmocka_unit_test(test_a_bad_round_adds_nothing),
    cmocka_unit_test(test_json_and_back_changes_nothing),
    cmocka_unit_test(test_undefined_is_null_in_the_file),
    cmocka_unit_test(test_files_of_another_kind),
    cmocka_unit_test(test_unknown_keys_are_allowed),
    cmocka_unit_test(test_a_seed_that_json_cannot_keep_is_refused),
    cmocka_unit_test(test_cells_are_ordered),
    cmocka_unit_test(test_garbage_is_refused_with_a_sentence),
};
TEST_MAIN(tests)
