/* SPDX-License-Identifier: MIT
 *
 * Generators: values in order, errors and ends, functions that wait, and being given up for a while
 * or for good.
 */
#include "test_main.h"

#include "branches.h"

struct taken {
    int64_t items[64];
    int count, polls;
    int64_t last; /* what `next` said at the end */
};

struct count {
    RT_FRAME;
    struct rt_generator *out;
    struct rt_chan *pace; /* a message before each value; NULL: none */
    int64_t from, to, result;
    int64_t word;
    int *ends;
};

static rt_poll count(void *frame, struct rt_cx *cx)
{
    struct count *self = frame;
    RT_BEGIN(self, cx);
    for (; self->from < self->to; self->from++) {
        if (self->pace)
            RT_AWAIT(rt_chan_recv, self->pace, &self->word);
        RT_AWAIT(rt_give, self->out, self->from);
    }
    RT_END_FINALLY(self->result, { ++*self->ends; });
}

/* Takes what a generator gives; on the way it waits for something else now and then. */
struct user {
    RT_FRAME;
    struct taken *taken;
    struct rt_chan *pace;
    int64_t to, result, item;
    int *ends;
    struct rt_generator numbers;
    RT_CHILD(count) body;
};

static rt_poll user(void *frame, struct rt_cx *cx)
{
    struct user *self = frame;
    int64_t more;
    self->taken->polls += cx != NULL;
    RT_BEGIN(self, cx);
    RT_GENERATE(&self->numbers, &self->body, count,
                {.out = &self->numbers,
                 .pace = self->pace,
                 .to = self->to,
                 .result = self->result,
                 .ends = self->ends});
    for (;;) {
        RT_AWAIT_INTO(more, rt_stream_next, &self->numbers.stream, &self->item);
        self->taken->last = more;
        if (more <= 0)
            break;
        self->taken->items[self->taken->count++] = self->item;
        if (self->item % 3 == 2)
            RT_AWAIT(rt_yield);
    }
    RT_AWAIT_INTO(more, rt_stream_next, &self->numbers.stream, &self->item);
    assert_int_equal(more, 0);
    RT_END_FINALLY(self->taken->count, { rt_generator_stop(&self->numbers); });
}

static void test_a_generator(void **state)
{
    (void)state;
    for (int64_t to = 0; to <= 10; to++) {
        for (int fails = 0; fails <= 1; fails++) {
            struct rt_executor *executor = new_executor();
            struct taken taken = {.count = 0};
            int ends = 0;
            struct rt_handle handle =
                SPAWNED(executor, user,
                        {.taken = &taken, .to = to, .result = fails ? -EIO : 0, .ends = &ends});
            assert_int_equal(rt_block_on(executor, handle), to);
            for (int i = 0; i < to; i++)
                assert_int_equal(taken.items[i], i);
            assert_int_equal(taken.last, fails ? -EIO : 0);
            assert_int_equal(taken.polls, 1 + to / 3); /* its own yields, and no wake besides */
            assert_int_equal(ends, 1);
            rt_executor_free(executor);
        }
    }
}

/* It awaits: its wakes reach whoever waits for the next value. Dropped at every await, its function
 * is dropped once. */
static void test_a_generator_that_waits(void **state)
{
    (void)state;
    for (int words = 0; words <= 8; words++) {
        for (int polled = 0; polled <= 1; polled++) {
            struct rt_executor *executor = new_executor();
            struct rt_chan *pace = new_chan(8);
            struct taken taken = {.count = 0};
            int ends = 0;
            struct rt_handle handle =
                SPAWNED(executor, user, {.taken = &taken, .pace = pace, .to = 8, .ends = &ends});
            rt_run_ready(executor);
            for (int i = 0; i < words; i++) {
                assert_int_equal(taken.count, polled ? i : 0);
                send_word(executor, pace, i);
                if (polled)
                    rt_run_ready(executor);
            }
            assert_int_equal(rt_abort(handle), !(words == 8 && polled));
            assert_int_equal(ends, 1);
            assert_int_equal(messages_in(pace), polled ? 0 : words);
            rt_executor_free(executor);
            rt_chan_free(pace);
        }
    }
}

/* A wait for the next value that is given up loses none: with a deadline each time. */
struct hasty {
    RT_FRAME;
    struct rt_chan *pace;
    struct rt_timeout timeout;
    int64_t item;
    int timeouts, *ends;
    struct rt_generator numbers;
    RT_CHILD(count) body;
};

static rt_poll hasty(void *frame, struct rt_cx *cx)
{
    struct hasty *self = frame;
    int64_t more, expected = 0;
    RT_BEGIN(self, cx);
    RT_GENERATE(&self->numbers, &self->body, count,
                {.out = &self->numbers, .pace = self->pace, .to = 5, .ends = self->ends});
    for (;;) {
        RT_AWAIT_INTO(more, rt_timeout, &self->timeout, 0, rt_stream_next, &self->numbers.stream,
                      &self->item);
        if (more == 0)
            break;
        self->timeouts += more == -ETIMEDOUT;
        expected = self->body.frame.from; /* the value after the one that was taken */
        assert_true(more == -ETIMEDOUT || self->item == expected);
        if (more == -ETIMEDOUT)
            RT_AWAIT(rt_yield);
    }
    RT_END(self->timeouts);
}

static void test_a_generator_given_up_for_a_while(void **state)
{
    struct rt_executor *executor = new_executor();
    struct rt_chan *pace = new_chan(8);
    int ends = 0;
    (void)state;
    struct rt_handle handle = SPAWNED(executor, hasty, {.pace = pace, .ends = &ends});
    for (int i = 0; i < 5; i++) {
        for (int lap = 0; lap < 3; lap++)
            run_one_lap(executor);
        send_word(executor, pace, i);
    }
    assert_in_range(rt_block_on(executor, handle), 5, 20);
    assert_int_equal(ends, 1);
    rt_executor_free(executor);
    rt_chan_free(pace);
}

/* While nobody asks for a value, what wakes the function reaches nobody. */
struct busy_elsewhere {
    RT_FRAME;
    struct rt_chan *pace;
    struct rt_event *events;
    int *polls, *ends;
    struct rt_timeout timeout;
    int64_t item;
    struct rt_generator numbers;
    RT_CHILD(count) body;
};

static rt_poll busy_elsewhere(void *frame, struct rt_cx *cx)
{
    struct busy_elsewhere *self = frame;
    *self->polls += cx != NULL;
    RT_BEGIN(self, cx);
    RT_GENERATE(&self->numbers, &self->body, count,
                {.out = &self->numbers, .pace = self->pace, .to = 2, .ends = self->ends});
    RT_AWAIT(rt_timeout, &self->timeout, 0, rt_stream_next, &self->numbers.stream, &self->item);
    RT_AWAIT(rt_event_wait, &self->events[0]);
    RT_AWAIT(rt_stream_next, &self->numbers.stream, &self->item);
    RT_AWAIT(rt_stream_next, &self->numbers.stream, &self->item);
    RT_AWAIT(rt_event_wait, &self->events[1]);
    RT_END_FINALLY(self->item, { rt_generator_stop(&self->numbers); });
}

static void test_nobody_is_woken_while_nobody_asks(void **state)
{
    struct rt_executor *executor = new_executor();
    struct rt_chan *pace = new_chan(2);
    struct rt_event events[2];
    int polls = 0, ends = 0;
    (void)state;
    rt_event_init(&events[0]);
    rt_event_init(&events[1]);
    struct rt_handle handle =
        SPAWNED(executor, busy_elsewhere,
                {.pace = pace, .events = events, .polls = &polls, .ends = &ends, .item = -1});
    rt_run_ready(executor);
    send_word(executor, pace, 1); /* for which the function waits, but nobody for its value */
    send_word(executor, pace, 1);
    assert_int_equal(rt_run_ready(executor), 0);
    rt_event_set(&events[0]);
    assert_int_equal(rt_run_ready(executor), 1); /* both values, and no wake left over */
    rt_event_set(&events[1]);
    assert_int_equal(rt_block_on(executor, handle), 1);
    assert_int_equal(polls, 3);
    assert_int_equal(ends, 1);
    rt_executor_free(executor);
    rt_chan_free(pace);
}

/* One that is always ready does not keep its task from letting others run. */
struct endless {
    RT_FRAME;
    bool *stop;
    int *ends;
    int64_t item;
    struct rt_generator numbers;
    RT_CHILD(count) body;
};

static rt_poll endless(void *frame, struct rt_cx *cx)
{
    struct endless *self = frame;
    RT_BEGIN(self, cx);
    RT_GENERATE(&self->numbers, &self->body, count,
                {.out = &self->numbers, .to = 1000000, .ends = self->ends});
    while (!*self->stop && self->item < 999999)
        RT_AWAIT(rt_stream_next, &self->numbers.stream, &self->item);
    RT_END_FINALLY(self->item, { rt_generator_stop(&self->numbers); });
}

static void test_others_get_their_turn(void **state)
{
    struct rt_executor *executor = new_executor();
    struct probe other = {.finish_at = 1};
    bool stop = false;
    int ends = 0;
    (void)state;
    struct rt_handle handle = SPAWNED(executor, endless, {.stop = &stop, .ends = &ends});
    assert_int_equal(rt_block_on(executor, spawn_probe(executor, &other)), 0);
    stop = true;
    assert_in_range(rt_block_on(executor, handle), 1, 2 * RT_BUDGET);
    assert_int_equal(ends, 1);
    rt_executor_free(executor);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_a_generator),
    cmocka_unit_test(test_a_generator_that_waits),
    cmocka_unit_test(test_a_generator_given_up_for_a_while),
    cmocka_unit_test(test_nobody_is_woken_while_nobody_asks),
    cmocka_unit_test(test_others_get_their_turn),
};
TEST_MAIN(tests)
