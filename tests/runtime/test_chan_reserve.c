/* SPDX-License-Identifier: MIT
 *
 * Channels in two steps and without waiting: a reserved place counts as taken until it is committed
 * to or given back, and sending, reserving and trying stand in one line.
 */
#include "test_main.h"

#include "chan_stage.h"

static rt_poll reserve_by(struct stage *stage, int who)
{
    struct party *party = &stage->parties[who];
    rt_poll result = rt_chan_reserve_poll(&party->wait, &party->cx, stage->chan);
    if (result != RT_PENDING)
        rt_wait_init(&party->wait);
    return result;
}

static bool is_woken(struct stage *stage, int who)
{
    return stage->parties[who].cx.task->state & RT_QUEUED;
}

static void assert_tries(struct stage *stage, int64_t message)
{
    int64_t received;
    assert_int_equal(rt_chan_try_recv(stage->chan, &received), 0);
    assert_int_equal(received, message);
}

static void test_a_reserved_place_is_taken(void **state)
{
    struct stage stage;
    (void)state;
    begin(&stage, 2);
    assert_int_equal(reserve_by(&stage, 0), 0);
    assert_int_equal(rt_chan_try_send(stage.chan, 1), 0);
    assert_int_equal(rt_chan_try_send(stage.chan, 2), -EAGAIN);
    assert_int_equal(send_by(&stage, 1, 2), RT_PENDING);
    assert_int_equal(reserve_by(&stage, 2), RT_PENDING);
    rt_chan_unreserve(stage.chan); /* to the longest waiting */
    assert_true(is_woken(&stage, 1) && !is_woken(&stage, 2));
    assert_int_equal(send_by(&stage, 1, 2), 0);
    assert_tries(&stage, 1);
    assert_true(is_woken(&stage, 2));
    assert_int_equal(reserve_by(&stage, 2), 0);
    rt_chan_commit(stage.chan, 3);
    assert_int_equal(rt_chan_try_send(stage.chan, 4), -EAGAIN);
    assert_tries(&stage, 2);
    assert_tries(&stage, 3);
    int64_t received;
    assert_int_equal(rt_chan_try_recv(stage.chan, &received), -EAGAIN);
    end(&stage);
}

/* The order of messages is that of the commits. */
static void test_a_commit_reaches_who_waits(void **state)
{
    struct stage stage;
    (void)state;
    begin(&stage, 2);
    assert_int_equal(receive_by(&stage, 0), RT_PENDING);
    assert_int_equal(receive_by(&stage, 1), RT_PENDING);
    assert_int_equal(reserve_by(&stage, 2), 0);
    assert_int_equal(reserve_by(&stage, 3), 0);
    assert_false(is_woken(&stage, 0)); /* a place is no message */
    rt_chan_commit(stage.chan, 30);
    assert_true(is_woken(&stage, 0) && !is_woken(&stage, 1));
    rt_chan_commit(stage.chan, 20);
    assert_int_equal(receive_by(&stage, 1), 0);
    assert_int_equal(receive_by(&stage, 0), 0);
    assert_int_equal(stage.parties[0].message, 30);
    assert_int_equal(stage.parties[1].message, 20);
    assert_int_equal(stage.chan->places, 2);
    end(&stage);
}

static void test_trying_does_not_overtake(void **state)
{
    struct stage stage;
    int64_t received;
    (void)state;
    begin(&stage, 1);
    assert_int_equal(receive_by(&stage, 0), RT_PENDING);
    assert_int_equal(rt_chan_try_send(stage.chan, 1), 0);
    assert_int_equal(rt_chan_try_recv(stage.chan, &received), -EAGAIN); /* it is promised */
    assert_int_equal(rt_chan_try_send(stage.chan, 2), -EAGAIN);
    assert_int_equal(send_by(&stage, 1, 2), RT_PENDING);
    assert_int_equal(receive_by(&stage, 0), 0);
    assert_int_equal(rt_chan_try_send(stage.chan, 3), -EAGAIN); /* so is the place */
    assert_int_equal(send_by(&stage, 1, 2), 0);
    assert_tries(&stage, 2);
    end(&stage);
}

static void test_a_reservation_given_up(void **state)
{
    struct stage stage;
    (void)state;
    for (int granted = 0; granted <= 1; granted++) {
        begin(&stage, 1);
        assert_int_equal(rt_chan_try_send(stage.chan, 1), 0);
        assert_int_equal(reserve_by(&stage, 0), RT_PENDING);
        assert_int_equal(send_by(&stage, 1, 2), RT_PENDING);
        if (granted)
            assert_tries(&stage, 1);
        rt_chan_reserve_drop(&stage.parties[0].wait, stage.chan);
        assert_int_equal(is_woken(&stage, 1), granted);
        if (!granted)
            assert_tries(&stage, 1);
        assert_int_equal(send_by(&stage, 1, 2), 0);
        assert_tries(&stage, 2);
        assert_int_equal(stage.chan->places, 1);
        end(&stage);
    }
}

static void test_closing(void **state)
{
    struct stage stage;
    int64_t received;
    (void)state;
    begin(&stage, 2);
    assert_int_equal(reserve_by(&stage, 0), 0);
    assert_int_equal(rt_chan_try_send(stage.chan, 1), 0);
    assert_int_equal(reserve_by(&stage, 1), RT_PENDING);
    rt_chan_close(stage.chan);
    assert_int_equal(reserve_by(&stage, 1), -EPIPE);
    assert_int_equal(reserve_by(&stage, 2), -EPIPE);
    assert_int_equal(rt_chan_try_send(stage.chan, 2), -EPIPE);
    rt_chan_commit(stage.chan, 3); /* a place reserved before is still good */
    assert_tries(&stage, 1);
    assert_tries(&stage, 3);
    assert_int_equal(rt_chan_try_recv(stage.chan, &received), -EPIPE);
    rt_chan_unreserve(stage.chan); /* gives a place to nobody */
    assert_int_equal(rt_chan_try_send(stage.chan, 2), -EPIPE);
    end(&stage);
}

/* -- a task that sends to itself could go on for ever -- */

struct circle {
    RT_FRAME;
    struct rt_chan *chan;
    bool in_steps, tries_to_receive;
    int64_t laps, message;
};

static rt_poll circle(void *frame, struct rt_cx *cx)
{
    struct circle *self = frame;
    RT_BEGIN(self, cx);
    for (; self->laps > 0; self->laps--) {
        if (self->in_steps) {
            RT_AWAIT(rt_chan_reserve, self->chan);
            rt_chan_commit(self->chan, self->laps);
        } else {
            RT_AWAIT(rt_chan_send, self->chan, self->laps);
        }
        if (self->tries_to_receive)
            assert_int_equal(rt_chan_try_recv(self->chan, &self->message), 0);
        else
            RT_AWAIT(rt_chan_recv, self->chan, &self->message);
        assert_int_equal(self->message, self->laps);
    }
    RT_END(0);
}

static void test_what_is_always_ready_spends_the_budget(void **state)
{
    enum { LAPS = 1000 };
    (void)state;
    for (int variant = 0; variant < 4; variant++) {
        struct rt_executor *executor = rt_executor_new(&(struct rt_config){.budget = 10});
        struct rt_chan *chan = rt_chan_new(1);
        bool tries = variant & 2;
        assert_non_null(executor);
        SPAWN_DETACHED(
            executor, circle,
            {.chan = chan, .in_steps = variant & 1, .tries_to_receive = tries, .laps = LAPS});
        int operations = tries ? LAPS : 2 * LAPS;
        assert_in_range(rt_run_ready(executor), operations / 11, operations / 10 + 2);
        assert_int_equal(executor->live, 0);
        rt_executor_free(executor);
        rt_chan_free(chan);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_a_reserved_place_is_taken),
    cmocka_unit_test(test_a_commit_reaches_who_waits),
    cmocka_unit_test(test_trying_does_not_overtake),
    cmocka_unit_test(test_a_reservation_given_up),
    cmocka_unit_test(test_closing),
    cmocka_unit_test(test_what_is_always_ready_spends_the_budget),
};
TEST_MAIN(tests)
