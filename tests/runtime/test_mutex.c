/* SPDX-License-Identifier: MIT
 *
 * Mutexes as rt/mutex.h documents them: handed over in order and never taken between a wake and its
 * poll, or, barging, taken by whoever comes first; held across awaits by tasks that count together.
 */
#include "test_main.h"

#include "dies.h"
#include "stage.h"

static rt_poll lock(struct stage *stage, int who, struct rt_mutex *mutex)
{
    return POLL(stage, who, rt_mutex_lock, mutex);
}

static void test_one_holds_it_at_a_time(void **state)
{
    struct stage stage;
    struct rt_mutex mutex;
    (void)state;
    begin(&stage);
    rt_mutex_init(&mutex);
    assert_int_equal(lock(&stage, 0, &mutex), 0);
    assert_ptr_equal(mutex.owner, stage.cx[0].task);
    assert_false(rt_mutex_try_lock(&mutex));
    assert_int_equal(lock(&stage, 1, &mutex), RT_PENDING);
    rt_mutex_unlock(&mutex);
    assert_ptr_equal(mutex.owner, stage.cx[1].task); /* already, although it has not run */
    assert_woken(&stage, 2);
    assert_int_equal(lock(&stage, 1, &mutex), 0);
    rt_mutex_unlock(&mutex);
    assert_true(rt_mutex_try_lock(&mutex));
    assert_false(rt_mutex_try_lock(&mutex));
    rt_mutex_unlock(&mutex);
    assert_null(mutex.owner);
    end(&stage);
}

static void test_newcomers_do_not_overtake(void **state)
{
    struct stage stage;
    struct rt_mutex mutex;
    (void)state;
    begin(&stage);
    rt_mutex_init(&mutex);
    assert_true(rt_mutex_try_lock(&mutex));
    for (int who = 0; who < 3; who++)
        assert_int_equal(lock(&stage, who, &mutex), RT_PENDING);
    for (int who = 0; who < 3; who++) {
        rt_mutex_unlock(&mutex);
        assert_false(rt_mutex_try_lock(&mutex));
        assert_int_equal(lock(&stage, 3, &mutex), RT_PENDING);
        DROP(&stage, 3, rt_mutex_lock, &mutex);
        assert_woken(&stage, 1u << who);
        assert_int_equal(lock(&stage, who, &mutex), 0);
    }
    rt_mutex_unlock(&mutex);
    end(&stage);
}

static void test_a_dropped_owner_to_be_hands_it_on(void **state)
{
    struct stage stage;
    struct rt_mutex mutex;
    (void)state;
    begin(&stage);
    rt_mutex_init(&mutex);
    assert_true(rt_mutex_try_lock(&mutex));
    for (int who = 0; who < 3; who++)
        assert_int_equal(lock(&stage, who, &mutex), RT_PENDING);
    rt_mutex_unlock(&mutex);
    DROP(&stage, 0, rt_mutex_lock, &mutex);
    DROP(&stage, 2, rt_mutex_lock, &mutex); /* waiting: changes nothing */
    assert_ptr_equal(mutex.owner, stage.cx[1].task);
    DROP(&stage, 1, rt_mutex_lock, &mutex);
    assert_null(mutex.owner);
    assert_woken(&stage, 3);
    end(&stage);
}

/* -- barging -- */

static void test_barging_gives_up_the_order(void **state)
{
    struct stage stage;
    struct rt_mutex mutex;
    (void)state;
    begin(&stage);
    rt_mutex_init_barging(&mutex);
    assert_int_equal(lock(&stage, 0, &mutex), 0);
    assert_int_equal(lock(&stage, 1, &mutex), RT_PENDING);
    assert_int_equal(lock(&stage, 2, &mutex), RT_PENDING);
    rt_mutex_unlock(&mutex);
    assert_int_equal(lock(&stage, 0, &mutex), 0); /* free although somebody was woken for it */
    assert_woken(&stage, 2);
    assert_int_equal(lock(&stage, 1, &mutex), RT_PENDING); /* tried in vain: the first again */
    rt_mutex_unlock(&mutex);
    assert_woken(&stage, 2);
    assert_int_equal(lock(&stage, 1, &mutex), 0);
    rt_mutex_unlock(&mutex);
    assert_woken(&stage, 4);
    assert_int_equal(lock(&stage, 2, &mutex), 0);
    rt_mutex_unlock(&mutex);
    end(&stage);
}

static void test_barging_loses_no_wake(void **state)
{
    struct stage stage;
    struct rt_mutex mutex;
    (void)state;
    for (int taken = 0; taken <= 1; taken++) {
        begin(&stage);
        rt_mutex_init_barging(&mutex);
        assert_true(rt_mutex_try_lock(&mutex));
        assert_int_equal(lock(&stage, 1, &mutex), RT_PENDING);
        assert_int_equal(lock(&stage, 2, &mutex), RT_PENDING);
        rt_mutex_unlock(&mutex);
        if (taken)
            assert_int_equal(lock(&stage, 0, &mutex), 0);
        DROP(&stage, 1, rt_mutex_lock, &mutex);
        assert_woken(&stage, taken ? 2 : 6); /* free: another must try, or nobody ever would */
        if (taken)
            rt_mutex_unlock(&mutex);
        assert_woken(&stage, taken ? 4 : 0);
        assert_int_equal(lock(&stage, 2, &mutex), 0);
        rt_mutex_unlock(&mutex);
        end(&stage);
    }
}

/* -- tasks: the lecture's counter -- */

enum { TASKS = 16, INCREMENTS = 500 };

struct counter {
    struct rt_mutex mutex;
    int64_t count;
    int turns[TASKS]; /* how often each has held it */
};

struct incrementer {
    RT_FRAME;
    struct counter *counter;
    int who, i;
    int64_t read;
};

/* Reads, lets all others run, writes: without the mutex nearly every increment would be lost. */
static rt_poll incrementer(void *frame, struct rt_cx *cx)
{
    struct incrementer *self = frame;
    RT_BEGIN(self, cx);
    for (; self->i < INCREMENTS; self->i++) {
        RT_AWAIT(rt_mutex_lock, &self->counter->mutex);
        self->read = self->counter->count;
        self->counter->turns[self->who]++;
        RT_AWAIT(rt_yield);
        self->counter->count = self->read + 1;
        rt_mutex_unlock(&self->counter->mutex);
    }
    RT_END(0);
}

static void count_together(struct counter *counter, bool fair)
{
    struct rt_executor *executor = new_executor();
    struct rt_handle handles[TASKS];
    for (int who = 0; who < TASKS; who++)
        handles[who] = SPAWNED(executor, incrementer, {.counter = counter, .who = who});
    for (int lap = 0; fair && lap < 50; lap++) {
        run_one_lap(executor);
        for (int who = 1; who < TASKS; who++)
            assert_in_range(counter->turns[who - 1] - counter->turns[who], 0, 1);
    }
    for (int who = 0; who < TASKS; who++)
        assert_int_equal(rt_block_on(executor, handles[who]), 0);
    assert_int_equal(counter->count, TASKS * INCREMENTS);
    assert_null(counter->mutex.owner);
    rt_executor_free(executor);
}

static void test_tasks_count_exactly(void **state)
{
    struct counter counter = {.count = 0}, barging = {.count = 0};
    (void)state;
    rt_mutex_init(&counter.mutex);
    count_together(&counter, true);
    rt_mutex_init_barging(&barging.mutex);
    count_together(&barging, false);
}

/* A task that only locks and unlocks is put off when its budget is spent. */
struct hog {
    RT_FRAME;
    struct rt_mutex *mutex;
    int i;
};

static rt_poll hog(void *frame, struct rt_cx *cx)
{
    struct hog *self = frame;
    RT_BEGIN(self, cx);
    for (; self->i < INCREMENTS; self->i++) {
        RT_AWAIT(rt_mutex_lock, self->mutex);
        rt_mutex_unlock(self->mutex);
    }
    RT_END(0);
}

static void test_locking_spends_the_budget(void **state)
{
    struct rt_executor *executor = rt_executor_new(&(struct rt_config){.budget = 10});
    struct rt_mutex mutex;
    (void)state;
    rt_mutex_init(&mutex);
    struct rt_handle handle = SPAWNED(executor, hog, {.mutex = &mutex});
    assert_in_range(rt_run_ready(executor), INCREMENTS / 11, INCREMENTS / 9);
    assert_int_equal(rt_block_on(executor, handle), 0);
    rt_executor_free(executor);
}

/* -- broken promises -- */

static void unlock_what_nobody_holds(void)
{
    struct rt_mutex mutex;
    rt_mutex_init(&mutex);
    rt_mutex_unlock(&mutex);
}

static void test_broken_promises_are_named(void **state)
{
    (void)state;
    dies(unlock_what_nobody_holds);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_one_holds_it_at_a_time),
    cmocka_unit_test(test_newcomers_do_not_overtake),
    cmocka_unit_test(test_a_dropped_owner_to_be_hands_it_on),
    cmocka_unit_test(test_barging_gives_up_the_order),
    cmocka_unit_test(test_barging_loses_no_wake),
    cmocka_unit_test(test_tasks_count_exactly),
    cmocka_unit_test(test_locking_spends_the_budget),
    cmocka_unit_test(test_broken_promises_are_named),
};
TEST_MAIN(tests)
