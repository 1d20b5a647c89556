/* SPDX-License-Identifier: MIT
 *
 * What model.h promises of tasks, held against every model: arguments and fields, results and
 * joins, tasks that nobody joins, yielding.
 */
#include "test_main.h"

#include "model_host.h"

#include "model.h"

/* -- arguments and results -- */

TASK(give, { int64_t value; })
{
    TASK_BEGIN;
    TASK_RETURN(self->value);
    TASK_END;
}

TASK(give_nothing, { int64_t value; })
{
    TASK_BEGIN;
    if (self->value > 0)
        TASK_RETURN(self->value);
    TASK_END;
}

static void test_the_root_gives_its_result(void **state)
{
    (void)state;
    for (int64_t i = -3; i <= 3; i++)
        assert_int_equal(RUN(&host_round, give, {.value = i}), i);
    assert_true(RUN(&host_round, give, {.value = INT64_MAX}) == INT64_MAX);
    assert_int_equal(RUN(&host_round, give_nothing, {.value = 5}), 5);
    assert_int_equal(RUN(&host_round, give_nothing, {.value = 0}), 0);
}

enum { MANY = 100 };

TASK(join_in_order, {
    handle_t handles[MANY];
    int64_t i;
    int64_t step;
    int64_t result;
})
{
    TASK_BEGIN;
    for (int64_t i = 0; i < MANY; i++)
        START(give, &self->handles[i], {.value = i - MANY / 2});
    for (; self->i >= 0 && self->i < MANY; self->i += self->step) {
        AWAIT_INTO(self->result, task_join(self->handles[self->i]));
        EXPECT(self->result, self->i - MANY / 2);
    }
    TASK_END;
}

static void test_join_gives_the_result_in_any_order(void **state)
{
    (void)state;
    RUN_TEST(join_in_order, {.i = 0, .step = 1});
    RUN_TEST(join_in_order, {.i = MANY - 1, .step = -1});
}

/* The one joined has surely ended before in one case, and surely not in the other. */
TASK(end_when_told, {
    event_t *told;
    int64_t *ended;
})
{
    TASK_BEGIN;
    AWAIT(event_wait(self->told));
    bump(self->ended);
    TASK_RETURN(42);
    TASK_END;
}

TASK(tell, { event_t *told; })
{
    TASK_BEGIN;
    AWAIT(task_yield());
    event_set(self->told);
    TASK_END;
}

TASK(join_early_and_late, {
    event_t told;
    int64_t ended;
    int64_t result;
    handle_t waiting;
    handle_t telling;
})
{
    TASK_BEGIN;
    event_init(&self->told);
    START(end_when_told, &self->waiting, {.told = &self->told, .ended = &self->ended});
    START(tell, &self->telling, {.told = &self->told});
    AWAIT_INTO(self->result, task_join(self->waiting)); /* before it has ended */
    EXPECT(self->result, 42);
    EXPECT(peek(&self->ended), 1);
    AWAIT(task_join(self->telling));
    START(end_when_told, &self->waiting, {.told = &self->told, .ended = &self->ended});
    while (peek(&self->ended) < 2)
        AWAIT(task_yield());
    AWAIT_INTO(self->result, task_join(self->waiting)); /* after */
    EXPECT(self->result, 42);
    TASK_END;
}

static void test_join_before_and_after_the_end(void **state)
{
    (void)state;
    RUN_TEST(join_early_and_late, {.ended = 0});
}

/* -- the frame -- */

enum { FIELD_WORDS = 50 };

/* What was given stays, what was not is zero, and both survive every kind of wait. */
TASK(keep_fields, {
    int64_t given;
    int64_t zero;
    int64_t words[FIELD_WORDS];
    chan_t chan;
    event_t *set;
    sleep_timer_t timer;
    uint64_t deadline_ns;
    int64_t round;
    int64_t received;
    int64_t sum;
})
{
    TASK_BEGIN;
    EXPECT(self->zero, 0);
    for (int i = 0; i < FIELD_WORDS; i++) {
        EXPECT(self->words[i], 0);
        self->words[i] = self->given * i;
    }
    for (; self->round < 3; self->round++) {
        AWAIT(task_yield());
        AWAIT(chan_send(self->chan, self->round));
        AWAIT(chan_recv(self->chan, &self->received));
        EXPECT_TRUE(self->received >= 0 && self->received < 3);
        AWAIT(event_wait(self->set));
        self->deadline_ns = tc_now_ns() + TC_NS_PER_MS / 10;
        AWAIT(sleep_until(&self->timer, self->deadline_ns));
    }
    for (int i = 0; i < FIELD_WORDS; i++)
        self->sum += self->words[i];
    EXPECT(self->zero, 0);
    TASK_RETURN(self->sum);
    TASK_END;
}

TASK(spawn_keepers, {
    handle_t handles[8];
    chan_t chan;
    event_t set;
    int64_t i;
    int64_t result;
})
{
    TASK_BEGIN;
    event_init(&self->set);
    for (int64_t i = 0; i < 8; i++) {
        int64_t given = i + 1; /* gone, and other, by the time the task runs */
        START(keep_fields, &self->handles[i],
              {.given = given, .chan = self->chan, .set = &self->set});
    }
    event_set(&self->set);
    for (; self->i < 8; self->i++) {
        AWAIT_INTO(self->result, task_join(self->handles[self->i]));
        EXPECT(self->result, (self->i + 1) * FIELD_WORDS * (FIELD_WORDS - 1) / 2);
    }
    TASK_END;
}

static void test_arguments_and_fields_survive_waits(void **state)
{
    chan_t chan = chan_new(8);
    (void)state;
    RUN_TEST(spawn_keepers, {.chan = chan});
    chan_free(chan);
}

TASK(sum_bytes, {
    unsigned char bytes[10000];
    int64_t i;
    int64_t sum;
})
{
    TASK_BEGIN;
    for (; self->i < (int64_t)sizeof self->bytes; self->i += 1000) {
        AWAIT(task_yield());
        for (int64_t i = self->i; i < self->i + 1000; i++)
            self->sum += self->bytes[i]++;
    }
    TASK_RETURN(self->sum);
    TASK_END;
}

static void test_a_large_frame(void **state)
{
    (void)state;
    assert_int_equal(
        RUN(&host_round, sum_bytes, {.bytes = {[0] = 1, [5000] = 2, [9999] = 3}, .sum = 10}), 16);
}

/* -- tasks that spawn tasks -- */

/* The leaves below: fork and join down to single ones, as far as the model lets handles nest. */
TASK(count_leaves, {
    int64_t depth;
    int64_t left;
    int64_t right;
    handle_t handles[2];
})
{
    TASK_BEGIN;
    if (self->depth == 0)
        TASK_RETURN(1);
    START(count_leaves, &self->handles[0], {.depth = self->depth - 1});
    START(count_leaves, &self->handles[1], {.depth = self->depth - 1});
    AWAIT_INTO(self->left, task_join(self->handles[0]));
    AWAIT_INTO(self->right, task_join(self->handles[1]));
    TASK_RETURN(self->left + self->right);
    TASK_END;
}

static void test_tasks_spawn_tasks(void **state)
{
    (void)state;
    assert_int_equal(RUN(&host_round, count_leaves, {.depth = 7}), 128);
}

static void test_one_run_after_the_other(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++)
        assert_int_equal(RUN(&host_round, count_leaves, {.depth = 2}), 4);
}

/* -- tasks that nobody joins -- */

TASK(arrive, {
    latch_t *latch;
    int64_t *cell;
})
{
    TASK_BEGIN;
    AWAIT(task_yield());
    *self->cell += 1;
    latch_arrive(self->latch);
    TASK_END;
}

TASK(spawn_detached, {
    latch_t *latch;
    int64_t *cells;
    int64_t round;
})
{
    TASK_BEGIN;
    for (; self->round < 10; self->round++) {
        for (int i = 0; i < MANY; i++)
            START(arrive, NULL, {.latch = self->latch, .cell = &self->cells[i]});
        AWAIT(latch_wait(self->latch));
        for (int i = 0; i < MANY; i++)
            EXPECT(self->cells[i], self->round + 1);
        latch_reset(self->latch, MANY);
    }
    TASK_END;
}

static void test_tasks_that_nobody_joins_run_once(void **state)
{
    static int64_t cells[MANY];
    static latch_t latch; /* outlives the last task's last step */
    (void)state;
    latch_init(&latch, MANY);
    RUN_TEST(spawn_detached, {.latch = &latch, .cells = cells});
}

/* -- yielding -- */

TASK(note_turn, { int64_t *turns; })
{
    TASK_BEGIN;
    bump(self->turns);
    TASK_END;
}

/* Without a turn for the others, these would never end. */
TASK(yield_until_all_ran, {
    int64_t turns;
    handle_t handles[MANY];
    int64_t i;
    int64_t result;
})
{
    TASK_BEGIN;
    for (int i = 0; i < MANY; i++)
        START(note_turn, &self->handles[i], {.turns = &self->turns});
    while (peek(&self->turns) < MANY) {
        AWAIT_INTO(self->result, task_yield());
        EXPECT(self->result, 0);
    }
    for (; self->i < MANY; self->i++)
        AWAIT(task_join(self->handles[self->i]));
    TASK_END;
}

static void test_yielding_lets_others_run(void **state)
{
    (void)state;
    RUN_TEST(yield_until_all_ran, {.i = 0});
}

/* Two that wait for each other's step by yielding alone. */
TASK(step_in_turn, {
    int64_t *steps;
    int64_t parity;
    int64_t done;
})
{
    TASK_BEGIN;
    for (; self->done < 200; self->done++) {
        while (peek(self->steps) % 2 != self->parity)
            AWAIT(task_yield());
        EXPECT(peek(self->steps), 2 * self->done + self->parity);
        bump(self->steps);
    }
    TASK_END;
}

TASK(both_step, {
    int64_t steps;
    handle_t even;
    handle_t odd;
})
{
    TASK_BEGIN;
    START(step_in_turn, &self->odd, {.steps = &self->steps, .parity = 1});
    START(step_in_turn, &self->even, {.steps = &self->steps, .parity = 0});
    AWAIT(task_join(self->even));
    AWAIT(task_join(self->odd));
    TASK_RETURN(self->steps);
    TASK_END;
}

static void test_two_that_yield_to_each_other(void **state)
{
    (void)state;
    assert_int_equal(RUN(&host_round, both_step, {.steps = 0}), 400);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_the_root_gives_its_result),
    cmocka_unit_test(test_join_gives_the_result_in_any_order),
    cmocka_unit_test(test_join_before_and_after_the_end),
    cmocka_unit_test(test_arguments_and_fields_survive_waits),
    cmocka_unit_test(test_a_large_frame),
    cmocka_unit_test(test_tasks_spawn_tasks),
    cmocka_unit_test(test_one_run_after_the_other),
    cmocka_unit_test(test_tasks_that_nobody_joins_run_once),
    cmocka_unit_test(test_yielding_lets_others_run),
    cmocka_unit_test(test_two_that_yield_to_each_other),
};
TEST_MAIN(tests)
