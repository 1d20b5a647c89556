/* SPDX-License-Identifier: MIT
 *
 * Streams of every kind and generators: values in order, an end that stays, nothing lost when a
 * wait for the next is given up, and other tasks get their turns.
 */
#include "test_main.h"

#include "branches.h"
#include "reactors.h"
#include "streams.h"

#include "wheel.h"

/* A clock that is where the test, or an idle executor, puts it. */
struct test_clock {
    struct rt_clock clock;
    uint64_t now_ns;
};

static uint64_t now_ns(struct rt_clock *clock)
{
    return ((struct test_clock *)clock)->now_ns;
}

static void idle_until(struct rt_clock *clock, uint64_t deadline_ns)
{
    struct test_clock *self = (struct test_clock *)clock;
    if (deadline_ns > self->now_ns)
        self->now_ns = deadline_ns;
}

/* -- a task that takes what a stream gives -- */

enum { ITEMS_MAX = 64 };

struct taken {
    int64_t items[ITEMS_MAX];
    int count;
    int polls;
};

struct taker {
    RT_FRAME;
    struct rt_stream *stream;
    struct taken *taken;
    int most;
    int64_t item;
};

static rt_poll taker(void *frame, struct rt_cx *cx)
{
    struct taker *self = frame;
    int64_t more = 0;
    self->taken->polls += cx != NULL;
    RT_BEGIN(self, cx);
    while (self->taken->count < self->most) {
        RT_AWAIT_INTO(more, rt_stream_next, self->stream, &self->item);
        if (more <= 0)
            break;
        assert_int_equal(more, 1);
        self->taken->items[self->taken->count++] = self->item;
    }
    RT_END(more);
}

static struct rt_handle spawn_taker(struct rt_executor *executor, struct rt_stream *stream,
                                    struct taken *taken, int most)
{
    return SPAWNED(executor, taker, {.stream = stream, .taken = taken, .most = most});
}

/* Asks a stream that has ended twice more: it says so at once. */
static void assert_ended(struct rt_executor *executor, struct rt_stream *stream)
{
    struct taken none = {.count = 0};
    for (int i = 0; i < 2; i++)
        assert_int_equal(rt_block_on(executor, spawn_taker(executor, stream, &none, 1)), 0);
    assert_int_equal(none.count, 0);
    assert_int_equal(none.polls, 2);
}

static void test_an_array(void **state)
{
    static const int64_t words[] = {3, -1, INT64_MIN, 0, 7};
    (void)state;
    for (size_t count = 0; count <= TC_COUNT_OF(words); count++) {
        struct rt_executor *executor = new_executor();
        struct rt_array_stream stream;
        struct taken taken = {.count = 0};
        rt_stream_of_array(&stream, words, count);
        assert_int_equal(
            rt_block_on(executor, spawn_taker(executor, &stream.stream, &taken, ITEMS_MAX)), 0);
        assert_int_equal(taken.count, count);
        assert_memory_equal(taken.items, words, count * sizeof *words);
        assert_int_equal(taken.polls, 1);
        assert_ended(executor, &stream.stream);
        rt_executor_free(executor);
    }
}

/* A kind of its own that would begin again: the end is for good. */
static rt_poll next_of_fickle(struct rt_stream *stream, struct rt_wait *wait, struct rt_cx *cx,
                              int64_t *item)
{
    static int asked;
    (void)stream, (void)wait, (void)cx;
    *item = asked;
    return asked++ != 2;
}

static void test_an_end_is_for_good(void **state)
{
    static const struct rt_stream_kind kind = {next_of_fickle, NULL};
    struct rt_executor *executor = new_executor();
    struct rt_stream stream = {.kind = &kind};
    struct taken taken = {.count = 0};
    (void)state;
    assert_int_equal(rt_block_on(executor, spawn_taker(executor, &stream, &taken, ITEMS_MAX)), 0);
    assert_int_equal(taken.count, 2);
    assert_ended(executor, &stream);
    rt_executor_free(executor);
}

static void test_a_channel(void **state)
{
    struct rt_executor *executor = new_executor();
    struct rt_chan *chan = new_chan(2);
    struct rt_chan_stream stream;
    struct taken taken = {.count = 0};
    (void)state;
    rt_stream_of_chan(&stream, chan);
    struct rt_handle handle = spawn_taker(executor, &stream.stream, &taken, ITEMS_MAX);
    for (int i = 0; i < 5; i++) {
        rt_run_ready(executor);
        send_word(executor, chan, i * i);
    }
    rt_chan_close(chan);
    assert_int_equal(rt_block_on(executor, handle), 0);
    assert_int_equal(taken.count, 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(taken.items[i], i * i);
    assert_ended(executor, &stream.stream);
    rt_executor_free(executor);
    rt_chan_free(chan);
}

/* Given up while it waits and when it was granted a value: the next to ask gets it. */
static void test_a_channel_given_up(void **state)
{
    (void)state;
    for (int granted = 0; granted <= 1; granted++) {
        struct rt_executor *executor = new_executor();
        struct rt_chan *chan = new_chan(2);
        struct rt_chan_stream stream;
        struct taken taken = {.count = 0};
        rt_stream_of_chan(&stream, chan);
        struct rt_handle handle = spawn_taker(executor, &stream.stream, &taken, 1);
        rt_run_ready(executor);
        if (granted)
            send_word(executor, chan, 5);
        assert_true(rt_abort(handle));
        if (!granted)
            send_word(executor, chan, 5);
        handle = spawn_taker(executor, &stream.stream, &taken, 1);
        assert_int_equal(rt_block_on(executor, handle), 1);
        assert_int_equal(taken.items[0], 5);
        rt_executor_free(executor);
        rt_chan_free(chan);
    }
}

static void test_an_interval(void **state)
{
    struct test_clock clock = {{now_ns, idle_until}, 1};
    struct rt_executor *executor = rt_executor_new(&(struct rt_config){.clock = &clock.clock});
    struct rt_interval interval;
    struct rt_interval_stream stream;
    struct taken taken = {.count = 0};
    (void)state;
    assert_non_null(executor);
    assert_int_equal(rt_interval_init(&interval, TC_NS_PER_S, TC_NS_PER_S, RT_MISSED_SKIP), 0);
    rt_stream_of_interval(&stream, &interval);
    assert_int_equal(rt_block_on(executor, spawn_taker(executor, &stream.stream, &taken, 10)), 1);
    assert_in_range(clock.now_ns, 10 * TC_NS_PER_S, 10 * TC_NS_PER_S + TC_NS_PER_MS);
    struct rt_handle handle = spawn_taker(executor, &stream.stream, &taken, 11);
    rt_run_ready(executor);
    assert_true(rt_abort(handle));
    assert_int_equal(rt__wheel_next_ns(executor->wheel), TC_NEVER);
    clock.now_ns += 3 * TC_NS_PER_S;
    assert_int_equal(rt_block_on(executor, spawn_taker(executor, &stream.stream, &taken, 11)), 1);
    assert_int_equal(taken.items[10], 2); /* late for two more */
    rt_executor_free(executor);
}

/* incoming(): a listener gives its connections. */
static void test_a_listener(void **state)
{
    enum { CALLERS = 5 };
    struct rt_executor *executor = new_executor();
    struct sockaddr_in address = loopback(0);
    struct rt_io *listener;
    struct rt_listener_stream stream;
    struct taken taken = {.count = 0};
    int callers[CALLERS];
    (void)state;
    assert_int_equal(
        rt_listen(executor, (struct sockaddr *)&address, sizeof address, CALLERS, &listener), 0);
    address = address_of(rt_io_fd(listener));
    rt_stream_of_listener(&stream, listener);
    struct rt_handle handle = spawn_taker(executor, &stream.stream, &taken, CALLERS);
    rt_run_ready(executor);
    for (int i = 0; i < CALLERS; i++) {
        callers[i] = socket(AF_INET, SOCK_STREAM, 0);
        assert_int_equal(connect(callers[i], (struct sockaddr *)&address, sizeof address), 0);
        assert_int_equal(send(callers[i], &"abcde"[i], 1, 0), 1);
    }
    assert_int_equal(rt_block_on(executor, handle), 1);
    for (int i = 0; i < CALLERS; i++) {
        char byte;
        struct rt_io *io = rt_stream_io(taken.items[i]);
        assert_int_equal(read_now(executor, io, &byte, 1), 1);
        assert_int_equal(byte, "abcde"[i]);
        assert_int_equal(rt_io_close(io), 0);
        close(callers[i]);
    }
    handle = spawn_taker(executor, &stream.stream, &taken, CALLERS + 1);
    rt_run_ready(executor);
    assert_true(rt_abort(handle));
    assert_int_equal(rt_io_close(listener), 0); /* nobody waits for it any more */
    rt_executor_free(executor);
}

/* A stream that is always ready does not keep its task from letting others run. */
struct endless {
    RT_FRAME;
    struct rt_stream *stream;
    bool *stop;
    int64_t item;
};

static rt_poll endless(void *frame, struct rt_cx *cx)
{
    struct endless *self = frame;
    RT_BEGIN(self, cx);
    while (!*self->stop)
        RT_AWAIT(rt_stream_next, self->stream, &self->item);
    RT_END(self->item);
}

static void test_others_get_their_turn(void **state)
{
    enum { COUNT = 1000000 };
    struct rt_executor *executor = new_executor();
    int64_t *items = calloc(COUNT, sizeof *items);
    struct rt_array_stream stream;
    struct probe other = {.finish_at = 1};
    bool stop = false;
    (void)state;
    assert_non_null(items);
    rt_stream_of_array(&stream, items, COUNT);
    struct rt_handle handle = SPAWNED(executor, endless, {.stream = &stream.stream, .stop = &stop});
    assert_int_equal(rt_block_on(executor, spawn_probe(executor, &other)), 0);
    assert_true(stream.left > COUNT / 2);
    stop = true;
    assert_int_equal(rt_block_on(executor, handle), 0);
    rt_executor_free(executor);
    free(items);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_an_array),
    cmocka_unit_test(test_an_end_is_for_good),
    cmocka_unit_test(test_a_channel),
    cmocka_unit_test(test_a_channel_given_up),
    cmocka_unit_test(test_an_interval),
    cmocka_unit_test(test_a_listener),
    cmocka_unit_test(test_others_get_their_turn),
};
TEST_MAIN_REACTORS(tests)
