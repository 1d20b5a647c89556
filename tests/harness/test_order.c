/* SPDX-License-Identifier: MIT
 *
 * The order of rounds: that a block is balanced, and that runs of fake workers keep to it.
 */
#include "fake_campaign.h"

enum { CELLS = 60 };

/* A plan of groups of 1, 2, 3, ... cells, whose cells are not side by side. */
static struct tc_plan *grouped(void)
{
    static struct tc_planned cells[CELLS];
    static struct tc_plan plan = {cells, CELLS};
    size_t group = 0, left = 1;
    for (size_t i = 0; i < CELLS; i++) {
        cells[i * 7 % CELLS].group = group;
        if (--left == 0) {
            group++;
            left = group + 1;
        }
    }
    return &plan;
}

static void a_block_is_every_cell_once(void **state)
{
    (void)state;
    size_t order[CELLS];
    for (uint64_t block = 0; block < 20; block++) {
        bool seen[CELLS] = {false};
        tc_block_order(7, block, grouped(), order);
        for (size_t i = 0; i < CELLS; i++) {
            assert_true(order[i] < CELLS && !seen[order[i]]);
            seen[order[i]] = true;
        }
    }
    tc_block_order(7, 0, &(struct tc_plan){0}, order);
}

static void the_cells_of_a_group_are_neighbours(void **state)
{
    (void)state;
    const struct tc_plan *plan = grouped();
    size_t order[CELLS];
    for (uint64_t block = 0; block < 20; block++) {
        bool seen[CELLS] = {false};
        tc_block_order(3, block, plan, order);
        for (size_t i = 0; i < CELLS; i++) {
            size_t group = plan->cells[order[i]].group;
            bool begins = i == 0 || plan->cells[order[i - 1]].group != group;
            assert_true(begins != seen[group]);
            seen[group] = true;
        }
    }
}

/* Where in its group a cell stands in a block. */
static size_t place_of(const struct tc_plan *plan, const size_t *order, size_t cell)
{
    size_t i = 0, place;
    while (order[i] != cell)
        i++;
    for (place = 0; i > place; place++)
        if (plan->cells[order[i - place - 1]].group != plan->cells[cell].group)
            break;
    return place;
}

static void each_cell_meets_each_place_equally_often(void **state)
{
    (void)state;
    enum { SQUARES = 5, GROUPS = 11 };
    const struct tc_plan *plan = grouped();
    size_t order[CELLS], sizes[GROUPS] = {0};
    for (size_t i = 0; i < CELLS; i++)
        sizes[plan->cells[i].group]++;
    for (uint64_t seed = 0; seed < 3; seed++) {
        for (size_t cell = 0; cell < CELLS; cell++) {
            size_t members = sizes[plan->cells[cell].group], met[GROUPS] = {0};
            for (uint64_t block = 0; block < SQUARES * members; block++) {
                tc_block_order(seed, block, plan, order);
                met[place_of(plan, order, cell)]++;
            }
            for (size_t place = 0; place < members; place++)
                assert_int_equal(met[place], SQUARES);
        }
    }
}

static void orders_differ_by_block_and_seed_and_repeat(void **state)
{
    (void)state;
    size_t a[CELLS], b[CELLS];
    tc_block_order(1, 0, grouped(), a);
    tc_block_order(1, 0, grouped(), b);
    assert_memory_equal(a, b, sizeof a);
    tc_block_order(1, 1, grouped(), b);
    assert_memory_not_equal(a, b, sizeof a);
    tc_block_order(2, 0, grouped(), b);
    assert_memory_not_equal(a, b, sizeof a);
    tc_block_order(0, 1, grouped(), b); /* neighbouring seeds share no orders */
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
        tc_block_order(42, block, &fake.plan, order);
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

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_block_is_every_cell_once),
    cmocka_unit_test(the_cells_of_a_group_are_neighbours),
    cmocka_unit_test(each_cell_meets_each_place_equally_often),
    cmocka_unit_test(orders_differ_by_block_and_seed_and_repeat),
    FAKED(rounds_run_in_the_recorded_order),
    FAKED(every_round_is_kept_with_its_block),
};
TEST_MAIN(tests)
