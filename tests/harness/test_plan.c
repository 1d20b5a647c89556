/* SPDX-License-Identifier: MIT
 *
 * From requests to cells, on a simulated machine with made-up workers.
 */
#include "harness/plan.h"

#include "test_main.h"

#define HEAD "{\"protocol\": \"taskcost-worker\", \"protocol_version\": 1, "

/* Two models with the same two workloads, and what only one of them can do. */
static const char *const lists[] = {
    HEAD
    "\"model\": \"async\", \"description\": \"a\", \"workloads\": ["
    "{\"name\": \"create\", \"question\": \"q\", \"metrics\": [{\"name\": \"create\"}, "
    "{\"name\": \"create_first\", \"beside\": true}], "
    "\"parameters\": [{\"name\": \"stack\", \"values\": [\"default\", \"1MiB\"], \"open\": "
    "true}], \"tasks_min\": 1, \"tasks_default\": 50, \"sweeps\": ["
    "{\"profile\": \"quick\", \"models\": [], \"placements\": [\"one-core\"], \"tasks\": [10, "
    "20], \"parameters\": {}},"
    "{\"profile\": \"default\", \"models\": [\"async\"], \"placements\": [\"all\"], \"tasks\": "
    "[10], \"parameters\": {\"stack\": [\"64KiB\"]}},"
    "{\"profile\": \"full\", \"models\": [], \"placements\": [\"core:7\"], \"tasks\": [], "
    "\"parameters\": {}}]},"
    "{\"name\": \"switch\", \"tasks_min\": 2, \"tasks_default\": 500, \"parameters\": "
    "[{\"name\": \"mode\", \"values\": [\"fast\", \"slow\"]}]}],"
    "\"unsupported\": [{\"name\": \"futex\", \"reason\": \"tasks do not block\"}]}",
    HEAD
    "\"model\": \"threads\", \"workloads\": ["
    "{\"name\": \"create\", \"tasks_min\": 1, \"tasks_default\": 50, \"sweeps\": ["
    "{\"profile\": \"quick\", \"models\": [], \"placements\": [\"one-core\"], \"tasks\": [10, "
    "20]},"
    "{\"profile\": \"default\", \"models\": [\"async\"], \"placements\": [\"all\"], \"tasks\": "
    "[10]}]},"
    "{\"name\": \"futex\", \"tasks_min\": 2, \"tasks_default\": 7, \"tasks_max\": 8, \"sweeps\": ["
    "{\"profile\": \"default\", \"models\": [], \"placements\": [\"one-core\"], \"tasks\": "
    "[3]}]}]}",
};

struct fixture {
    struct tc_topology *topology;
    struct tc_workers workers;
    struct tc_plan_request request;
    struct tc_plan plan;
};

static int parse_worker(struct tc_worker *worker, const char *text, struct tc_error *err)
{
    tc_json *list = tcj_parse(text, strlen(text), "test", err);
    if (!list)
        fail_msg("%s", err->text);
    int code = tc_worker_parse(worker, list, "/some/worker-x", err);
    tcj_free(list);
    return code;
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct tc_error err;
    setenv("HWLOC_SYNTHETIC", "package:1 core:4 pu:2", 1);
    f->topology = tc_topology_load(&err);
    f->workers.count = TC_COUNT_OF(lists);
    f->workers.items = calloc(f->workers.count, sizeof *f->workers.items);
    for (size_t i = 0; i < f->workers.count; i++)
        if (parse_worker(&f->workers.items[i], lists[i], &err) < 0)
            fail_msg("%s", err.text);
    f->request.profile = "quick";
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    tc_plan_clear(&f->plan);
    tc_plan_request_clear(&f->request);
    tc_workers_clear(&f->workers);
    tc_topology_free(f->topology);
    free(f);
    return 0;
}

/* The cells, one a line; those skipped with their reason. */
static void assert_plan(struct fixture *f, const char *expected)
{
    struct tc_error err;
    char text[4096] = "", cell[256];
    tc_plan_clear(&f->plan);
    if (tc_plan_make(&f->plan, &f->request, &f->workers, f->topology, &err) < 0)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < f->plan.count; i++) {
        const struct tc_planned *p = &f->plan.cells[i];
        size_t used = strlen(text);
        assert_true(!p->skipped == (p->placement && p->offer));
        snprintf(text + used, sizeof text - used, "%s%s%s\n",
                 tc_cell_describe(&p->cell, cell, sizeof cell), p->skipped ? " -- " : "",
                 p->skipped ? p->skipped : "");
    }
    assert_string_equal(text, expected);
}

static void assert_refused(struct fixture *f, const char *why)
{
    struct tc_error err = {""};
    assert_int_equal(tc_plan_make(&f->plan, &f->request, &f->workers, f->topology, &err), -EINVAL);
    assert_int_equal(f->plan.count, 0);
    if (!strstr(err.text, why))
        fail_msg("refused with: %s", err.text);
}

static void param(struct fixture *f, const char *text)
{
    assert_int_equal(tc_plan_add_param(&f->request, text, NULL), 0);
}

static void tasks(struct fixture *f, const char *text)
{
    assert_int_equal(tc_plan_add_tasks(&f->request, "-n", text, NULL), 0);
}

/* -- from sweeps -- */

static void a_profile_has_its_sweeps(void **state)
{
    assert_plan(*state, "create threads one-core n=10\n"
                        "create threads one-core n=20\n"
                        "create async one-core n=10 stack=default\n"
                        "create async one-core n=20 stack=default\n");
}

static void a_profile_includes_the_smaller_ones_and_says_what_cannot_run(void **state)
{
    struct fixture *f = *state;
    f->request.profile = "default";
    tc_words_add(&f->request.models, "async");
    assert_plan(f, "create async all n=10 stack=64KiB\n"
                   "create async one-core n=10 stack=default\n"
                   "create async one-core n=20 stack=default\n"
                   "futex async one-core n=7 -- tasks do not block\n");
}

/* core:7 is not on this machine: the sweep's cell says so instead of ending the run. */
static void a_place_that_is_not_here_is_skipped(void **state)
{
    struct fixture *f = *state;
    f->request.profile = "full";
    tc_words_add(&f->request.workloads, "create");
    tc_words_add(&f->request.models, "async");
    struct tc_error err;
    assert_int_equal(tc_plan_make(&f->plan, &f->request, &f->workers, f->topology, &err), 0);
    assert_int_equal(f->plan.count, 4);
    const struct tc_planned *last = &f->plan.cells[1];
    assert_string_equal(last->cell.placement, "core:7");
    assert_int_equal(last->cell.tasks, 50);
    assert_non_null(strstr(last->skipped, "the last is core:3"));
}

static void a_named_workload_without_sweeps_gets_its_usual_cell(void **state)
{
    struct fixture *f = *state;
    tc_words_add(&f->request.workloads, "switch");
    assert_plan(f, "switch threads one-core n=500 -- model threads does not have this workload\n"
                   "switch async one-core n=500 mode=fast\n");
}

/* -- from what was named -- */

static void naming_an_axis_makes_a_cross_product(void **state)
{
    struct fixture *f = *state;
    tc_words_add(&f->request.workloads, "create");
    tasks(f, "5,6");
    tc_plan_split_placements(&f->request.placements, "free,pu:0,3,all");
    tc_words_add(&f->request.models, "threads");
    assert_plan(f, "create threads all n=5\n"
                   "create threads all n=6\n"
                   "create threads free n=5\n"
                   "create threads free n=6\n"
                   "create threads pu:0,3 n=5\n"
                   "create threads pu:0,3 n=6\n");
}

static void pairs_become_a_placement_for_each(void **state)
{
    struct fixture *f = *state;
    tc_words_add(&f->request.workloads, "create");
    tc_words_add(&f->request.models, "threads");
    tc_plan_split_placements(&f->request.placements, "pairs:2,one-core");
    tasks(f, "5");
    assert_plan(f, "create threads one-core n=5\n"
                   "create threads pu:0 n=5\n"
                   "create threads pu:0,6 n=5\n"
                   "create threads pu:6 n=5\n");
}

static void placements_are_told_as_the_kernel_counts(void **state)
{
    struct fixture *f = *state;
    tc_words_add(&f->request.workloads, "create");
    tc_plan_split_placements(&f->request.placements, "pu:0,3,smt-pair");
    tasks(f, "5,6");
    assert_int_equal(tc_plan_make(&f->plan, &f->request, &f->workers, f->topology, NULL), 0);
    tc_json *placements = tc_plan_describe_placements(&f->plan);
    assert_int_equal(tcj_size(placements), 2);
    assert_string_equal(tcj_text(tcj_get(placements, "pu:0,3"), ""), "0,3");
    assert_string_equal(tcj_text(tcj_get(placements, "smt-pair"), ""), "6-7");
    tcj_free(placements);
}

static void axes_that_were_not_named_take_their_defaults(void **state)
{
    struct fixture *f = *state;
    tc_words_add(&f->request.placements, "all");
    tc_words_add(&f->request.models, "async");
    assert_plan(f, "create async all n=50 stack=default\n"
                   "futex async all n=7 -- tasks do not block\n"
                   "switch async all n=500 mode=fast\n");
}

static void a_model_ignores_parameters_it_does_not_declare(void **state)
{
    struct fixture *f = *state;
    tc_words_add(&f->request.workloads, "create");
    param(f, "stack=1MiB,64KiB");
    assert_plan(f, "create threads one-core n=50\n"
                   "create async one-core n=50 stack=1MiB\n"
                   "create async one-core n=50 stack=64KiB\n");
}

static void the_same_cell_is_planned_once(void **state)
{
    struct fixture *f = *state;
    tc_words_add(&f->request.workloads, "create");
    tc_words_add(&f->request.workloads, "create");
    tc_words_add(&f->request.models, "threads");
    tasks(f, "5,5");
    tasks(f, "5");
    assert_plan(f, "create threads one-core n=5\n");
}

/* Only async chooses a stack, so its stacks are compared with each other and with threads; a mode
 * belongs to the work. */
static void cells_that_differ_in_the_model_alone_are_a_group(void **state)
{
    struct fixture *f = *state;
    static const size_t expected[] = {0, 1, 0, 1, 0, 1, 2, 3, 4, 5};
    tc_words_add(&f->request.workloads, "create");
    tc_words_add(&f->request.workloads, "switch");
    param(f, "stack=default,1MiB");
    param(f, "mode=fast,slow");
    tasks(f, "10,20");
    assert_int_equal(tc_plan_make(&f->plan, &f->request, &f->workers, f->topology, NULL), 0);
    assert_true(f->plan.count >= TC_COUNT_OF(expected));
    for (size_t i = 0; i < TC_COUNT_OF(expected); i++)
        assert_int_equal(f->plan.cells[i].group, expected[i]);
}

/* -- refusals -- */

static void unknown_names_are_refused_with_the_known_ones(void **state)
{
    struct fixture *f = *state;
    tc_words_add(&f->request.workloads, "craete");
    assert_refused(f, "there is no workload 'craete'; did you mean 'create'? There are: create, "
                      "futex, switch");
    tc_words_clear(&f->request.workloads);
    tc_words_add(&f->request.models, "golang");
    assert_refused(f, "there is no model 'golang'; there are: async, threads");
    tc_words_clear(&f->request.models);
    f->request.profile = "fast";
    assert_refused(f, "there is no profile 'fast'; there are: quick, default, full");
    f->request.profile = "quick";
    tc_words_add(&f->request.placements, "core:4");
    assert_refused(f, "the last is core:3");
    tc_words_clear(&f->request.placements);
    tc_words_add(&f->request.placements, "cross-package");
    assert_refused(f, "'cross-package' is not on this machine: there is only one package");
    tc_words_clear(&f->request.placements);
    tc_words_add(&f->request.placements, "pairs:1");
    assert_refused(f, "pairs:1: '1' is not a whole number from 2 to 64");
}

static void parameters_are_checked_against_what_is_declared(void **state)
{
    struct fixture *f = *state;
    param(f, "colour=red");
    assert_refused(f, "named 'colour'; there are: stack, mode");
    tc_plan_request_clear(&f->request);
    f->request.profile = "quick";
    param(f, "mode=medium"); /* closed: only those listed */
    assert_refused(f, "'medium' is not a value of mode of switch; expected fast, slow");
    tc_plan_request_clear(&f->request);
    f->request.profile = "quick";
    param(f, "stack=12abc"); /* open: others of the same kind, a size */
    assert_refused(f, "'12abc' is not a value of stack of create; expected default, 1MiB or "
                      "another like these");
}

static void too_few_tasks_are_refused(void **state)
{
    struct fixture *f = *state;
    tasks(f, "1");
    assert_refused(f, "-n: 1 is too few for switch, which needs at least 2");
    tc_words_add(&f->request.workloads, "create");
    assert_plan(f, "create threads one-core n=1\n"
                   "create async one-core n=1 stack=default\n");
}

static void too_many_tasks_are_refused_where_named_and_skipped_where_not(void **state)
{
    struct fixture *f = *state;
    tasks(f, "9");
    tc_words_add(&f->request.models, "threads");
    assert_plan(f, "create threads one-core n=9\n"
                   "futex threads one-core n=9 -- futex takes at most 8 tasks\n");
    tc_plan_clear(&f->plan);
    tc_words_add(&f->request.workloads, "futex");
    assert_refused(f, "-n: 9 is too many for futex, which takes at most 8");
}

static void counts_are_whole_numbers(void **state)
{
    struct fixture *f = *state;
    static const char *const bad[] = {
        "",   "-1", "12abc",     "99999999999999999999", "0", "1,", ",1", "1,,2", "1.5", "1e3",
        " 1", "+1", "1000000001"};
    for (size_t i = 0; i < TC_COUNT_OF(bad); i++) {
        struct tc_error err = {""};
        assert_int_equal(tc_plan_add_tasks(&f->request, "-n", bad[i], &err), -EINVAL);
        assert_non_null(strstr(err.text, "-n: "));
        assert_non_null(strstr(err.text, "whole number from 1 to 1000000000"));
    }
    static const char *const bad_params[] = {"", "x", "x=", "=1", "x=1,", "x=,1"};
    for (size_t i = 0; i < TC_COUNT_OF(bad_params); i++)
        assert_int_equal(tc_plan_add_param(&f->request, bad_params[i], NULL), -EINVAL);
}

static void without_workers_nothing_can_be_planned(void **state)
{
    struct fixture *f = *state;
    struct tc_workers none = {0};
    struct tc_error err;
    tc_words_add(&none.searched, "/some/folder");
    assert_int_equal(tc_plan_make(&f->plan, &f->request, &none, f->topology, &err), -EINVAL);
    assert_non_null(strstr(err.text, "no worker was found in /some/folder"));
    tc_workers_clear(&none);
}

static void a_model_without_sweeps_needs_a_name(void **state)
{
    struct fixture *f = *state;
    struct tc_worker other;
    struct tc_error err;
    assert_int_equal(parse_worker(&other,
                                  HEAD "\"model\": \"go\", \"workloads\": [{\"name\": \"w\", "
                                       "\"tasks_min\": 1, \"tasks_default\": 1}]}",
                                  &err),
                     0);
    struct tc_workers workers = {.items = &other, .count = 1};
    assert_int_equal(tc_plan_make(&f->plan, &f->request, &workers, f->topology, &err), -EINVAL);
    assert_non_null(strstr(err.text, "profile quick has nothing"));
    tc_worker_clear(&other);
}

#define PLANNED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
/* Further rounds are for the figures that a workload is about. */
static void a_metric_told_beside_is_not_awaited(void **state)
{
    struct fixture *f = *state;
    const struct tc_offer *offer = &f->workers.items[0].offers[0];
    assert_int_equal(offer->metrics.count, 2);
    assert_true(tc_words_have(&offer->metrics, "create_first"));
    assert_int_equal(offer->awaited.count, 1);
    assert_string_equal(offer->awaited.items[0], "create");
}

static const struct CMUnitTest tests[] = {
    PLANNED(a_profile_has_its_sweeps),
    PLANNED(a_profile_includes_the_smaller_ones_and_says_what_cannot_run),
    PLANNED(a_place_that_is_not_here_is_skipped),
    PLANNED(a_named_workload_without_sweeps_gets_its_usual_cell),
    PLANNED(naming_an_axis_makes_a_cross_product),
    PLANNED(pairs_become_a_placement_for_each),
    PLANNED(placements_are_told_as_the_kernel_counts),
    PLANNED(axes_that_were_not_named_take_their_defaults),
    PLANNED(a_model_ignores_parameters_it_does_not_declare),
    PLANNED(the_same_cell_is_planned_once),
    PLANNED(cells_that_differ_in_the_model_alone_are_a_group),
    PLANNED(unknown_names_are_refused_with_the_known_ones),
    PLANNED(parameters_are_checked_against_what_is_declared),
    PLANNED(too_few_tasks_are_refused),
    PLANNED(too_many_tasks_are_refused_where_named_and_skipped_where_not),
    PLANNED(counts_are_whole_numbers),
    PLANNED(without_workers_nothing_can_be_planned),
    PLANNED(a_model_without_sweeps_needs_a_name),
    PLANNED(a_metric_told_beside_is_not_awaited),
};
TEST_MAIN(tests)
