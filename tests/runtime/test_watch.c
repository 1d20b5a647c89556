/* SPDX-License-Identifier: MIT
 *
 * Watches as rt/watch.h documents them: an observer sees the newest word it has not seen, never an
 * older one, and always the last.
 */
#include "test_main.h"

#include "stage.h"

#include "base/rng.h"

static int64_t word;

static rt_poll changed(struct stage *stage, int who, struct rt_watch_receiver *receiver)
{
    return POLL(stage, who, rt_watch_changed, receiver, &word);
}

static void assert_sees(struct stage *stage, int who, struct rt_watch_receiver *receiver,
                        int64_t expected)
{
    assert_int_equal(changed(stage, who, receiver), 0);
    assert_int_equal(word, expected);
}

static void test_the_newest_word_is_seen_once(void **state)
{
    struct stage stage;
    struct rt_watch watch;
    struct rt_watch_receiver first, second;
    (void)state;
    begin(&stage);
    rt_watch_init(&watch, 1);
    assert_int_equal(watch.word, 1);
    rt_watch_subscribe(&watch, &first);
    assert_int_equal(changed(&stage, 0, &first), RT_PENDING); /* the first word is no change */
    assert_int_equal(rt_watch_send(&watch, 2), 0);
    assert_int_equal(rt_watch_send(&watch, 3), 0);
    rt_watch_subscribe(&watch, &second);
    assert_woken(&stage, 1);
    assert_sees(&stage, 0, &first, 3); /* 2 was replaced */
    assert_int_equal(changed(&stage, 0, &first), RT_PENDING);
    assert_int_equal(changed(&stage, 1, &second), RT_PENDING);
    assert_int_equal(rt_watch_send(&watch, 3), 0); /* sent again is new, though equal */
    assert_woken(&stage, 3);
    assert_sees(&stage, 0, &first, 3);
    assert_sees(&stage, 1, &second, 3);
    end(&stage);
}

static void test_closing_shows_the_last_word(void **state)
{
    struct stage stage;
    struct rt_watch watch;
    struct rt_watch_receiver behind, waiting;
    (void)state;
    begin(&stage);
    rt_watch_init(&watch, 1);
    rt_watch_subscribe(&watch, &behind);
    assert_int_equal(rt_watch_send(&watch, 2), 0);
    rt_watch_subscribe(&watch, &waiting);
    assert_int_equal(changed(&stage, 0, &waiting), RT_PENDING);
    rt_watch_close(&watch);
    assert_woken(&stage, 1);
    assert_int_equal(rt_watch_send(&watch, 3), -EPIPE);
    assert_int_equal(watch.word, 2);
    assert_int_equal(changed(&stage, 0, &waiting), -EPIPE);
    assert_sees(&stage, 1, &behind, 2);
    assert_int_equal(changed(&stage, 1, &behind), -EPIPE);
    end(&stage);
}

/* Not seen by being woken for it: only by the poll. */
static void test_dropped_when_woken(void **state)
{
    struct stage stage;
    struct rt_watch watch;
    struct rt_watch_receiver receiver;
    (void)state;
    begin(&stage);
    rt_watch_init(&watch, 1);
    rt_watch_subscribe(&watch, &receiver);
    assert_int_equal(changed(&stage, 0, &receiver), RT_PENDING);
    assert_int_equal(rt_watch_send(&watch, 2), 0);
    DROP(&stage, 0, rt_watch_changed, &receiver, &word);
    assert_sees(&stage, 0, &receiver, 2);
    end(&stage);
}

/* -- tasks that look at a pace of their own -- */

enum { OBSERVERS = 20, WORDS = 20000 };

struct observer {
    RT_FRAME;
    struct rt_watch_receiver receiver;
    struct tc_rng rng;
    int64_t seen, result, word;
    int naps, nap;
};

static rt_poll observer(void *frame, struct rt_cx *cx)
{
    struct observer *self = frame;
    int64_t before = self->word;
    RT_BEGIN(self, cx);
    for (;;) {
        RT_AWAIT_INTO(self->result, rt_watch_changed, &self->receiver, &self->word);
        if (self->result < 0)
            break;
        assert_true(self->word > before);
        assert_int_equal(self->word, self->receiver.watch->word); /* nothing newer is there */
        before = self->word;
        self->seen++;
        for (self->nap = (int)tc_rng_below(&self->rng, (uint64_t)self->naps); self->nap;
             self->nap--)
            RT_AWAIT(rt_yield);
    }
    assert_int_equal(self->result, -EPIPE);
    assert_int_equal(self->word, WORDS);
    RT_END(self->seen);
}

struct sender {
    RT_FRAME;
    struct rt_watch *watch;
    int64_t i;
};

static rt_poll sender(void *frame, struct rt_cx *cx)
{
    struct sender *self = frame;
    RT_BEGIN(self, cx);
    for (self->i = 1; self->i <= WORDS; self->i++) {
        assert_int_equal(rt_watch_send(self->watch, self->i), 0);
        RT_AWAIT(rt_yield);
    }
    rt_watch_close(self->watch);
    RT_END(0);
}

static void test_never_older_and_always_the_last(void **state)
{
    struct rt_executor *executor = new_executor();
    struct rt_watch watch;
    struct rt_handle handles[OBSERVERS];
    int64_t seen[OBSERVERS];
    (void)state;
    rt_watch_init(&watch, 0);
    for (int i = 0; i < OBSERVERS; i++) {
        struct observer begun = {.naps = 1 + i / 2};
        tc_rng_seed(&begun.rng, (uint64_t)i);
        rt_watch_subscribe(&watch, &begun.receiver);
        handles[i] = SPAWNED(executor, observer,
                             {.receiver = begun.receiver, .rng = begun.rng, .naps = begun.naps});
    }
    SPAWN_DETACHED(executor, sender, {.watch = &watch});
    for (int i = 0; i < OBSERVERS; i++)
        seen[i] = rt_block_on(executor, handles[i]);
    assert_int_equal(seen[0], WORDS); /* keeps up */
    assert_true(seen[OBSERVERS - 1] < WORDS / 2);
    rt_executor_free(executor);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_the_newest_word_is_seen_once),
    cmocka_unit_test(test_closing_shows_the_last_word),
    cmocka_unit_test(test_dropped_when_woken),
    cmocka_unit_test(test_never_older_and_always_the_last),
};
TEST_MAIN(tests)
