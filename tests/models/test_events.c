/* SPDX-License-Identifier: MIT
 *
 * What model.h promises of events, one-waiter events and latches, held against every model. What
 * tasks write before they set or arrive is plain memory, so that TSan sees a model that does not
 * hand it over.
 */
#include "test_main.h"

#include "model_host.h"

#include "model.h"

enum { WAITERS = 40 };

/* -- events -- */

TASK(wait_for_event, {
    event_t *event;
    int64_t *started;
    const int64_t *written;
    int64_t result;
})
{
    TASK_BEGIN;
    bump(self->started);
    AWAIT_INTO(self->result, event_wait(self->event));
    EXPECT(self->result, 0);
    TASK_RETURN(*self->written);
    TASK_END;
}

TASK(set_for_many, {
    event_t event;
    handle_t handles[WAITERS];
    int64_t started;
    int64_t written;
    int64_t i;
    int64_t result;
})
{
    TASK_BEGIN;
    event_init(&self->event);
    for (int i = 0; i < WAITERS; i++)
        START(wait_for_event, &self->handles[i],
              {.event = &self->event, .started = &self->started, .written = &self->written});
    while (peek(&self->started) < WAITERS)
        AWAIT(task_yield());
    self->written = 5;
    event_set(&self->event);
    for (; self->i < WAITERS; self->i++) {
        AWAIT_INTO(self->result, task_join(self->handles[self->i]));
        EXPECT(self->result, 5);
    }
    AWAIT(event_wait(&self->event)); /* it stays set */
    AWAIT(event_wait(&self->event));
    TASK_END;
}

static void test_setting_releases_all(void **state)
{
    (void)state;
    for (int round = 0; round < 10; round++)
        RUN_TEST(set_for_many, {.written = 1});
}

/* Each waiter is released by the set of its own round and not by an earlier one. */
TASK(set_and_reset, {
    event_t event;
    handle_t handle;
    int64_t started;
    int64_t written;
    int64_t result;
})
{
    TASK_BEGIN;
    event_init(&self->event);
    for (; self->written < 100;) {
        event_set(&self->event);
        event_reset(&self->event);
        START(wait_for_event, &self->handle,
              {.event = &self->event, .started = &self->started, .written = &self->written});
        AWAIT(task_yield());
        AWAIT(task_yield());
        self->written++;
        event_set(&self->event);
        AWAIT_INTO(self->result, task_join(self->handle));
        EXPECT(self->result, self->written);
    }
    TASK_END;
}

static void test_after_a_reset_one_waits_again(void **state)
{
    (void)state;
    RUN_TEST(set_and_reset, {.written = 0});
}

/* -- events for one -- */

/* Takes the event so often; each time the turn must be its own. */
TASK(answer, {
    event_one_t *ping;
    event_one_t *pong;
    int64_t *turn;
    int64_t i;
})
{
    TASK_BEGIN;
    for (; self->i < 500; self->i++) {
        AWAIT(event_one_wait(self->ping));
        EXPECT(*self->turn, 2 * self->i + 1);
        ++*self->turn;
        event_one_set(self->pong);
    }
    TASK_END;
}

TASK(ask, {
    event_one_t ping;
    event_one_t pong;
    handle_t handle;
    int64_t turn;
    int64_t i;
    int64_t result;
})
{
    TASK_BEGIN;
    event_one_init(&self->ping);
    event_one_init(&self->pong);
    START(answer, &self->handle, {.ping = &self->ping, .pong = &self->pong, .turn = &self->turn});
    for (; self->i < 500; self->i++) {
        EXPECT(self->turn, 2 * self->i);
        self->turn++;
        event_one_set(&self->ping);
        AWAIT_INTO(self->result, event_one_wait(&self->pong));
        EXPECT(self->result, 0);
    }
    AWAIT(task_join(self->handle));
    TASK_END;
}

static void test_taking_resets_it(void **state)
{
    (void)state;
    RUN_TEST(ask, {.turn = 0});
}

TASK(take_twice, {
    event_one_t *event;
    int64_t *taken;
    const int64_t *sets;
})
{
    TASK_BEGIN;
    AWAIT(event_one_wait(self->event));
    bump(self->taken);
    AWAIT(event_one_wait(self->event));
    TASK_RETURN(*self->sets);
    TASK_END;
}

/* Set twice before the first wait: one wait is over at once, the next one needs the third. */
TASK(set_before_wait, {
    event_one_t event;
    handle_t handle;
    int64_t taken;
    int64_t sets;
    int64_t turns;
    int64_t result;
})
{
    TASK_BEGIN;
    event_one_init(&self->event);
    event_one_set(&self->event);
    event_one_set(&self->event);
    self->sets = 2;
    START(take_twice, &self->handle,
          {.event = &self->event, .taken = &self->taken, .sets = &self->sets});
    while (peek(&self->taken) < 1)
        AWAIT(task_yield());
    for (; self->turns < 10; self->turns++)
        AWAIT(task_yield()); /* room to take what is not there */
    self->sets = 3;
    event_one_set(&self->event);
    AWAIT_INTO(self->result, task_join(self->handle));
    EXPECT(self->result, 3);
    TASK_END;
}

static void test_set_before_the_wait_and_twice(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++)
        RUN_TEST(set_before_wait, {.sets = 0});
}

/* -- latches -- */

TASK(write_and_arrive, {
    latch_t *latch;
    int64_t *cell;
    int64_t yields;
})
{
    TASK_BEGIN;
    for (; self->yields > 0; self->yields--)
        AWAIT(task_yield());
    *self->cell += 1;
    latch_arrive(self->latch);
    TASK_END;
}

TASK(wait_for_latch, {
    latch_t *latch;
    const int64_t *cells;
    int64_t expected;
    int64_t result;
})
{
    TASK_BEGIN;
    AWAIT_INTO(self->result, latch_wait(self->latch));
    EXPECT(self->result, 0);
    for (int i = 0; i < WAITERS; i++)
        EXPECT(self->cells[i], self->expected);
    TASK_END;
}

/* Round after round with one latch: nobody is through before the last of the round has written. */
TASK(gather, {
    latch_t latch;
    handle_t arriving[WAITERS];
    handle_t waiting[4];
    int64_t cells[WAITERS];
    int64_t round;
    int64_t i;
})
{
    TASK_BEGIN;
    latch_init(&self->latch, WAITERS);
    for (self->round = 1; self->round <= 10; self->round++) {
        for (int i = 0; i < 4; i++)
            START(wait_for_latch, &self->waiting[i],
                  {.latch = &self->latch, .cells = self->cells, .expected = self->round});
        for (int i = 0; i < WAITERS; i++)
            START(write_and_arrive, &self->arriving[i],
                  {.latch = &self->latch, .cell = &self->cells[i], .yields = i % 7});
        AWAIT(latch_wait(&self->latch));
        for (int i = 0; i < WAITERS; i++)
            EXPECT(self->cells[i], self->round);
        AWAIT(latch_wait(&self->latch)); /* it stays open */
        for (self->i = 0; self->i < 4; self->i++)
            AWAIT(task_join(self->waiting[self->i]));
        for (self->i = 0; self->i < WAITERS; self->i++)
            AWAIT(task_join(self->arriving[self->i]));
        latch_reset(&self->latch, WAITERS);
    }
    TASK_END;
}

static void test_a_latch_opens_when_all_have_arrived(void **state)
{
    (void)state;
    RUN_TEST(gather, {.round = 0});
}

TASK(wait_for_nobody, {
    latch_t latch;
    int64_t cell;
    handle_t handle;
})
{
    TASK_BEGIN;
    latch_init(&self->latch, 0);
    AWAIT(latch_wait(&self->latch));
    latch_reset(&self->latch, 1);
    START(write_and_arrive, &self->handle, {.latch = &self->latch, .cell = &self->cell});
    AWAIT(latch_wait(&self->latch));
    EXPECT(self->cell, 1);
    AWAIT(task_join(self->handle));
    latch_reset(&self->latch, 0);
    AWAIT(latch_wait(&self->latch));
    TASK_END;
}

static void test_a_latch_for_nobody_is_open(void **state)
{
    (void)state;
    RUN_TEST(wait_for_nobody, {.cell = 0});
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_setting_releases_all),
    cmocka_unit_test(test_after_a_reset_one_waits_again),
    cmocka_unit_test(test_taking_resets_it),
    cmocka_unit_test(test_set_before_the_wait_and_twice),
    cmocka_unit_test(test_a_latch_opens_when_all_have_arrived),
    cmocka_unit_test(test_a_latch_for_nobody_is_open),
};
TEST_MAIN(tests)
