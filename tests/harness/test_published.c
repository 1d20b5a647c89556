/* SPDX-License-Identifier: MIT
 *
 * Published figures: that the data is whole, that the nearest cell is found and its differences
 * told, and that each verdict comes out of the figures that deserve it.
 */
#include "test_main.h"

#include "harness/published.h"
#include "harness/schema.h"

#include <math.h>

static void add_cell(struct tc_results *results, const char *workload, const char *model,
                     const char *placement, uint64_t tasks, const char *stack, const char *metric,
                     double value)
{
    char names[3][64], text[600];
    struct tc_error err;
    struct tc_cell parts = {
        .workload = names[0], .model = names[1], .placement = names[2], .tasks = tasks};
    struct tc_cell cell;
    snprintf(names[0], sizeof names[0], "%s", workload);
    snprintf(names[1], sizeof names[1], "%s", model);
    snprintf(names[2], sizeof names[2], "%s", placement);
    tc_cell_copy(&cell, &parts);
    tc_cell_set_param(&cell, "stack", stack);
    snprintf(text, sizeof text,
             "{\"protocol\": \"taskcost-worker\", \"protocol_version\": 1, \"model\": \"%s\", "
             "\"workload\": \"%s\", \"status\": \"ok\", \"metrics\": [{\"name\": \"%s\", \"unit\": "
             "\"ns\", \"samples\": [%g]}]}",
             model, workload, metric, value);
    tc_json *round = tcj_parse(text, strlen(text), "round", &err);
    assert_non_null(round);
    assert_int_equal(tc_results_add_round(results, &cell, 0, round, &err), 0);
    tc_results_summarise(results);
    tcj_free(round);
    tc_cell_clear(&cell);
}

static void limit_cell(struct tc_results *results, const char *model, uint64_t tasks)
{
    char names[3][32] = {"memory-idle", "", "free"};
    struct tc_cell cell = {
        .workload = names[0], .model = names[1], .placement = names[2], .tasks = tasks};
    snprintf(names[1], sizeof names[1], "%s", model);
    tc_results_add_failure(results, &cell, TC_LIMITED, "kernel.pid_max is 32768");
}

static const struct tc_finding *find(const struct tc_findings *findings, const char *id)
{
    for (size_t i = 0; i < findings->count; i++)
        if (strcmp(findings->items[i].id, id) == 0)
            return &findings->items[i];
    fail_msg("no figure is called %s", id);
    return NULL;
}

/* -- the data -- */

static const char *const workloads[] = {"create", "switch-channel", "switch-socket", "memory-idle",
                                        "hog"};

static bool is_one_of(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}

static void check_figure(const tc_json *figures, const tc_json *figure)
{
    static const char *const models[] = {"async", "threads"};
    static const char *const units[] = {"ns", "B", "count", "ratio"};
    static const char *const claims[] = {"cost", "at_least", "at_most", "ratio", "statement"};
    static const char *const texts[] = {"id", "operation", "conditions"};
    const tc_json *cell = tcj_get(figure, "cell");
    const char *pair = tcj_text(tcj_get(figure, "pair"), NULL);
    double number;
    for (size_t i = 0; i < TC_COUNT_OF(texts); i++)
        assert_true(*tcj_text(tcj_get(figure, texts[i]), "") != '\0');
    assert_true(*tcj_text(tcj_get(tcj_get(figure, "source"), "name"), "") != '\0');
    assert_true(is_one_of(tcj_text(tcj_get(figure, "model"), ""), models, 2));
    assert_true(is_one_of(tcj_text(tcj_get(figure, "unit"), ""), units, 4));
    assert_true(is_one_of(tcj_text(tcj_get(figure, "claim"), ""), claims, 5));
    assert_true(is_one_of(tcj_text(tcj_get(cell, "workload"), ""), workloads, 5));
    assert_true(tcj_size(tcj_get(cell, "placements")) > 0 &&
                tcj_size(tcj_get(cell, "metrics")) > 0);
    assert_true(tcj_read_number(tcj_get(figure, "value"), &number) ||
                tcj_read_number(tcj_get(figure, "low"), &number));
    for (size_t i = 0; pair && i <= tcj_size(figures); i++) {
        const char *id = tcj_text(tcj_get(tcj_at(figures, i), "id"), NULL);
        assert_non_null(id); /* the pair exists */
        if (strcmp(id, pair) == 0)
            break;
    }
}

static void test_every_figure_is_whole(void **state)
{
    (void)state;
    tc_json *published = tc_builtin_published();
    const tc_json *figures = tcj_get(published, "figures");
    assert_true(tcj_size(figures) > 0);
    for (size_t i = 0; i < tcj_size(figures); i++) {
        check_figure(figures, tcj_at(figures, i));
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(tcj_text(tcj_get(tcj_at(figures, i), "id"), ""),
                                    tcj_text(tcj_get(tcj_at(figures, j), "id"), ""));
    }
    tcj_free(published);
}

/* -- rules -- */

static void test_ratios(void **state)
{
    static const struct {
        struct tc_range published;
        double here;
        enum tc_verdict verdict;
    } rows[] = {
        {{57, 57}, 57, TC_HOLDS},
        {{57, 57}, 30, TC_HOLDS},
        {{57, 57}, 113, TC_HOLDS},
        {{57, 57}, 28, TC_SMALLER},
        {{57, 57}, 115, TC_LARGER},
        {{57, 57}, 1.2, TC_NO_DIFFERENCE},
        {{57, 57}, 0.85, TC_NO_DIFFERENCE},
        {{57, 57}, 0.5, TC_REVERSED},
        {{1, 1}, 1.2, TC_HOLDS},
        {{1, 1}, 0.81, TC_HOLDS},
        {{1, 1}, 2, TC_DIFFERS},
        {{1, 1}, 0.5, TC_DIFFERS},
        {{0.5, 0.5}, 0.4, TC_HOLDS},
        {{0.5, 0.5}, 0.2, TC_LARGER},
        {{0.1, 0.1}, 0.3, TC_SMALLER},
        {{0.5, 0.5}, 2, TC_REVERSED},
        {{19, NAN}, 400, TC_HOLDS},
        {{19, NAN}, 9, TC_SMALLER},
        {{10, 30}, 59, TC_HOLDS},
        {{10, 30}, 61, TC_LARGER},
        {{57, 57}, NAN, TC_NOT_JUDGED},
        {{57, 57}, -3, TC_NOT_JUDGED},
    };
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(rows); i++)
        if (tc_judge_ratio(rows[i].published, rows[i].here) != rows[i].verdict)
            fail_msg("row %zu: '%s'", i,
                     tc_verdict_name(tc_judge_ratio(rows[i].published, rows[i].here)));
}

/* -- finding the cell -- */

static const tc_json *cell_of(const tc_json *published, const char *id)
{
    const tc_json *figures = tcj_get(published, "figures");
    for (size_t i = 0; i < tcj_size(figures); i++)
        if (strcmp(tcj_text(tcj_get(tcj_at(figures, i), "id"), ""), id) == 0)
            return tcj_get(tcj_at(figures, i), "cell");
    return NULL;
}

static void test_the_exact_cell_is_preferred(void **state)
{
    char note[480];
    struct tc_results *results = tc_results_new();
    tc_json *published = tc_builtin_published();
    const tc_json *cell = cell_of(published, "context-switch-brigade-threads");
    (void)state;
    add_cell(results, "switch-socket", "threads", "one-core", 500, "1MiB", "switch", 1);
    add_cell(results, "switch-socket", "threads", "free", 500, "default", "switch", 2);
    add_cell(results, "switch-socket", "threads", "free", 500, "1MiB", "switch", 3);
    add_cell(results, "switch-socket", "threads", "free", 400, "1MiB", "switch", 4);
    assert_true(tc_published_value(cell, results, note, sizeof note) == 3);
    assert_string_equal(note, "");
    tcj_free(published);
    tc_results_free(results);
}

static void test_the_nearest_cell_is_told(void **state)
{
    char note[480];
    struct tc_results *results = tc_results_new();
    tc_json *published = tc_builtin_published();
    const tc_json *cell = cell_of(published, "context-switch-brigade-threads");
    (void)state;
    assert_true(isnan(tc_published_value(cell, results, note, sizeof note)));
    assert_string_equal(note, "switch-socket was not run with threads");
    add_cell(results, "switch-socket", "threads", "one-core", 500, "1MiB", "switch", 1);
    assert_true(isnan(tc_published_value(cell, results, note, sizeof note)));
    assert_string_equal(note, "switch of switch-socket was not measured with threads on free");
    add_cell(results, "switch-socket", "threads", "all", 10, "1MiB", "switch", 2);
    add_cell(results, "switch-socket", "threads", "all", 100, "64KiB", "switch", 3);
    assert_true(tc_published_value(cell, results, note, sizeof note) == 3);
    assert_string_equal(note, "placement all instead of free; 100 tasks instead of 500; "
                              "stack=64KiB instead of 1MiB");
    tcj_free(published);
    tc_results_free(results);
}

static void test_the_control_is_subtracted(void **state)
{
    char note[480];
    struct tc_results *results = tc_results_new();
    tc_json *published = tc_builtin_published();
    const tc_json *cell = cell_of(published, "context-switch-switch-io-async");
    (void)state;
    add_cell(results, "switch-socket", "async", "free", 500, "default", "switch", 820);
    assert_true(isnan(tc_published_value(cell, results, note, sizeof note)));
    assert_string_equal(note, "floor of switch-socket on free, to be subtracted, was not measured");
    add_cell(results, "switch-socket", "floor", "free", 500, "default", "switch", 600);
    assert_true(tc_published_value(cell, results, note, sizeof note) == 220);
    assert_string_equal(note, "less 600\xc2\xa0ns of the floor");
    tcj_free(published);
    tc_results_free(results);
}

/* -- findings -- */

static void test_findings_of_a_result(void **state)
{
    struct tc_findings findings;
    struct tc_results *results = tc_results_new();
    tc_json *published = tc_builtin_published();
    (void)state;
    add_cell(results, "create", "async", "free", 10000, "default", "create", 25);
    add_cell(results, "create", "threads", "free", 1000, "default", "create", 1000);
    add_cell(results, "switch-channel", "async", "free", 500, "default", "switch", 10);
    add_cell(results, "memory-idle", "threads", "free", 1000, "default", "memory_total", 36000);
    add_cell(results, "memory-idle", "async", "free", 1000000, "default", "memory_total", 100);
    limit_cell(results, "threads", 50000);
    tc_findings_make(&findings, published, results);
    assert_int_equal(findings.count, tcj_size(tcj_get(published, "figures")));

    const struct tc_finding *finding = find(&findings, "context-switch-create-threads");
    assert_int_equal(finding->verdict, TC_HOLDS); /* 1 : 40 here, 1 : 56.7 published */
    assert_true(finding->here == 1000 && finding->here_ratio.low == 40);
    assert_true(fabs(finding->published_ratio.low - 17000.0 / 300) < 1e-9);

    finding = find(&findings, "context-switch-switch-memory-async");
    assert_int_equal(finding->verdict, TC_NOT_MEASURED);
    assert_string_equal(finding->note,
                        "no ratio without threads: switch-channel was not run with threads");

    finding = find(&findings, "notes-es-memory-threads"); /* bytes alone are judged as bytes */
    assert_int_equal(finding->verdict, TC_HOLDS);
    finding = find(&findings, "notes-en-memory-ratio");
    assert_true(finding->here == 360);
    assert_int_equal(finding->verdict, TC_LARGER);

    finding = find(&findings, "context-switch-alive-async");
    assert_true(finding->here == 1000000);
    assert_int_equal(finding->verdict, TC_HOLDS);
    finding = find(&findings, "context-switch-alive-threads");
    assert_true(finding->here == 1000);
    assert_int_equal(finding->verdict, TC_SMALLER);
    assert_non_null(strstr(finding->note, "kernel.pid_max is 32768"));
    assert_int_equal(find(&findings, "slides-blocking-pool")->verdict, TC_NOT_MEASURED);
    assert_int_equal(find(&findings, "slides-many-threads")->verdict, TC_NOT_JUDGED);
    tc_findings_clear(&findings);
    tcj_free(published);
    tc_results_free(results);
}

static void test_an_empty_result_measures_nothing(void **state)
{
    struct tc_findings findings;
    struct tc_results *results = tc_results_new();
    tc_json *published = tc_builtin_published();
    (void)state;
    tc_findings_make(&findings, published, results);
    for (size_t i = 0; i < findings.count; i++) {
        assert_int_equal(findings.items[i].verdict, TC_NOT_MEASURED);
        assert_true(findings.items[i].note[0] != '\0' && isnan(findings.items[i].here));
    }
    tc_findings_clear(&findings);
    tcj_free(published);
    tc_results_free(results);
}

/* What was published as a slope is held against our slope, where there is one. */
static void test_a_slope_against_a_slope(void **state)
{
    (void)state;
    static const char cell_text[] =
        "{\"workload\": \"memory-idle\", \"model\": \"threads\", \"placements\": [\"free\"], "
        "\"tasks\": 1000, \"parameters\": {\"stack\": \"1MiB\"}, "
        "\"metrics\": [\"memory_resident\"], \"slope\": true}";
    char note[480];
    struct tc_error err;
    struct tc_results *results = tc_results_new();
    tc_json *cell = tcj_parse(cell_text, strlen(cell_text), "cell", &err);
    assert_non_null(cell);
    add_cell(results, "memory-idle", "threads", "free", 1000, "1MiB", "memory_resident", 9000);
    assert_true(tc_published_value(cell, results, note, sizeof note) == 9000);
    assert_string_equal(note, "");
    add_cell(results, "memory-idle", "threads", "free", 2000, "1MiB", "memory_resident", 8750);
    assert_true(tc_published_value(cell, results, note, sizeof note) == 8500);
    assert_string_equal(note, "slope over 2 numbers of tasks, 1,000 to 2,000");
    tcj_free(cell);
    tc_results_free(results);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_every_figure_is_whole),
    cmocka_unit_test(test_ratios),
    cmocka_unit_test(test_the_exact_cell_is_preferred),
    cmocka_unit_test(test_the_nearest_cell_is_told),
    cmocka_unit_test(test_the_control_is_subtracted),
    cmocka_unit_test(test_findings_of_a_result),
    cmocka_unit_test(test_an_empty_result_measures_nothing),
    cmocka_unit_test(test_a_slope_against_a_slope),
};
TEST_MAIN(tests)
