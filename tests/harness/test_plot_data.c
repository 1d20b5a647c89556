/* SPDX-License-Identifier: MIT
 *
 * The data of a chart: which measurements it holds, in what order, and that text from a result file
 * cannot become a command of gnuplot's.
 */
#include "test_main.h"

#include "harness/plot_data.h"

static tc_json *round_of(const char *metric, const char *samples)
{
    char text[512];
    snprintf(text, sizeof text,
             "{\"protocol\": \"taskcost-worker\", \"protocol_version\": 1, \"model\": \"async\","
             " \"workload\": \"x\", \"tasks\": 2, \"status\": \"ok\", \"parameters\": {},"
             " \"operations\": 1, \"observed\": {},"
             " \"metrics\": [{\"name\": \"%s\", \"unit\": \"ns\", \"samples\": %s}]}",
             metric, samples);
    struct tc_error err;
    tc_json *round = tcj_parse(text, strlen(text), "test", &err);
    assert_non_null(round);
    return round;
}

struct given {
    char *workload, *model, *stack, *placement;
    uint64_t tasks;
    const char *metric, *samples;
};

/* The worker's own name for model and workload must be the cell's, so they are set in both. */
static void add(struct tc_results *results, struct given given)
{
    struct tc_cell cell = {0}, plain = {.workload = given.workload,
                                        .model = given.model,
                                        .placement = given.placement,
                                        .tasks = given.tasks};
    struct tc_error err;
    tc_cell_copy(&cell, &plain);
    if (given.stack)
        tc_cell_set_param(&cell, "stack", given.stack);
    tc_json *round = round_of(given.metric, given.samples);
    tcj_set(round, "model", tcj_string(given.model));
    tcj_set(round, "workload", tcj_string(given.workload));
    tcj_set(round, "tasks", tcj_integer((int64_t)given.tasks));
    assert_int_equal(tc_results_add_round(results, &cell, 0, round, &err), 0);
    tcj_free(round);
    tc_cell_clear(&cell);
}

static char *written(struct tc_results *results, const char *published, const char *needs)
{
    char *text = NULL;
    size_t size = 0;
    struct tc_error err;
    tc_json *values = published ? tcj_parse(published, strlen(published), "published", &err) : NULL;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    tc_results_summarise(results);
    tc_plot_write(results, values, needs, out);
    fclose(out);
    tcj_free(values);
    return text;
}

static struct tc_results *sample(void)
{
    struct tc_results *results = tc_results_new();
    add(results,
        (struct given){"switch-pipe", "threads", "default", "one-core", 500, "switch", "[3]"});
    add(results, (struct given){"switch-pipe", "async", NULL, "one-core", 500, "switch", "[2]"});
    add(results, (struct given){"switch-pipe", "async", NULL, "one-core", 2, "switch", "[1]"});
    add(results, (struct given){"switch-pipe", "async", NULL, "one-core", 2, "cpu_time", "[7]"});
    add(results, (struct given){"create", "threads", "64KiB", "free", 10, "create", "[5]"});
    return results;
}

static void test_counts_what_matches(void **state)
{
    (void)state;
    struct tc_results *results = sample();
    tc_results_summarise(results);
    assert_int_equal(tc_plot_count(results, "switch-*/switch"), 3);
    assert_int_equal(tc_plot_count(results, " create/create  switch-pipe/cpu_time"), 2);
    assert_int_equal(tc_plot_count(results, "fanout-tcp/latency"), 0);
    assert_int_equal(tc_plot_count(results, ""), 0);
    tc_results_free(results);
}

static void test_a_failed_cell_is_not_drawn(void **state)
{
    (void)state;
    struct tc_results *results = sample();
    struct tc_cell cell = {
        .workload = "switch-pipe", .model = "async", .placement = "one-core", .tasks = 2};
    tc_results_add_failure(results, &cell, TC_FAILED, "ended by signal 11");
    tc_results_summarise(results);
    assert_int_equal(tc_plot_count(results, "switch-pipe/switch"), 2);
    tc_results_free(results);
}

/* A line over the number of tasks is contiguous and in rising order, whatever the document's. */
static void test_rows_of_a_line_are_neighbours(void **state)
{
    (void)state;
    struct tc_results *results = sample();
    char *text = written(results, NULL, "switch-pipe/*");
    const char *cpu = strstr(text, "\tcpu_time\t");
    const char *two =
        strstr(text, "\tasync\tone-core\t2\tdefault\tclosed\t-\tswitch\tns\t1\t1\t1\t");
    const char *many =
        strstr(text, "\tasync\tone-core\t500\tdefault\tclosed\t-\tswitch\tns\t1\t1\t2\t");
    const char *threads = strstr(text, "\tthreads\tone-core\t500\tdefault\tclosed\t-\tswitch\t");
    assert_true(cpu && two && many && threads);
    assert_true(cpu < two && two < many && many < threads);
    free(text);
    tc_results_free(results);
}

static void test_a_stack_size_makes_a_series(void **state)
{
    (void)state;
    struct tc_results *results = sample();
    char *text = written(results, NULL, "create/create");
    assert_non_null(
        strstr(text, "create\tthreads\tthreads/64KiB\tfree\t10\t64KiB\tclosed\t-\tcreate\t"));
    assert_non_null(strstr(text, "series_found = 'threads/64KiB'\n"));
    assert_non_null(strstr(text, "placements_found = 'free'\n"));
    assert_non_null(strstr(text, "all_series = 'threads async threads/64KiB'\n"));
    free(text);
    tc_results_free(results);
}

/* One round gives no interval, and few samples no percentiles: absent is NaN, never 0. */
static void test_absent_is_nan(void **state)
{
    (void)state;
    struct tc_results *results = sample();
    char *text = written(results, NULL, "create/create");
    assert_non_null(strstr(text, "\t1\t1\t5\tNaN\tNaN\t5\t5\t5\tNaN\tNaN\tNaN\t5\n"));
    free(text);
    tc_results_free(results);
}

static void test_text_cannot_become_a_command(void **state)
{
    (void)state;
    struct tc_results *results = tc_results_new();
    add(results,
        (struct given){"create", "as'\n`id`\nEOD\n!id", NULL, "fr ee\"@x", 1, "create", "[1]"});
    results->commit = strdup("x'; system(\"id\") #`id`\n!id");
    char *text = written(results, NULL, "create/*");
    assert_null(strpbrk(text, "`!\"@;"));
    /* Both blocks end where they should, and so not before. */
    const char *first = strstr(text, "\nEOD\n");
    assert_non_null(first);
    assert_memory_equal(first + 5, "$Published", 10);
    const char *caption = strstr(text, "caption = '");
    assert_non_null(caption);
    /* The quote that opens the caption, and the one that ends it with the line. */
    assert_ptr_equal(strchr(caption + strlen("caption = '"), '\''), strchr(caption, '\n') - 1);
    free(text);
    tc_results_free(results);
}

#define PUBLISHED(fields, cell)                                                       \
    "{\"figures\": [{\"id\": \"p\", \"claim\": \"cost\", \"unit\": \"ns\"" fields     \
    ", \"cell\": {\"workload\": \"create\", \"model\": \"threads\", \"tasks\": 1000," \
    " \"parameters\": {\"stack\": \"1MiB\"}, \"placements\": [\"all\", \"free\"]" cell "}}]}"

static void test_published_values(void **state)
{
    (void)state;
    static const struct {
        const char *published;
        bool drawn;
    } cases[] = {
        {PUBLISHED(", \"value\": 17", ", \"metrics\": [\"create\"]"), true},
        {PUBLISHED(", \"low\": 17", ", \"metrics\": [\"create\"]"), false},
        {PUBLISHED(", \"value\": 17", ", \"metrics\": [\"create\", \"create_join\"]"), false},
        {PUBLISHED(", \"value\": 17", ", \"metrics\": [\"switch\"]"), false},
        {PUBLISHED(", \"value\": 17", ", \"metrics\": [\"create\"], \"minus\": \"floor\""), false},
        {"{\"figures\": [{\"id\": \"p\"}, 7]}", false},
    };
    struct tc_results *results = sample();
    for (size_t i = 0; i < TC_COUNT_OF(cases); i++) {
        char *text = written(results, cases[i].published, "create/*");
        const char *row =
            strstr(text, "p\tcreate\tthreads\tthreads/1MiB\tfree\t1000\tcreate\tns\t17\n");
        assert_int_equal(row != NULL, cases[i].drawn);
        free(text);
    }
    tc_results_free(results);
}

/* Sizes have a slope in a block of its own, times have none. */
static void test_slopes_of_sizes(void **state)
{
    (void)state;
    struct tc_results *results = tc_results_new();
    const struct given givens[] = {
        {"memory-idle", "async", NULL, "free", 10, "memory_total", "[110]"},
        {"memory-idle", "async", NULL, "free", 100, "memory_total", "[101]"},
        {"memory-idle", "async", NULL, "free", 10, "switch", "[4]"},
        {"memory-idle", "async", NULL, "free", 100, "switch", "[5]"},
    };
    for (size_t i = 0; i < TC_COUNT_OF(givens); i++)
        add(results, givens[i]);
    for (size_t i = 0; i < results->measurement_count; i++)
        if (strcmp(results->measurements[i].metric, "memory_total") == 0)
            strcpy(results->measurements[i].unit, "B");
    char *text = written(results, NULL, "memory-idle/*");
    char *slopes = strstr(text, "$Slopes << EOD\n");
    assert_non_null(slopes);
    *strstr(slopes, "EOD\n") = ' ';
    *strstr(slopes, "EOD\n") = '\0';
    assert_non_null(
        strstr(slopes, "\tfree\t2\tdefault\tclosed\t-\tmemory_total\tB\t2\t2\t100\tNaN\tNaN\t"));
    assert_null(strstr(slopes, "switch"));
    free(text);
    tc_results_free(results);
}

static void test_only_what_comes_out_of_the_box_is_drawn(void **state)
{
    static const char *const odd[][2] = {
        {"policy", "batch"}, {"stack-cache", "0"}, {"touched", "4KiB"}};
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(odd); i++) {
        struct tc_results *results = sample();
        tc_results_summarise(results);
        assert_int_equal(tc_plot_count(results, "create/create"), 1);
        for (size_t m = 0; m < results->measurement_count; m++)
            if (strcmp(results->measurements[m].metric, "create") == 0)
                tc_cell_set_param(&results->measurements[m].cell, odd[i][0], odd[i][1]);
        assert_int_equal(tc_plot_count(results, "create/create"), 0);
        tc_results_free(results);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_counts_what_matches),
    cmocka_unit_test(test_a_failed_cell_is_not_drawn),
    cmocka_unit_test(test_rows_of_a_line_are_neighbours),
    cmocka_unit_test(test_a_stack_size_makes_a_series),
    cmocka_unit_test(test_absent_is_nan),
    cmocka_unit_test(test_text_cannot_become_a_command),
    cmocka_unit_test(test_published_values),
    cmocka_unit_test(test_slopes_of_sizes),
    cmocka_unit_test(test_only_what_comes_out_of_the_box_is_drawn),
};
TEST_MAIN(tests)
