/* SPDX-License-Identifier: MIT
 *
 * What model.h promises of oneshot, broadcast and watch, and of places reserved in a channel, held
 * against every model: who gets which message, and what is said of those that are lost.
 */
#include "test_main.h"

#include "model_host.h"

#include "model.h"

/* -- oneshot -- */

TASK(send_one, {
    oneshot_t *oneshot;
    int64_t word;
})
{
    TASK_BEGIN;
    AWAIT(task_yield());
    TASK_RETURN(oneshot_send(self->oneshot, self->word));
    TASK_END;
}

TASK(close_one, { oneshot_t *oneshot; })
{
    TASK_BEGIN;
    AWAIT(task_yield());
    oneshot_close(self->oneshot);
    TASK_END;
}

TASK(oneshot_root, {
    oneshot_t oneshot;
    handle_t handle;
    int64_t word;
    int64_t result;
})
{
    TASK_BEGIN;
    oneshot_init(&self->oneshot);
    START(send_one, &self->handle, {.oneshot = &self->oneshot, .word = -7});
    AWAIT_INTO(self->result, oneshot_recv(&self->oneshot, &self->word));
    EXPECT(self->result, 0);
    EXPECT(self->word, -7);
    AWAIT_INTO(self->result, task_join(self->handle));
    EXPECT(self->result, 0);

    oneshot_init(&self->oneshot); /* sent before anybody waits */
    EXPECT(oneshot_send(&self->oneshot, 8), 0);
    AWAIT_INTO(self->result, oneshot_recv(&self->oneshot, &self->word));
    EXPECT(self->result, 0);
    EXPECT(self->word, 8);

    oneshot_init(&self->oneshot); /* the sender goes without a word */
    START(close_one, &self->handle, {.oneshot = &self->oneshot});
    AWAIT_INTO(self->result, oneshot_recv(&self->oneshot, &self->word));
    EXPECT(self->result, -EPIPE);
    AWAIT(task_join(self->handle));
    EXPECT(oneshot_send(&self->oneshot, 9), -EPIPE);
    TASK_END;
}

static void test_a_oneshot_brings_one_word_or_says_there_is_none(void **state)
{
    (void)state;
    RUN_TEST(oneshot_root, {0});
}

/* -- broadcast -- */

enum { RECEIVERS = 5, KEPT = 4, WORDS = 20 };

/* Counts what it sees and what it has lost until the channel is closed; words are numbered. */
TASK(hear, {
    broadcast_receiver_t *receiver;
    latch_t *seen; /* a word each; NULL for nobody to wait for it */
    int64_t number;
    int64_t lost;
    int64_t word;
    int64_t result;
})
{
    TASK_BEGIN;
    for (;;) {
        AWAIT_INTO(self->result, broadcast_recv(self->receiver, &self->word));
        if (self->result < 0)
            break;
        self->number += self->result;
        self->lost += self->result;
        if (self->result > 0)
            continue;
        EXPECT(self->word, self->number);
        self->number++;
        if (self->seen)
            latch_arrive(self->seen);
    }
    EXPECT(self->result, -EPIPE);
    EXPECT(self->number, WORDS);
    TASK_RETURN(self->lost);
    TASK_END;
}

TASK(broadcast_root, {
    broadcast_t broadcast;
    broadcast_receiver_t receivers[RECEIVERS];
    handle_t handles[RECEIVERS];
    latch_t seen;
    bool wait;
    int64_t i;
    int64_t result;
})
{
    TASK_BEGIN;
    for (int64_t i = 0; i < RECEIVERS; i++) {
        broadcast_subscribe(self->broadcast, &self->receivers[i]);
        START(hear, &self->handles[i],
              {.receiver = &self->receivers[i], .seen = self->wait ? &self->seen : NULL});
    }
    for (self->i = 0; self->i < WORDS; self->i++) {
        latch_init(&self->seen, RECEIVERS);
        EXPECT(broadcast_send(self->broadcast, self->i), 0);
        if (self->wait)
            AWAIT(latch_wait(&self->seen));
    }
    broadcast_close(self->broadcast);
    EXPECT(broadcast_send(self->broadcast, WORDS), -EPIPE);
    for (self->i = 0; self->i < RECEIVERS; self->i++) {
        AWAIT_INTO(self->result, task_join(self->handles[self->i]));
        EXPECT_TRUE(self->wait ? self->result == 0 : self->result <= WORDS - KEPT);
    }
    TASK_END;
}

static void test_every_receiver_sees_or_is_told_of_every_word(void **state)
{
    (void)state;
    for (int wait = 0; wait < 2; wait++) {
        broadcast_t broadcast = broadcast_new(KEPT);
        assert_non_null(broadcast);
        RUN_TEST(broadcast_root, {.broadcast = broadcast, .wait = wait});
        broadcast_free(broadcast);
    }
}

/* Alone, a receiver that has slept through seven words is told of three. */
TASK(lag_root, {
    broadcast_t broadcast;
    broadcast_receiver_t receiver;
    int64_t word;
    int64_t result;
    int64_t i;
})
{
    TASK_BEGIN;
    EXPECT(broadcast_send(self->broadcast, -1), 0); /* before it subscribes: not for it */
    broadcast_subscribe(self->broadcast, &self->receiver);
    for (int64_t i = 0; i < KEPT + 3; i++)
        EXPECT(broadcast_send(self->broadcast, i), 0);
    AWAIT_INTO(self->result, broadcast_recv(&self->receiver, &self->word));
    EXPECT(self->result, 3);
    for (self->i = 3; self->i < KEPT + 3; self->i++) {
        AWAIT_INTO(self->result, broadcast_recv(&self->receiver, &self->word));
        EXPECT(self->result, 0);
        EXPECT(self->word, self->i);
    }
    TASK_END;
}

static void test_a_receiver_is_told_how_much_it_has_lost(void **state)
{
    (void)state;
    broadcast_t broadcast = broadcast_new(KEPT);
    RUN_TEST(lag_root, {.broadcast = broadcast});
    broadcast_free(broadcast);
}

/* -- watch -- */

/* Sees ever newer words, and the last of them whatever it has missed. */
TASK(observe, {
    watch_t *watch;
    watch_receiver_t *receiver;
    int64_t word;
    int64_t last;
    int64_t result;
})
{
    TASK_BEGIN;
    for (;;) {
        AWAIT_INTO(self->result, watch_changed(self->receiver, &self->word));
        if (self->result < 0)
            break;
        EXPECT_TRUE(self->word > self->last);
        self->last = self->word;
    }
    EXPECT(self->result, -EPIPE);
    TASK_RETURN(self->last);
    TASK_END;
}

TASK(watch_root, {
    watch_t watch;
    watch_receiver_t receivers[RECEIVERS];
    handle_t handles[RECEIVERS];
    int64_t i;
    int64_t result;
})
{
    TASK_BEGIN;
    watch_init(&self->watch, 0);
    for (int64_t i = 0; i < RECEIVERS; i++) {
        watch_subscribe(&self->watch, &self->receivers[i]);
        START(observe, &self->handles[i], {.watch = &self->watch, .receiver = &self->receivers[i]});
    }
    for (self->i = 1; self->i <= WORDS; self->i++) {
        watch_send(&self->watch, self->i);
        if (self->i % 3 == 0)
            AWAIT(task_yield());
    }
    watch_close(&self->watch);
    for (self->i = 0; self->i < RECEIVERS; self->i++) {
        AWAIT_INTO(self->result, task_join(self->handles[self->i]));
        EXPECT(self->result, WORDS);
    }
    TASK_END;
}

static void test_a_watch_shows_the_newest_and_the_last(void **state)
{
    (void)state;
    RUN_TEST(watch_root, {0});
}

/* -- reserved places -- */

TASK(reserve_root, {
    chan_t chan;
    int64_t word;
    int64_t result;
})
{
    TASK_BEGIN;
    AWAIT_INTO(self->result, chan_reserve(self->chan));
    EXPECT(self->result, 0);
    chan_unreserve(self->chan); /* the only place is free again */
    AWAIT_INTO(self->result, chan_reserve(self->chan));
    EXPECT(self->result, 0);
    chan_commit(self->chan, 5);
    AWAIT_INTO(self->result, chan_recv(self->chan, &self->word));
    EXPECT(self->result, 0);
    EXPECT(self->word, 5);
    AWAIT(chan_reserve(self->chan));
    chan_close(self->chan);
    chan_commit(self->chan, 6); /* reserved before it was closed */
    AWAIT_INTO(self->result, chan_recv(self->chan, &self->word));
    EXPECT(self->word, 6);
    AWAIT_INTO(self->result, chan_reserve(self->chan));
    EXPECT(self->result, -EPIPE);
    TASK_END;
}

static void test_a_reserved_place_is_kept_until_it_is_used(void **state)
{
    (void)state;
    chan_t chan = chan_new(1);
    RUN_TEST(reserve_root, {.chan = chan});
    chan_free(chan);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_a_oneshot_brings_one_word_or_says_there_is_none),
    cmocka_unit_test(test_every_receiver_sees_or_is_told_of_every_word),
    cmocka_unit_test(test_a_receiver_is_told_how_much_it_has_lost),
    cmocka_unit_test(test_a_watch_shows_the_newest_and_the_last),
    cmocka_unit_test(test_a_reserved_place_is_kept_until_it_is_used),
};
TEST_MAIN(tests)
