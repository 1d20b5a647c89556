/* SPDX-License-Identifier: MIT
 *
 * Deadlines over operations and over functions, under a clock that the test sets: who is first,
 * both orders and the same instant, no time, all the time, and what is given up loses nothing.
 */
#include "test_main.h"

#include "branches.h"
#include "fake_clock.h"

#include "wheel.h"

#define TICK_NS (UINT64_C(1) << RT_TICK_SHIFT)

struct impatient {
    RT_FRAME;
    struct rt_chan *in;
    uint64_t deadline_ns;
    int *polls;
    int64_t message, outcome;
    struct rt_timeout timeout;
};

static rt_poll impatient(void *frame, struct rt_cx *cx)
{
    struct impatient *self = frame;
    *self->polls += cx != NULL;
    RT_BEGIN(self, cx);
    RT_AWAIT_INTO(self->outcome, rt_timeout, &self->timeout, self->deadline_ns, rt_chan_recv,
                  self->in, &self->message);
    RT_END(self->outcome < 0 ? self->outcome : self->message);
}

struct late_sender {
    RT_FRAME;
    struct rt_chan *out;
    uint64_t at_ns;
    struct rt_timer timer;
};

static rt_poll late_sender(void *frame, struct rt_cx *cx)
{
    struct late_sender *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(rt_sleep_until, &self->timer, self->at_ns);
    RT_AWAIT(rt_chan_send, self->out, 7);
    RT_END(0);
}

/* Sends at one time what is awaited until another: the outcome, and how many polls it took. */
static int64_t meet(uint64_t sent_ns, uint64_t deadline_ns, int *polls)
{
    struct rt_executor *executor = new_executor();
    struct rt_chan *chan = new_chan(1);
    *polls = 0;
    SPAWN_DETACHED(executor, late_sender, {.out = chan, .at_ns = sent_ns});
    struct rt_handle handle =
        SPAWNED(executor, impatient, {.in = chan, .deadline_ns = deadline_ns, .polls = polls});
    int64_t outcome = rt_block_on(executor, handle);
    if (outcome == 7)
        assert_int_equal(rt__wheel_next_ns(executor->wheel), TC_NEVER); /* the timer is gone */
    else
        assert_null(chan->receivers.first); /* and here the receiver */
    rt_executor_free(executor);
    rt_chan_free(chan);
    return outcome;
}

static void test_both_orders(void **state)
{
    int polls;
    (void)state;
    assert_int_equal(meet(fake_now_ns + 100 * TICK_NS, fake_now_ns + 200 * TICK_NS, &polls), 7);
    assert_int_equal(polls, 2);
    assert_int_equal(meet(fake_now_ns + 200 * TICK_NS, fake_now_ns + 100 * TICK_NS, &polls),
                     -ETIMEDOUT);
    assert_int_equal(polls, 2);
}

/* The message's task is woken first, and sends before the other is polled: it is in time. */
static void test_the_same_instant(void **state)
{
    uint64_t at_ns = fake_now_ns + 100 * TICK_NS;
    int polls;
    (void)state;
    assert_int_equal(meet(at_ns, at_ns, &polls), 7);
    assert_int_equal(polls, 2);
}

static void test_no_time(void **state)
{
    int polls;
    uint64_t past[] = {0, fake_now_ns - 1, fake_now_ns};
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(past); i++) {
        assert_int_equal(meet(fake_now_ns, past[i], &polls), 7); /* what is ready is taken */
        assert_int_equal(meet(fake_now_ns + TICK_NS, past[i], &polls), -ETIMEDOUT);
        assert_int_equal(polls, 1);
    }
}

static void test_all_the_time(void **state)
{
    int polls;
    (void)state;
    assert_int_equal(meet(fake_now_ns + 1000 * TC_NS_PER_S, TC_NEVER, &polls), 7);
    assert_int_equal(meet(fake_now_ns + 1000 * TC_NS_PER_S, TC_NEVER - 1, &polls), 7);
    assert_int_equal(polls, 2);
}

/* A message that comes when the time is up but not noticed yet is received, not lost. */
static void test_expired_and_granted_at_once(void **state)
{
    struct rt_executor *executor = new_executor();
    struct rt_chan *chan = new_chan(1);
    int polls = 0;
    (void)state;
    struct rt_handle handle =
        SPAWNED(executor, impatient,
                {.in = chan, .deadline_ns = fake_now_ns + 10 * TICK_NS, .polls = &polls});
    rt_run_ready(executor);
    fake_now_ns += 20 * TICK_NS;
    rt__wheel_advance(executor->wheel, fake_now_ns);
    send_word(executor, chan, 9);
    assert_int_equal(rt_block_on(executor, handle), 9);
    assert_int_equal(polls, 2);
    rt_executor_free(executor);
    rt_chan_free(chan);
}

/* Polled for another reason it goes on waiting for both. */
static void test_a_spurious_poll_changes_nothing(void **state)
{
    struct rt_executor *executor = new_executor();
    struct rt_chan *chan = new_chan(1);
    int polls = 0;
    (void)state;
    struct rt_handle handle =
        SPAWNED(executor, impatient,
                {.in = chan, .deadline_ns = fake_now_ns + 10 * TICK_NS, .polls = &polls});
    for (int i = 0; i < 5; i++) {
        rt_run_ready(executor);
        rt_task_wake(handle.task);
    }
    assert_int_equal(rt_block_on(executor, handle), -ETIMEDOUT);
    rt_executor_free(executor);
    rt_chan_free(chan);
}

static void test_dropped_while_it_waits(void **state)
{
    (void)state;
    for (int granted = 0; granted <= 1; granted++) {
        for (int expired = 0; expired <= 1; expired++) {
            struct rt_executor *executor = new_executor();
            struct rt_chan *chan = new_chan(1);
            int polls = 0;
            struct rt_handle handle =
                SPAWNED(executor, impatient,
                        {.in = chan, .deadline_ns = fake_now_ns + 10 * TICK_NS, .polls = &polls});
            rt_run_ready(executor);
            if (granted)
                send_word(executor, chan, 9);
            if (expired)
                rt__wheel_advance(executor->wheel, fake_now_ns + 20 * TICK_NS);
            assert_true(rt_abort(handle));
            rt_detach(handle);
            assert_int_equal(rt__wheel_next_ns(executor->wheel), TC_NEVER);
            assert_int_equal(messages_in(chan), granted);
            rt_executor_free(executor);
            rt_chan_free(chan);
        }
    }
}

/* -- over a function -- */

struct patient {
    RT_FRAME;
    struct rt_chan *in;
    struct tally *tally;
    uint64_t deadline_ns;
    int64_t outcome;
    struct rt_timeout timeout;
    struct rt_node node;
    RT_CHILD(child) reply;
};

static rt_poll patient(void *frame, struct rt_cx *cx)
{
    struct patient *self = frame;
    RT_BEGIN(self, cx);
    RT_ARM(&self->node, &self->reply, child, {.tally = self->tally, .in = self->in, .messages = 3});
    RT_AWAIT_INTO(self->outcome, rt_timeout, &self->timeout, self->deadline_ns, rt_node_select,
                  &self->node);
    assert_int_equal(self->reply.result, self->outcome == -ETIMEDOUT ? -ECANCELED : self->outcome);
    RT_END(self->outcome);
}

static void test_over_a_function(void **state)
{
    (void)state;
    for (int messages = 0; messages <= 3; messages++) {
        struct rt_executor *executor = new_executor();
        struct rt_chan *chan = new_chan(4);
        struct tally tally = {0};
        struct rt_handle handle =
            SPAWNED(executor, patient,
                    {.in = chan, .tally = &tally, .deadline_ns = fake_now_ns + 10 * TICK_NS});
        rt_run_ready(executor);
        for (int i = 1; i <= messages; i++) {
            send_word(executor, chan, i);
            rt_run_ready(executor);
        }
        assert_int_equal(rt_block_on(executor, handle), messages == 3 ? 3 : -ETIMEDOUT);
        /* The timer's wake does not poll the function, it drops it. */
        assert_tally(tally, 1 + messages, messages < 3, 1);
        assert_int_equal(rt__wheel_next_ns(executor->wheel), TC_NEVER);
        rt_executor_free(executor);
        rt_chan_free(chan);
    }
}

static void test_polled_after_its_end_it_aborts(void **state)
{
    struct rt_executor *executor = new_executor();
    struct rt_cx cx = {.executor = executor, .budget = 2};
    struct probe host = {0};
    struct rt_timeout timeout;
    struct rt_wait wait;
    (void)state;
    cx.task = spawn_probe(executor, &host).task;
    rt_wait_init(&wait);
    struct rt_event event;
    rt_event_init(&event);
    assert_int_equal(rt_timeout_poll(&wait, &cx, &timeout, 0, rt_event_wait, &event), -ETIMEDOUT);
    assert_true(ABORTS_SAYING(
        "rt_timeout", (void)rt_timeout_poll(&wait, &cx, &timeout, 0, rt_event_wait, &event)));
    rt_executor_free(executor);
}

static void test_sizes(void **state)
{
    (void)state;
    print_message("timeout %zu B\n", sizeof(struct rt_timeout));
    assert_int_equal(sizeof(struct rt_timeout), sizeof(struct rt_wait) + sizeof(struct rt_timer));
    assert_true(sizeof(struct rt_timeout) <= 72);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_both_orders),
    cmocka_unit_test(test_the_same_instant),
    cmocka_unit_test(test_no_time),
    cmocka_unit_test(test_all_the_time),
    cmocka_unit_test(test_expired_and_granted_at_once),
    cmocka_unit_test(test_a_spurious_poll_changes_nothing),
    cmocka_unit_test(test_dropped_while_it_waits),
    cmocka_unit_test(test_over_a_function),
    cmocka_unit_test(test_polled_after_its_end_it_aborts),
    cmocka_unit_test(test_sizes),
};
TEST_MAIN(tests)
