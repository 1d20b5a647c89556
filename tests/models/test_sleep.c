/* SPDX-License-Identifier: MIT
 *
 * What model.h promises of sleeping, held against every model: never early, not at all for the
 * past, everybody in the end, and in the order of the deadlines. How late anything is decides
 * nothing.
 */
#include "test_main.h"

#include "model_host.h"

#include "model.h"

#include "base/rng.h"

#include <stdbool.h>

enum { SLEEPERS = 100 };

TASK(sleep_once, {
    uint64_t deadline_ns;
    sleep_timer_t timer;
    int64_t result;
})
{
    TASK_BEGIN;
    AWAIT_INTO(self->result, sleep_until(&self->timer, self->deadline_ns));
    EXPECT(self->result, 0);
    EXPECT_TRUE(tc_now_ns() >= self->deadline_ns);
    TASK_END;
}

static void test_it_is_never_early(void **state)
{
    struct tc_rng rng;
    (void)state;
    tc_rng_seed(&rng, 1);
    for (int i = 0; i < 100; i++)
        RUN_TEST(sleep_once, {.deadline_ns = tc_now_ns() + tc_rng_below(&rng, 2 * TC_NS_PER_MS)});
}

TASK(sleep_in_the_past, {
    uint64_t deadline_ns;
    sleep_timer_t timer;
    int64_t i;
    int64_t result;
})
{
    TASK_BEGIN;
    for (; self->i < 100; self->i++) {
        AWAIT_INTO(self->result, sleep_until(&self->timer, (uint64_t)self->i));
        EXPECT(self->result, 0);
    }
    self->deadline_ns = tc_now_ns() - 1;
    AWAIT(sleep_until(&self->timer, self->deadline_ns));
    TASK_END;
}

static void test_the_past_has_come(void **state)
{
    (void)state;
    RUN_TEST(sleep_in_the_past, {.i = 0});
}

/* Deadlines up and down, equal, and in the past, from 1 us to 30 ms: all come through. */
TASK(sleep_together, {
    handle_t handles[SLEEPERS];
    int64_t i;
})
{
    TASK_BEGIN;
    uint64_t now_ns = tc_now_ns();
    struct tc_rng rng;
    tc_rng_seed(&rng, 2);
    for (int i = 0; i < SLEEPERS; i++) {
        uint64_t delay_ns = tc_rng_below(&rng, TC_NS_PER_US << tc_rng_below(&rng, 15));
        START(sleep_once, &self->handles[i],
              {.deadline_ns = i % 10 ? now_ns + delay_ns : now_ns + TC_NS_PER_MS});
    }
    for (; self->i < SLEEPERS; self->i++)
        AWAIT(task_join(self->handles[self->i]));
    TASK_END;
}

static void test_all_sleepers_wake(void **state)
{
    (void)state;
    for (int round = 0; round < 5; round++)
        RUN_TEST(sleep_together, {.i = 0});
}

/* Again and again with one timer. */
TASK(sleep_again, {
    uint64_t deadline_ns;
    sleep_timer_t timer;
    int64_t i;
})
{
    TASK_BEGIN;
    for (; self->i < 200; self->i++) {
        self->deadline_ns = tc_now_ns() + (uint64_t)(self->i * 300);
        AWAIT(sleep_until(&self->timer, self->deadline_ns));
        EXPECT_TRUE(tc_now_ns() >= self->deadline_ns);
    }
    TASK_END;
}

static void test_one_timer_again_and_again(void **state)
{
    (void)state;
    RUN_TEST(sleep_again, {.i = 0});
}

/* -- order -- */

enum { ORDERED = 12 };

TASK(sleep_and_note, {
    uint64_t deadline_ns;
    int64_t number;
    int64_t *order;
    int64_t *place;
    sleep_timer_t timer;
})
{
    TASK_BEGIN;
    AWAIT(sleep_until(&self->timer, self->deadline_ns));
    self->order[__atomic_fetch_add(self->place, 1, __ATOMIC_RELAXED)] = self->number;
    TASK_END;
}

/* Spawned in a mixed order, `gap_ns` apart; gives 1 when they woke in the order of deadlines. */
TASK(sleep_in_order, {
    uint64_t gap_ns;
    handle_t handles[ORDERED];
    int64_t order[ORDERED];
    int64_t place;
    int64_t i;
})
{
    TASK_BEGIN;
    uint64_t start_ns = tc_now_ns() + 2 * self->gap_ns;
    for (int64_t i = 0; i < ORDERED; i++) {
        int64_t number = i * 7 % ORDERED;
        START(sleep_and_note, &self->handles[i],
              {.deadline_ns = start_ns + (uint64_t)number * self->gap_ns,
               .number = number,
               .order = self->order,
               .place = &self->place});
    }
    for (; self->i < ORDERED; self->i++)
        AWAIT(task_join(self->handles[self->i]));
    bool in_order = true;
    for (int64_t i = 0; i < ORDERED; i++)
        in_order &= self->order[i] == i;
    TASK_RETURN(in_order);
    TASK_END;
}

/* Two that are due while the machine is busy elsewhere may run in either order. So the gap doubles
 * until it is longer than that; a model that does not go by deadlines fails with every gap. */
static void test_the_earlier_deadline_wakes_first(void **state)
{
    uint64_t gap_ns = TC_NS_PER_MS / 2;
    (void)state;
    while (gap_ns < TC_NS_PER_S && !RUN(&host_round, sleep_in_order, {.gap_ns = gap_ns}))
        gap_ns *= 2;
    assert_true(gap_ns < TC_NS_PER_S);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_it_is_never_early),
    cmocka_unit_test(test_the_past_has_come),
    cmocka_unit_test(test_all_sleepers_wake),
    cmocka_unit_test(test_one_timer_again_and_again),
    cmocka_unit_test(test_the_earlier_deadline_wakes_first),
};
TEST_MAIN(tests)
