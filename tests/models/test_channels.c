/* SPDX-License-Identifier: MIT
 *
 * What model.h promises of channels, held against every model: order, capacity, closing, and every
 * message once.
 */
#include "test_main.h"

#include "model_host.h"

#include "model.h"

/* Sends first, first + 1, ...; ends with the first failure or with 0. */
TASK(send_numbers, {
    chan_t chan;
    int64_t first;
    int64_t count;
    int64_t *sent; /* how many are through; may be NULL */
    int64_t i;
    int64_t result;
})
{
    TASK_BEGIN;
    for (; self->i < self->count; self->i++) {
        AWAIT_INTO(self->result, chan_send(self->chan, self->first + self->i));
        if (self->result < 0)
            TASK_RETURN(self->result);
        if (self->sent)
            bump(self->sent);
    }
    TASK_END;
}

/* -- order -- */

TASK(receive_in_order, {
    chan_t chan;
    int64_t count;
    handle_t sender;
    int64_t i;
    int64_t message;
    int64_t result;
})
{
    TASK_BEGIN;
    START(send_numbers, &self->sender, {.chan = self->chan, .first = -100, .count = self->count});
    for (; self->i < self->count; self->i++) {
        AWAIT_INTO(self->result, chan_recv(self->chan, &self->message));
        EXPECT(self->result, 0);
        EXPECT(self->message, self->i - 100);
    }
    AWAIT_INTO(self->result, task_join(self->sender));
    EXPECT(self->result, 0);
    TASK_END;
}

static void test_messages_keep_their_order(void **state)
{
    static const uint32_t capacities[] = {1, 2, 3, 10, 1024};
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(capacities); i++) {
        chan_t chan = chan_new(capacities[i]);
        assert_non_null(chan);
        RUN_TEST(receive_in_order, {.chan = chan, .count = 1000});
        chan_free(chan);
    }
}

static const int64_t words[] = {0, 1, -1, -EPIPE, INT64_MAX, INT64_MIN};

TASK(send_words, {
    chan_t chan;
    uint64_t i;
    int64_t result;
})
{
    TASK_BEGIN;
    for (; self->i < TC_COUNT_OF(words); self->i++) {
        AWAIT_INTO(self->result, chan_send(self->chan, words[self->i]));
        EXPECT(self->result, 0);
    }
    TASK_END;
}

TASK(receive_words, {
    chan_t chan;
    handle_t sender;
    uint64_t i;
    int64_t message;
    int64_t result;
})
{
    TASK_BEGIN;
    START(send_words, &self->sender, {.chan = self->chan});
    for (; self->i < TC_COUNT_OF(words); self->i++) {
        AWAIT_INTO(self->result, chan_recv(self->chan, &self->message));
        EXPECT(self->result, 0);
        EXPECT(self->message, words[self->i]);
    }
    AWAIT(task_join(self->sender));
    TASK_END;
}

static void test_every_word_is_a_message(void **state)
{
    (void)state;
    for (uint32_t capacity = 1; capacity <= 8; capacity *= 8) {
        chan_t chan = chan_new(capacity);
        RUN_TEST(receive_words, {.chan = chan});
        chan_free(chan);
    }
}

/* -- capacity -- */

/* The sender must get as far as there are places (or this never ends), and is not seen beyond. */
TASK(watch_capacity, {
    chan_t chan;
    int64_t capacity;
    int64_t count;
    handle_t sender;
    int64_t sent;
    int64_t taken;
    int64_t most;
    int64_t turns;
    int64_t message;
})
{
    TASK_BEGIN;
    START(send_numbers, &self->sender,
          {.chan = self->chan, .count = self->count, .sent = &self->sent});
    for (; self->taken < self->count; self->taken++) {
        self->most = self->taken + self->capacity;
        if (self->most > self->count)
            self->most = self->count;
        while (peek(&self->sent) < self->most)
            AWAIT(task_yield());
        for (self->turns = 0; self->turns < 5; self->turns++)
            AWAIT(task_yield()); /* room to go too far */
        EXPECT(peek(&self->sent), self->most);
        AWAIT(chan_recv(self->chan, &self->message));
        EXPECT(self->message, self->taken);
    }
    AWAIT(task_join(self->sender));
    TASK_END;
}

static void test_capacity_holds_senders_back(void **state)
{
    static const uint32_t capacities[] = {1, 2, 5, 16};
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(capacities); i++) {
        chan_t chan = chan_new(capacities[i]);
        RUN_TEST(watch_capacity,
                 {.chan = chan, .capacity = capacities[i], .count = 4 * capacities[i]});
        chan_free(chan);
    }
}

/* -- closing -- */

TASK(receive_one, {
    chan_t chan;
    int64_t *started;
    int64_t message;
    int64_t result;
})
{
    TASK_BEGIN;
    bump(self->started);
    AWAIT_INTO(self->result, chan_recv(self->chan, &self->message));
    TASK_RETURN(self->result);
    TASK_END;
}

TASK(close_on_receivers, {
    chan_t chan;
    handle_t handles[10];
    int64_t started;
    int64_t i;
    int64_t result;
})
{
    TASK_BEGIN;
    for (int i = 0; i < 10; i++)
        START(receive_one, &self->handles[i], {.chan = self->chan, .started = &self->started});
    while (peek(&self->started) < 10)
        AWAIT(task_yield());
    chan_close(self->chan);
    for (; self->i < 10; self->i++) {
        AWAIT_INTO(self->result, task_join(self->handles[self->i]));
        EXPECT(self->result, -EPIPE);
    }
    TASK_END;
}

static void test_closing_ends_waiting_receivers(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        chan_t chan = chan_new(2);
        RUN_TEST(close_on_receivers, {.chan = chan});
        chan_free(chan);
    }
}

/* What was sent before the close is still there after it; nobody else's is. */
TASK(close_on_senders, {
    chan_t chan;
    handle_t handles[10];
    int64_t sent;
    int64_t i;
    int64_t message;
    int64_t result;
})
{
    TASK_BEGIN;
    for (int i = 0; i < 10; i++)
        START(send_numbers, &self->handles[i],
              {.chan = self->chan, .first = 100 * i, .count = 3, .sent = &self->sent});
    while (peek(&self->sent) < 2)
        AWAIT(task_yield());
    chan_close(self->chan);
    for (; self->i < 10; self->i++) {
        AWAIT_INTO(self->result, task_join(self->handles[self->i]));
        EXPECT(self->result, -EPIPE);
    }
    EXPECT(self->sent, 2);
    for (self->i = 0; self->i < 2; self->i++) {
        AWAIT_INTO(self->result, chan_recv(self->chan, &self->message));
        EXPECT(self->result, 0);
    }
    AWAIT_INTO(self->result, chan_recv(self->chan, &self->message));
    EXPECT(self->result, -EPIPE);
    AWAIT_INTO(self->result, chan_send(self->chan, 1));
    EXPECT(self->result, -EPIPE);
    chan_close(self->chan); /* again: no effect */
    AWAIT_INTO(self->result, chan_recv(self->chan, &self->message));
    EXPECT(self->result, -EPIPE);
    TASK_END;
}

static void test_closing_ends_waiting_senders(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        chan_t chan = chan_new(2);
        RUN_TEST(close_on_senders, {.chan = chan});
        chan_free(chan);
    }
}

/* -- many on both sides -- */

enum { EACH = 300, MOST = 8 };

static unsigned char seen[MOST * EACH];

/* How many it received until the close. Each sender's messages come in their order. */
TASK(receive_all, {
    chan_t chan;
    int64_t last[MOST];
    int64_t count;
    int64_t message;
    int64_t result;
})
{
    TASK_BEGIN;
    for (;;) {
        AWAIT_INTO(self->result, chan_recv(self->chan, &self->message));
        if (self->result < 0)
            break;
        EXPECT(__atomic_fetch_add(&seen[self->message], 1, __ATOMIC_RELAXED), 0);
        int64_t *last = &self->last[self->message / EACH];
        EXPECT_TRUE(self->message >= *last);
        *last = self->message;
        self->count++;
    }
    EXPECT(self->result, -EPIPE);
    TASK_RETURN(self->count);
    TASK_END;
}

TASK(mix, {
    chan_t chan;
    int64_t senders;
    int64_t receivers;
    handle_t sending[MOST];
    handle_t receiving[MOST];
    int64_t i;
    int64_t result;
    int64_t sum;
})
{
    TASK_BEGIN;
    memset(seen, 0, sizeof seen);
    for (int64_t i = 0; i < self->receivers; i++)
        START(receive_all, &self->receiving[i], {.chan = self->chan});
    for (int64_t i = 0; i < self->senders; i++)
        START(send_numbers, &self->sending[i],
              {.chan = self->chan, .first = i * EACH, .count = EACH});
    for (; self->i < self->senders; self->i++) {
        AWAIT_INTO(self->result, task_join(self->sending[self->i]));
        EXPECT(self->result, 0);
    }
    chan_close(self->chan);
    for (self->i = 0; self->i < self->receivers; self->i++) {
        AWAIT_INTO(self->result, task_join(self->receiving[self->i]));
        self->sum += self->result;
    }
    EXPECT(self->sum, self->senders * EACH);
    TASK_END;
}

static void test_every_message_is_received_once(void **state)
{
    static const struct {
        uint32_t capacity;
        int64_t senders, receivers;
    } cases[] = {{1, 1, 1}, {1, 8, 8}, {1, 1, 8}, {1, 8, 1}, {3, 4, 5}, {64, 8, 3}};
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(cases); i++) {
        chan_t chan = chan_new(cases[i].capacity);
        RUN_TEST(mix, {.chan = chan, .senders = cases[i].senders, .receivers = cases[i].receivers});
        chan_free(chan);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_messages_keep_their_order),
    cmocka_unit_test(test_every_word_is_a_message),
    cmocka_unit_test(test_capacity_holds_senders_back),
    cmocka_unit_test(test_closing_ends_waiting_receivers),
    cmocka_unit_test(test_closing_ends_waiting_senders),
    cmocka_unit_test(test_every_message_is_received_once),
};
TEST_MAIN(tests)
