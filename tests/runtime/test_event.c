/* SPDX-License-Identifier: MIT
 *
 * Events: rt_event, rt_event_one and rt_latch, as rt/event.h documents them, with waiters that give
 * up in each state.
 */
#include "test_main.h"

#include "dies.h"
#include "stage.h"

static rt_poll wait_event(struct stage *stage, int who, struct rt_event *event)
{
    return rt_event_wait_poll(&stage->waits[who], &stage->cx[who], event);
}

static rt_poll wait_one(struct stage *stage, int who, struct rt_event_one *event)
{
    return rt_event_one_wait_poll(&stage->waits[who], &stage->cx[who], event);
}

static rt_poll wait_latch(struct stage *stage, int who, struct rt_latch *latch)
{
    return rt_latch_wait_poll(&stage->waits[who], &stage->cx[who], latch);
}

/* -- rt_event -- */

static void test_event_wakes_all_and_stays_set(void **state)
{
    struct stage stage;
    struct rt_event event;
    (void)state;
    begin(&stage);
    rt_event_init(&event);
    for (int i = 0; i < WAITERS - 1; i++)
        assert_int_equal(wait_event(&stage, i, &event), RT_PENDING);
    assert_int_equal(wait_event(&stage, 0, &event), RT_PENDING); /* a poll that nothing woke */
    assert_woken(&stage, 0);
    rt_event_set(&event);
    rt_event_set(&event);
    assert_woken(&stage, 7);
    for (int i = 0; i < WAITERS; i++) /* the last never waited */
        assert_int_equal(wait_event(&stage, i, &event), 0);
    assert_int_equal(wait_event(&stage, 0, &event), 0);
    end(&stage);
}

static void test_event_reset(void **state)
{
    struct stage stage;
    struct rt_event event;
    (void)state;
    begin(&stage);
    rt_event_init(&event);
    assert_int_equal(wait_event(&stage, 0, &event), RT_PENDING);
    rt_event_set(&event);
    rt_event_reset(&event);
    assert_int_equal(wait_event(&stage, 1, &event), RT_PENDING); /* a later wait waits again */
    assert_int_equal(wait_event(&stage, 0, &event), 0);          /* who was woken stays woken */
    assert_woken(&stage, 1);
    rt_event_set(&event);
    assert_woken(&stage, 2);
    assert_int_equal(wait_event(&stage, 1, &event), 0);
    end(&stage);
}

static void test_event_dropped_in_each_state(void **state)
{
    struct stage stage;
    struct rt_event event;
    (void)state;
    for (int leaver = 0; leaver < WAITERS; leaver++) {
        begin(&stage);
        rt_event_init(&event);
        rt_event_wait_drop(&stage.waits[leaver], &event); /* never waited */
        for (int i = 0; i < WAITERS; i++)
            assert_int_equal(wait_event(&stage, i, &event), RT_PENDING);
        rt_event_wait_drop(&stage.waits[leaver], &event); /* waiting */
        rt_event_set(&event);
        assert_woken(&stage, 15u & ~(1u << leaver));
        rt_event_reset(&event);
        for (int i = 0; i < WAITERS; i++) /* woken, and one idle */
            rt_event_wait_drop(&stage.waits[i], &event);
        assert_null(event.waiters.first);
        rt_event_set(&event);
        assert_woken(&stage, 0);
        end(&stage);
    }
}

/* -- rt_event_one -- */

static void test_event_one_is_taken_once(void **state)
{
    struct stage stage;
    struct rt_event_one event;
    (void)state;
    begin(&stage);
    rt_event_one_init(&event);
    rt_event_one_set(&event);
    rt_event_one_set(&event); /* twice before it is taken is once */
    assert_int_equal(wait_one(&stage, 0, &event), 0);
    assert_int_equal(wait_one(&stage, 0, &event), RT_PENDING);
    assert_int_equal(wait_one(&stage, 0, &event), RT_PENDING);
    assert_woken(&stage, 0);
    rt_event_one_set(&event);
    rt_event_one_set(&event);
    assert_woken(&stage, 1);
    assert_int_equal(wait_one(&stage, 0, &event), 0);
    assert_int_equal(wait_one(&stage, 0, &event), RT_PENDING);
    rt_event_one_wait_drop(&stage.waits[0], &event);
    end(&stage);
}

static void test_event_one_has_one_waiter(void **state)
{
    struct stage stage;
    struct rt_event_one event;
    (void)state;
    begin(&stage);
    rt_event_one_init(&event);
    assert_int_equal(wait_one(&stage, 0, &event), RT_PENDING);
    assert_int_equal(wait_one(&stage, 1, &event), -EBUSY);
    rt_event_one_wait_drop(&stage.waits[1], &event); /* not the one who waits: changes nothing */
    rt_event_one_set(&event);
    assert_woken(&stage, 1);
    assert_int_equal(wait_one(&stage, 0, &event), 0);
    assert_int_equal(wait_one(&stage, 1, &event), RT_PENDING);
    rt_event_one_wait_drop(&stage.waits[1], &event);
    end(&stage);
}

static void test_event_one_dropped_in_each_state(void **state)
{
    struct stage stage;
    struct rt_event_one event;
    (void)state;
    begin(&stage);
    rt_event_one_init(&event);
    rt_event_one_wait_drop(&stage.waits[0], &event); /* never waited */
    assert_int_equal(wait_one(&stage, 0, &event), RT_PENDING);
    rt_event_one_wait_drop(&stage.waits[0], &event); /* waiting */
    rt_event_one_set(&event);
    assert_woken(&stage, 0);
    assert_int_equal(wait_one(&stage, 1, &event), 0);
    assert_int_equal(wait_one(&stage, 1, &event), RT_PENDING);
    rt_event_one_set(&event);
    rt_event_one_wait_drop(&stage.waits[1], &event); /* woken: the event stays set for another */
    assert_int_equal(wait_one(&stage, 2, &event), 0);
    end(&stage);
}

/* -- rt_latch -- */

static void test_latch_opens_with_the_last(void **state)
{
    struct stage stage;
    struct rt_latch latch;
    (void)state;
    begin(&stage);
    rt_latch_init(&latch, 3);
    for (int arrived = 0; arrived < 3; arrived++) {
        assert_int_equal(wait_latch(&stage, arrived, &latch), RT_PENDING);
        assert_woken(&stage, 0);
        rt_latch_arrive(&latch);
    }
    assert_woken(&stage, 7);
    for (int i = 0; i < WAITERS; i++)
        assert_int_equal(wait_latch(&stage, i, &latch), 0);
    rt_latch_reset(&latch, 1);
    assert_int_equal(wait_latch(&stage, 0, &latch), RT_PENDING);
    rt_latch_arrive(&latch);
    assert_woken(&stage, 1);
    assert_int_equal(wait_latch(&stage, 0, &latch), 0);
    end(&stage);
}

static void test_latch_of_nobody_is_open(void **state)
{
    struct stage stage;
    struct rt_latch latch;
    (void)state;
    begin(&stage);
    rt_latch_init(&latch, 0);
    assert_int_equal(wait_latch(&stage, 0, &latch), 0);
    rt_latch_reset(&latch, 1);
    assert_int_equal(wait_latch(&stage, 0, &latch), RT_PENDING);
    rt_latch_wait_drop(&stage.waits[0], &latch);
    end(&stage);
}

static void test_latch_dropped_in_each_state(void **state)
{
    struct stage stage;
    struct rt_latch latch;
    (void)state;
    begin(&stage);
    rt_latch_init(&latch, 1);
    rt_latch_wait_drop(&stage.waits[0], &latch);
    for (int i = 0; i < WAITERS; i++)
        assert_int_equal(wait_latch(&stage, i, &latch), RT_PENDING);
    rt_latch_wait_drop(&stage.waits[1], &latch);
    rt_latch_arrive(&latch);
    rt_latch_wait_drop(&stage.waits[2], &latch);
    assert_woken(&stage, 13);  /* 2 was woken before it gave up: a poll that finds nothing to do */
    rt_latch_reset(&latch, 1); /* nobody is linked any more, or this would say so */
    end(&stage);
}

/* -- broken promises of the caller end the program and name themselves -- */

static void arrive_too_often(void)
{
    struct rt_latch latch;
    rt_latch_init(&latch, 0);
    rt_latch_arrive(&latch);
}

static void reset_while_waited_for(void)
{
    struct stage stage;
    struct rt_latch latch;
    begin(&stage);
    rt_latch_init(&latch, 1);
    wait_latch(&stage, 0, &latch);
    rt_latch_reset(&latch, 2);
}

static void free_a_channel_in_use(void)
{
    struct stage stage;
    struct rt_chan *chan = rt_chan_new(1);
    int64_t message;
    begin(&stage);
    rt_chan_recv_poll(&stage.waits[0], &stage.cx[0], chan, &message);
    rt_chan_free(chan);
}

static void make_a_channel_of_none(void)
{
    rt_chan_new(0);
}

static void make_a_channel_too_large(void)
{
    rt_chan_new((UINT32_C(1) << 30) + 1);
}

static void test_broken_promises_are_named(void **state)
{
    (void)state;
    dies(arrive_too_often);
    dies(reset_while_waited_for);
    dies(free_a_channel_in_use);
    dies(make_a_channel_of_none);
    dies(make_a_channel_too_large);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_event_wakes_all_and_stays_set),
    cmocka_unit_test(test_event_reset),
    cmocka_unit_test(test_event_dropped_in_each_state),
    cmocka_unit_test(test_event_one_is_taken_once),
    cmocka_unit_test(test_event_one_has_one_waiter),
    cmocka_unit_test(test_event_one_dropped_in_each_state),
    cmocka_unit_test(test_latch_opens_with_the_last),
    cmocka_unit_test(test_latch_of_nobody_is_open),
    cmocka_unit_test(test_latch_dropped_in_each_state),
    cmocka_unit_test(test_broken_promises_are_named),
};
TEST_MAIN(tests)
