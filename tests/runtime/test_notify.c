/* SPDX-License-Identifier: MIT
 *
 * Notifications as rt/notify.h documents them: one is kept when nobody waits, and never two;
 * notifying all reaches exactly those who wait; none is lost between a check and a wait.
 */
#include "test_main.h"

#include "stage.h"

static rt_poll wait_for(struct stage *stage, int who, struct rt_notify *notify)
{
    return POLL(stage, who, rt_notify_wait, notify);
}

static void test_one_is_kept(void **state)
{
    struct stage stage;
    struct rt_notify notify;
    (void)state;
    begin(&stage);
    rt_notify_init(&notify);
    rt_notify_one(&notify);
    rt_notify_one(&notify); /* twice before anybody waits is once */
    assert_int_equal(wait_for(&stage, 0, &notify), 0);
    assert_int_equal(wait_for(&stage, 0, &notify), RT_PENDING);
    rt_notify_one(&notify);
    assert_woken(&stage, 1);
    assert_int_equal(wait_for(&stage, 1, &notify), RT_PENDING); /* that one is taken */
    assert_int_equal(wait_for(&stage, 0, &notify), 0);
    DROP(&stage, 1, rt_notify_wait, &notify);
    end(&stage);
}

static void test_one_wakes_the_longest_waiting(void **state)
{
    struct stage stage;
    struct rt_notify notify;
    (void)state;
    begin(&stage);
    rt_notify_init(&notify);
    for (int who = 0; who < WAITERS; who++)
        assert_int_equal(wait_for(&stage, who, &notify), RT_PENDING);
    for (int who = 0; who < WAITERS; who++) {
        rt_notify_one(&notify);
        assert_woken(&stage, 1u << who);
        assert_int_equal(wait_for(&stage, who, &notify), 0);
    }
    end(&stage);
}

static void test_all_reaches_those_who_wait(void **state)
{
    struct stage stage;
    struct rt_notify notify;
    (void)state;
    begin(&stage);
    rt_notify_init(&notify);
    rt_notify_all(&notify); /* nobody waits: nothing is kept */
    for (int who = 0; who < 3; who++)
        assert_int_equal(wait_for(&stage, who, &notify), RT_PENDING);
    rt_notify_all(&notify);
    assert_int_equal(wait_for(&stage, 3, &notify), RT_PENDING); /* comes too late */
    assert_woken(&stage, 7);
    for (int who = 0; who < 3; who++)
        assert_int_equal(wait_for(&stage, who, &notify), 0);
    DROP(&stage, 3, rt_notify_wait, &notify);
    end(&stage);
}

/* What was meant for one goes to another; what was meant for all was not meant for another. */
static void test_given_up_when_woken(void **state)
{
    struct stage stage;
    struct rt_notify notify;
    (void)state;
    begin(&stage);
    rt_notify_init(&notify);
    assert_int_equal(wait_for(&stage, 0, &notify), RT_PENDING);
    assert_int_equal(wait_for(&stage, 1, &notify), RT_PENDING);
    rt_notify_one(&notify);
    DROP(&stage, 0, rt_notify_wait, &notify);
    assert_woken(&stage, 3);
    DROP(&stage, 1, rt_notify_wait, &notify); /* nobody is left: it is kept */
    assert_int_equal(wait_for(&stage, 2, &notify), 0);

    assert_int_equal(wait_for(&stage, 0, &notify), RT_PENDING);
    rt_notify_all(&notify);
    DROP(&stage, 0, rt_notify_wait, &notify);
    assert_int_equal(wait_for(&stage, 1, &notify), RT_PENDING);
    DROP(&stage, 1, rt_notify_wait, &notify);
    end(&stage);
}

/* -- a condition: check, then wait -- */

enum { ITEMS = 100000 };

struct store {
    struct rt_notify changed;
    int64_t made, used;
};

struct user {
    RT_FRAME;
    struct store *store;
    int64_t sum;
};

struct maker {
    RT_FRAME;
    struct store *store;
};

static rt_poll user(void *frame, struct rt_cx *cx)
{
    struct user *self = frame;
    RT_BEGIN(self, cx);
    while (self->store->used < ITEMS) {
        while (self->store->used == self->store->made)
            RT_AWAIT(rt_notify_wait, &self->store->changed);
        self->sum += ++self->store->used;
    }
    RT_END(self->sum);
}

/* Makes several at a time and lets the other run only now and then, so that notifications meet a
 * waiter, coalesce, or are kept. */
static rt_poll maker(void *frame, struct rt_cx *cx)
{
    struct maker *self = frame;
    RT_BEGIN(self, cx);
    while (self->store->made < ITEMS) {
        self->store->made++;
        rt_notify_one(&self->store->changed);
        if (self->store->made % 7 % 3 == 0)
            RT_AWAIT(rt_yield);
    }
    RT_END(0);
}

static void test_no_notification_is_lost(void **state)
{
    struct rt_executor *executor = new_executor();
    struct store store = {.made = 0};
    (void)state;
    rt_notify_init(&store.changed);
    struct rt_handle waits = SPAWNED(executor, user, {.store = &store});
    struct rt_handle makes = SPAWNED(executor, maker, {.store = &store});
    assert_int_equal(rt_block_on(executor, waits), (int64_t)ITEMS * (ITEMS + 1) / 2);
    assert_int_equal(rt_block_on(executor, makes), 0);
    rt_executor_free(executor);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_one_is_kept),
    cmocka_unit_test(test_one_wakes_the_longest_waiting),
    cmocka_unit_test(test_all_reaches_those_who_wait),
    cmocka_unit_test(test_given_up_when_woken),
    cmocka_unit_test(test_no_notification_is_lost),
};
TEST_MAIN(tests)
