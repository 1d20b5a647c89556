/* SPDX-License-Identifier: MIT
 *
 * Channels between threads: order, back-pressure, closing, and every message received once with
 * many on both sides. Threads do not assert (cmocka's failure is a jump within one thread): they
 * return what they saw.
 */
#include "test_main.h"

#include "both.h"

#include "tb/tb.h"

#include "base/status.h"

#include <stdbool.h>

static struct tb_spawner spawner;

/* Before any test's process forks off, so that each has it. */
__attribute__((constructor)) static void make_spawner(void)
{
    struct tb_config config = {.stack_bytes = 256 * 1024};
    MUST(tb_spawner_init(&spawner, &config) == 0);
}

/* -- one on each side -- */

struct sender {
    struct tb_chan *chan;
    int64_t first, count;
    int64_t *sent; /* how many are through; may be NULL */
};

static int64_t send_numbers(void *frame)
{
    struct sender *self = frame;
    for (int64_t i = 0; i < self->count; i++) {
        int64_t result = tb_chan_send(self->chan, self->first + i);
        if (result < 0)
            return result;
        if (self->sent)
            __atomic_fetch_add(self->sent, 1, __ATOMIC_RELEASE);
    }
    return 0;
}

static struct tb_handle start_sender(struct sender frame)
{
    struct tb_handle handle;
    MUST(tb_spawn(&spawner, send_numbers, &frame, sizeof frame, &handle) == 0);
    return handle;
}

static void assert_in_order(uint32_t capacity)
{
    enum { MESSAGES = 3000 };
    struct tb_chan *chan = tb_chan_new(capacity);
    struct tb_handle sender =
        start_sender((struct sender){.chan = chan, .first = -1500, .count = MESSAGES});
    for (int64_t i = 0; i < MESSAGES; i++) {
        int64_t message = 0;
        assert_int_equal(tb_chan_recv(chan, &message), 0);
        assert_true(message == i - 1500);
    }
    assert_int_equal(tb_join(sender), 0);
    tb_chan_free(chan);
}

static void test_messages_keep_their_order(void **state)
{
    (void)state;
    assert_in_order(1);
    assert_in_order(2);
    assert_in_order(3); /* not a power of two */
    assert_in_order(100);
    assert_in_order(4096);
}

static void test_every_word_is_a_message(void **state)
{
    static const int64_t words[] = {0, 1, -1, -EPIPE, INT64_MAX, INT64_MIN};
    struct tb_chan *chan = tb_chan_new(TC_COUNT_OF(words));
    int64_t message;
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(words); i++)
        assert_int_equal(tb_chan_send(chan, words[i]), 0);
    for (size_t i = 0; i < TC_COUNT_OF(words); i++) {
        assert_int_equal(tb_chan_recv(chan, &message), 0);
        assert_true(message == words[i]);
    }
    tb_chan_free(chan);
    tb_chan_free(NULL);
}

/* The sender gets exactly as far as there are places, and one further with each message taken. It
 * must get there (or the test hangs), and is never seen beyond. */
static void assert_capacity(uint32_t capacity)
{
    int64_t sent = 0, message, count = 4 * (int64_t)capacity;
    struct tb_chan *chan = tb_chan_new(capacity);
    struct tb_handle sender =
        start_sender((struct sender){.chan = chan, .count = count, .sent = &sent});
    for (int64_t taken = 0; taken < count; taken++) {
        int64_t most = taken + capacity < count ? taken + capacity : count, now;
        while ((now = __atomic_load_n(&sent, __ATOMIC_ACQUIRE)) < most)
            tb_yield();
        assert_int_equal(now, most);
        assert_int_equal(tb_chan_recv(chan, &message), 0);
    }
    assert_int_equal(tb_join(sender), 0);
    tb_chan_free(chan);
}

static void test_capacity_holds_senders_back(void **state)
{
    (void)state;
    assert_capacity(1);
    assert_capacity(2);
    assert_capacity(5);
    assert_capacity(64);
}

/* -- closing -- */

static void test_receivers_get_what_is_left(void **state)
{
    struct tb_chan *chan = tb_chan_new(4);
    int64_t message = 0;
    (void)state;
    tb_chan_send(chan, 1);
    tb_chan_send(chan, 2);
    tb_chan_close(chan);
    assert_int_equal(tb_chan_send(chan, 3), -EPIPE);
    assert_int_equal(tb_chan_recv(chan, &message), 0);
    assert_int_equal(message, 1);
    assert_int_equal(tb_chan_recv(chan, &message), 0);
    assert_int_equal(message, 2);
    assert_int_equal(tb_chan_recv(chan, &message), -EPIPE);
    assert_int_equal(tb_chan_recv(chan, &message), -EPIPE);
    assert_int_equal(message, 2);
    tb_chan_close(chan); /* again: no effect */
    assert_int_equal(tb_chan_send(chan, 4), -EPIPE);
    tb_chan_free(chan);
}

static int64_t receive_one(void *frame)
{
    int64_t message;
    return tb_chan_recv(*(struct tb_chan **)frame, &message);
}

/* Whether the threads already wait when it is closed is up to the scheduler, and must not matter:
 * many rounds see both. */
static void test_closing_ends_every_receiver(void **state)
{
    enum { ROUNDS = 50, WAITERS = 8 };
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct tb_chan *chan = tb_chan_new(1);
        struct tb_handle handles[WAITERS];
        for (int i = 0; i < WAITERS; i++)
            assert_int_equal(tb_spawn(&spawner, receive_one, &chan, sizeof chan, &handles[i]), 0);
        for (int i = 0; i < round; i++)
            tb_yield();
        tb_chan_close(chan);
        for (int i = 0; i < WAITERS; i++)
            assert_int_equal(tb_join(handles[i]), -EPIPE);
        tb_chan_free(chan);
    }
}

static void test_closing_ends_every_sender(void **state)
{
    enum { ROUNDS = 50, WAITERS = 8 };
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct tb_chan *chan = tb_chan_new(1);
        struct tb_handle handles[WAITERS];
        int64_t message = 0;
        tb_chan_send(chan, 77);
        for (int i = 0; i < WAITERS; i++)
            handles[i] = start_sender((struct sender){.chan = chan, .count = 1});
        for (int i = 0; i < round; i++)
            tb_yield();
        tb_chan_close(chan);
        for (int i = 0; i < WAITERS; i++)
            assert_int_equal(tb_join(handles[i]), -EPIPE);
        assert_int_equal(tb_chan_recv(chan, &message), 0);
        assert_int_equal(message, 77);
        assert_int_equal(tb_chan_recv(chan, &message), -EPIPE);
        tb_chan_free(chan);
    }
}

/* -- many on both sides -- */

struct receiver {
    struct tb_chan *chan;
    unsigned char *seen; /* one a message */
    int64_t last[8];     /* of each sender, to see its order kept */
    int64_t messages_each;
};

/* How many it received; -1 when a message came twice or out of its sender's order. */
static int64_t receive_all(void *frame)
{
    struct receiver *self = frame;
    int64_t message, count = 0;
    while (tb_chan_recv(self->chan, &message) == 0) {
        int64_t *last = &self->last[message / self->messages_each];
        if (__atomic_fetch_add(&self->seen[message], 1, __ATOMIC_RELAXED) != 0 || message < *last)
            return -1;
        *last = message;
        count++;
    }
    return count;
}

static void assert_each_once(uint32_t capacity, int senders, int receivers)
{
    enum { EACH = 1000, MOST = 8 };
    static unsigned char seen[MOST * EACH];
    struct tb_handle sending[MOST], receiving[MOST];
    struct tb_chan *chan = tb_chan_new(capacity);
    struct receiver receiver = {.chan = chan, .seen = seen, .messages_each = EACH};
    int64_t sum = 0;
    memset(seen, 0, sizeof seen);
    for (int i = 0; i < receivers; i++)
        MUST(tb_spawn(&spawner, receive_all, &receiver, sizeof receiver, &receiving[i]) == 0);
    for (int i = 0; i < senders; i++)
        sending[i] = start_sender((struct sender){.chan = chan, .first = i * EACH, .count = EACH});
    for (int i = 0; i < senders; i++)
        assert_int_equal(tb_join(sending[i]), 0);
    tb_chan_close(chan);
    for (int i = 0; i < receivers; i++) {
        int64_t count = tb_join(receiving[i]);
        assert_true(count >= 0);
        sum += count;
    }
    assert_int_equal(sum, (int64_t)senders * EACH);
    tb_chan_free(chan);
}

static void test_every_message_is_received_once(void **state)
{
    (void)state;
    assert_each_once(1, 8, 8);
    assert_each_once(1, 1, 8);
    assert_each_once(1, 8, 1);
    assert_each_once(3, 4, 4);
    assert_each_once(256, 8, 3);
}

/* -- places apart from messages, and without waiting -- */

static void test_a_reserved_place_is_not_free(void **state)
{
    struct tb_chan *chan = tb_chan_new(2);
    int64_t message = 0;
    (void)state;
    assert_int_equal(tb_chan_reserve(chan), 0);
    assert_int_equal(tb_chan_try_send(chan, 1), 0);
    assert_int_equal(tb_chan_try_send(chan, 2), -EAGAIN);
    tb_chan_commit(chan, 3); /* behind what came first */
    assert_int_equal(tb_chan_try_recv(chan, &message), 0);
    assert_int_equal(message, 1);
    assert_int_equal(tb_chan_reserve(chan), 0);
    assert_int_equal(tb_chan_try_send(chan, 4), -EAGAIN);
    tb_chan_unreserve(chan);
    assert_int_equal(tb_chan_reserve(chan), 0);
    tb_chan_close(chan);
    assert_int_equal(tb_chan_try_send(chan, 5), -EPIPE);
    assert_int_equal(tb_chan_reserve(chan), -EPIPE);
    tb_chan_commit(chan, 6); /* its place was promised before */
    assert_int_equal(tb_chan_try_recv(chan, &message), 0);
    assert_int_equal(message, 3);
    assert_int_equal(tb_chan_recv(chan, &message), 0);
    assert_int_equal(message, 6);
    assert_int_equal(tb_chan_try_recv(chan, &message), -EPIPE);
    tb_chan_free(chan);
}

/* Reserves, and commits or thinks better of it; a place that is given back must reach who waits. */
static int64_t reserve_numbers(void *frame)
{
    struct sender *self = frame;
    for (int64_t i = 0; i < 2 * self->count; i++) {
        int64_t result = tb_chan_reserve(self->chan);
        if (result < 0)
            return result;
        if (i % 2)
            tb_chan_unreserve(self->chan);
        else
            tb_chan_commit(self->chan, self->first + i / 2);
    }
    return 0;
}

static void test_places_that_are_given_back_are_used(void **state)
{
    enum { SENDERS = 4, COUNT = 1000 };
    struct tb_chan *chan = tb_chan_new(1);
    struct tb_handle handles[SENDERS];
    int64_t message, sum = 0;
    (void)state;
    for (int i = 0; i < SENDERS; i++) {
        struct sender frame = {.chan = chan, .first = i * COUNT, .count = COUNT};
        MUST(tb_spawn(&spawner, reserve_numbers, &frame, sizeof frame, &handles[i]) == 0);
    }
    for (int i = 0; i < SENDERS * COUNT; i++) {
        assert_int_equal(tb_chan_recv(chan, &message), 0);
        sum += message;
    }
    for (int i = 0; i < SENDERS; i++)
        assert_int_equal(tb_join(handles[i]), 0);
    assert_int_equal(sum, (int64_t)SENDERS * COUNT * (SENDERS * COUNT - 1) / 2);
    assert_int_equal(tb_chan_try_recv(chan, &message), -EAGAIN);
    tb_chan_free(chan);
}

static const struct CMUnitTest tests[] = {
    BOTH(test_messages_keep_their_order),           BOTH(test_every_word_is_a_message),
    BOTH(test_capacity_holds_senders_back),         BOTH(test_receivers_get_what_is_left),
    BOTH(test_closing_ends_every_receiver),         BOTH(test_closing_ends_every_sender),
    BOTH(test_every_message_is_received_once),      BOTH(test_a_reserved_place_is_not_free),
    BOTH(test_places_that_are_given_back_are_used),
};
TEST_MAIN(tests)
