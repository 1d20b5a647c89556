/* SPDX-License-Identifier: MIT
 *
 * Broadcasts as rt/broadcast.h documents them: each receiver gets each word in order, or is told
 * how many it has lost; what is seen and what is lost add up to what was sent.
 */
#include "test_main.h"

#include "dies.h"
#include "stage.h"

#include "base/rng.h"

static int64_t word;

static rt_poll receive(struct stage *stage, int who, struct rt_broadcast_receiver *receiver)
{
    return POLL(stage, who, rt_broadcast_recv, receiver, &word);
}

static void assert_receives(struct stage *stage, int who, struct rt_broadcast_receiver *receiver,
                            int64_t expected)
{
    assert_int_equal(receive(stage, who, receiver), 0);
    assert_int_equal(word, expected);
}

static void test_each_receiver_gets_each_word(void **state)
{
    struct stage stage;
    struct rt_broadcast *broadcast = rt_broadcast_new(4);
    struct rt_broadcast_receiver receivers[2];
    (void)state;
    begin(&stage);
    assert_int_equal(rt_broadcast_send(broadcast, 0), 0); /* before anybody listens */
    rt_broadcast_subscribe(broadcast, &receivers[0]);
    assert_int_equal(receive(&stage, 0, &receivers[0]), RT_PENDING);
    assert_int_equal(rt_broadcast_send(broadcast, 1), 0);
    assert_woken(&stage, 1);
    rt_broadcast_subscribe(broadcast, &receivers[1]);
    assert_int_equal(broadcast->receivers, 2);
    assert_int_equal(rt_broadcast_send(broadcast, 2), 0);
    assert_woken(&stage, 0); /* nobody waits */
    assert_receives(&stage, 0, &receivers[0], 1);
    assert_receives(&stage, 0, &receivers[0], 2);
    assert_receives(&stage, 1, &receivers[1], 2);
    assert_int_equal(receive(&stage, 0, &receivers[0]), RT_PENDING);
    assert_int_equal(receive(&stage, 1, &receivers[1]), RT_PENDING);
    assert_int_equal(rt_broadcast_send(broadcast, 3), 0);
    assert_int_equal(rt_broadcast_send(broadcast, 4), 0);
    assert_woken(&stage, 3);
    assert_receives(&stage, 1, &receivers[1], 3);
    rt_broadcast_unsubscribe(&receivers[1]);
    assert_int_equal(broadcast->receivers, 1);
    assert_receives(&stage, 0, &receivers[0], 3);
    assert_receives(&stage, 0, &receivers[0], 4);
    end(&stage);
    rt_broadcast_free(broadcast);
}

/* At every capacity: as many as it keeps are kept, one more is one lost. */
static void test_a_slow_receiver_is_told_what_it_lost(void **state)
{
    struct stage stage;
    (void)state;
    for (uint32_t capacity = 1; capacity <= 9; capacity++) {
        struct rt_broadcast *broadcast = rt_broadcast_new(capacity);
        begin(&stage);
        for (uint32_t lost = 0; lost < 20; lost++) {
            struct rt_broadcast_receiver receiver;
            rt_broadcast_subscribe(broadcast, &receiver);
            for (uint32_t i = 0; i < capacity + lost; i++)
                assert_int_equal(rt_broadcast_send(broadcast, i), 0);
            if (lost)
                assert_int_equal(receive(&stage, 0, &receiver), lost);
            for (uint32_t i = 0; i < capacity; i++)
                assert_receives(&stage, 0, &receiver, lost + i);
            assert_int_equal(receive(&stage, 0, &receiver), RT_PENDING);
            DROP(&stage, 0, rt_broadcast_recv, &receiver, &word);
        }
        end(&stage);
        rt_broadcast_free(broadcast);
    }
}

static void test_closing_leaves_what_was_sent(void **state)
{
    struct stage stage;
    struct rt_broadcast *broadcast = rt_broadcast_new(2);
    struct rt_broadcast_receiver behind, waiting;
    (void)state;
    begin(&stage);
    rt_broadcast_subscribe(broadcast, &behind);
    assert_int_equal(rt_broadcast_send(broadcast, 1), 0);
    rt_broadcast_subscribe(broadcast, &waiting);
    assert_int_equal(receive(&stage, 0, &waiting), RT_PENDING);
    rt_broadcast_close(broadcast);
    assert_woken(&stage, 1);
    assert_int_equal(rt_broadcast_send(broadcast, 2), -EPIPE);
    assert_int_equal(receive(&stage, 0, &waiting), -EPIPE);
    assert_receives(&stage, 1, &behind, 1);
    assert_int_equal(receive(&stage, 1, &behind), -EPIPE);
    end(&stage);
    rt_broadcast_free(broadcast);
}

/* A receiver that is dropped between the wake and the poll has lost nothing. */
static void test_dropped_when_woken(void **state)
{
    struct stage stage;
    struct rt_broadcast *broadcast = rt_broadcast_new(2);
    struct rt_broadcast_receiver receiver;
    (void)state;
    begin(&stage);
    rt_broadcast_subscribe(broadcast, &receiver);
    assert_int_equal(receive(&stage, 0, &receiver), RT_PENDING);
    assert_int_equal(rt_broadcast_send(broadcast, 1), 0);
    DROP(&stage, 0, rt_broadcast_recv, &receiver, &word);
    assert_receives(&stage, 0, &receiver, 1);
    end(&stage);
    rt_broadcast_free(broadcast);
}

/* -- tasks that listen at a pace of their own -- */

enum { LISTENERS = 20, WORDS = 20000, CAPACITY = 16 };

struct listener {
    RT_FRAME;
    struct rt_broadcast_receiver receiver;
    struct tc_rng rng;
    int64_t seen, lost, last, result, word;
    int naps, nap;
};

static rt_poll listener(void *frame, struct rt_cx *cx)
{
    struct listener *self = frame;
    RT_BEGIN(self, cx);
    for (;;) {
        RT_AWAIT_INTO(self->result, rt_broadcast_recv, &self->receiver, &self->word);
        if (self->result < 0)
            break;
        if (self->result > 0) {
            self->lost += self->result;
            continue;
        }
        self->seen++;
        assert_true(self->word > self->last);
        self->last = self->word;
        for (self->nap = (int)tc_rng_below(&self->rng, (uint64_t)self->naps); self->nap;
             self->nap--)
            RT_AWAIT(rt_yield);
    }
    assert_int_equal(self->result, -EPIPE);
    assert_int_equal(self->seen + self->lost, WORDS);
    assert_int_equal(self->last, WORDS); /* the last word is never lost */
    RT_END(self->lost);
}

struct speaker {
    RT_FRAME;
    struct rt_broadcast *broadcast;
    int64_t i;
};

static rt_poll speaker(void *frame, struct rt_cx *cx)
{
    struct speaker *self = frame;
    RT_BEGIN(self, cx);
    for (self->i = 1; self->i <= WORDS; self->i++) {
        assert_int_equal(rt_broadcast_send(self->broadcast, self->i), 0);
        RT_AWAIT(rt_yield);
    }
    rt_broadcast_close(self->broadcast);
    RT_END(0);
}

static void test_seen_and_lost_add_up(void **state)
{
    struct rt_executor *executor = new_executor();
    struct rt_broadcast *broadcast = rt_broadcast_new(CAPACITY);
    struct rt_handle handles[LISTENERS];
    int64_t lost[LISTENERS];
    (void)state;
    for (int i = 0; i < LISTENERS; i++) {
        struct listener begun = {.naps = 1 + i / 2};
        tc_rng_seed(&begun.rng, (uint64_t)i);
        rt_broadcast_subscribe(broadcast, &begun.receiver);
        handles[i] = SPAWNED(executor, listener,
                             {.receiver = begun.receiver, .rng = begun.rng, .naps = begun.naps});
    }
    SPAWN_DETACHED(executor, speaker, {.broadcast = broadcast});
    for (int i = 0; i < LISTENERS; i++)
        lost[i] = rt_block_on(executor, handles[i]);
    assert_int_equal(lost[0], 0); /* keeps up */
    assert_true(lost[LISTENERS - 1] > WORDS / 2);
    rt_executor_free(executor);
    rt_broadcast_free(broadcast);
}

/* -- broken promises -- */

static void make_one_of_none(void)
{
    rt_broadcast_new(0);
}

static void make_one_too_large(void)
{
    rt_broadcast_new((UINT32_C(1) << 30) + 1);
}

static void free_one_in_use(void)
{
    struct stage stage;
    struct rt_broadcast *broadcast = rt_broadcast_new(1);
    struct rt_broadcast_receiver receiver;
    begin(&stage);
    rt_broadcast_subscribe(broadcast, &receiver);
    receive(&stage, 0, &receiver);
    rt_broadcast_free(broadcast);
}

static void test_broken_promises_are_named(void **state)
{
    (void)state;
    rt_broadcast_free(NULL);
    dies(make_one_of_none);
    dies(make_one_too_large);
    dies(free_one_in_use);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_each_receiver_gets_each_word),
    cmocka_unit_test(test_a_slow_receiver_is_told_what_it_lost),
    cmocka_unit_test(test_closing_leaves_what_was_sent),
    cmocka_unit_test(test_dropped_when_woken),
    cmocka_unit_test(test_seen_and_lost_add_up),
    cmocka_unit_test(test_broken_promises_are_named),
};
TEST_MAIN(tests)
