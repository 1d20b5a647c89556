/* SPDX-License-Identifier: MIT
 *
 * Calls: a wake polls the innermost function alone, whatever the depth; results and errors pass
 * outward; every way out runs every clean-up once; a function that a hand-written future polls is
 * polled through it.
 */
#include "test_main.h"

#include "counting.h"

enum { DEEPEST = 8 };

/* What the levels of one chain of calls share with the test. */
struct notes {
    struct rt_chan *chan;
    int polls[DEEPEST + 1], cleanups[DEEPEST + 1];
    int messages; /* how many the innermost level takes before it ends */
    int64_t end;  /* what it ends with */
};

/* Level L calls level L - 1; level 0 receives. A chain of different functions would be the same
 * code: the frame of a level only has to have room for the next. */
#define LEVEL(level, below)                                                                   \
    struct level_##level {                                                                    \
        RT_FRAME;                                                                             \
        struct notes *notes;                                                                  \
        int64_t result;                                                                       \
        RT_CALLEE(level_##below) callee;                                                      \
    };                                                                                        \
    static rt_poll level_##level(void *frame, struct rt_cx *cx)                               \
    {                                                                                         \
        struct level_##level *self = frame;                                                   \
        if (cx)                                                                               \
            self->notes->polls[level]++;                                                      \
        RT_BEGIN(self, cx);                                                                   \
        RT_TRY_CALL_INTO(self->result, level_##below, &self->callee, {.notes = self->notes}); \
        RT_END_FINALLY(self->result + 1, { self->notes->cleanups[level]++; });                \
    }

struct level_0 {
    RT_FRAME;
    struct notes *notes;
    int64_t message;
    int left;
};

static rt_poll level_0(void *frame, struct rt_cx *cx)
{
    struct level_0 *self = frame;
    if (cx)
        self->notes->polls[0]++;
    RT_BEGIN(self, cx);
    for (self->left = self->notes->messages; self->left > 0; self->left--)
        RT_AWAIT(rt_chan_recv, self->notes->chan, &self->message);
    RT_END_FINALLY(self->notes->end, { self->notes->cleanups[0]++; });
}

LEVEL(1, 0)
LEVEL(2, 1)
LEVEL(3, 2)
LEVEL(4, 3)
LEVEL(5, 4)
LEVEL(6, 5)
LEVEL(7, 6)
LEVEL(8, 7)

static void begin(struct notes *notes, int messages, int64_t end)
{
    *notes = (struct notes){.chan = rt_chan_new(4), .messages = messages, .end = end};
    assert_non_null(notes->chan);
}

static void deliver(struct rt_executor *executor, struct notes *notes)
{
    struct probe probe = {0};
    struct rt_handle outside = spawn_probe(executor, &probe);
    struct rt_cx cx = cx_of(outside);
    struct rt_wait wait;
    rt_wait_init(&wait);
    assert_int_equal(rt_chan_send_poll(&wait, &cx, notes->chan, 1), 0);
    rt_abort(outside);
    rt_detach(outside);
    rt_run_ready(executor);
}

static void assert_all(const int *counts, int expected, const char *what)
{
    for (int level = 0; level <= DEEPEST; level++)
        if (counts[level] != expected)
            fail_msg("level %d: %d %s instead of %d", level, counts[level], what, expected);
}

static void test_a_wake_polls_the_innermost_alone(void **state)
{
    (void)state;
    struct rt_executor *executor = new_executor();
    struct notes notes;
    begin(&notes, 5, 100);
    struct rt_handle handle = SPAWNED(executor, level_8, {.notes = &notes});
    rt_run_ready(executor);
    assert_all(notes.polls, 1, "polls");
    for (int i = 1; i < 5; i++) {
        deliver(executor, &notes);
        assert_int_equal(notes.polls[0], 1 + i);
        assert_int_equal(notes.polls[1], 1);
        assert_int_equal(notes.polls[DEEPEST], 1);
    }
    deliver(executor, &notes);
    assert_int_equal(notes.polls[0], 6);
    assert_int_equal(notes.polls[DEEPEST], 2); /* once to start and once to end */
    assert_all(notes.cleanups, 1, "clean-ups");
    assert_int_equal(rt_block_on(executor, handle), 100 + DEEPEST);
    rt_executor_free(executor);
    rt_chan_free(notes.chan);
}

static void test_calls_that_need_not_wait_are_one_poll(void **state)
{
    (void)state;
    struct rt_executor *executor = new_executor();
    struct notes notes;
    begin(&notes, 0, 7);
    assert_int_equal(rt_block_on(executor, SPAWNED(executor, level_8, {.notes = &notes})),
                     7 + DEEPEST);
    assert_all(notes.polls, 1, "polls");
    assert_all(notes.cleanups, 1, "clean-ups");
    rt_executor_free(executor);
    rt_chan_free(notes.chan);
}

static void test_an_error_passes_through_every_level(void **state)
{
    (void)state;
    for (int messages = 0; messages < 2; messages++) {
        struct rt_executor *executor = new_executor();
        struct notes notes;
        begin(&notes, messages, -EIO);
        struct rt_handle handle = SPAWNED(executor, level_8, {.notes = &notes});
        rt_run_ready(executor);
        if (messages)
            deliver(executor, &notes);
        assert_int_equal(rt_block_on(executor, handle), -EIO);
        assert_all(notes.cleanups, 1, "clean-ups");
        rt_executor_free(executor);
        rt_chan_free(notes.chan);
    }
}

static void test_aborting_cleans_up_every_level_once(void **state)
{
    (void)state;
    for (int received = -1; received < 3; received++) {
        struct rt_executor *executor = new_executor();
        struct notes notes;
        begin(&notes, 4, 0);
        struct rt_handle handle = SPAWNED(executor, level_8, {.notes = &notes});
        if (received >= 0)
            rt_run_ready(executor);
        for (int i = 0; i < received; i++)
            deliver(executor, &notes);
        assert_true(rt_abort(handle));
        assert_false(rt_abort(handle));
        if (received >= 0)
            assert_all(notes.cleanups, 1, "clean-ups");
        else
            assert_int_equal(notes.cleanups[DEEPEST], 1); /* the others never began */
        assert_null(notes.chan->receivers.first);
        assert_int_equal(rt_block_on(executor, handle), -ECANCELED);
        rt_executor_free(executor);
        rt_chan_free(notes.chan);
    }
}

/* A hand-written future that polls an async function as a part of itself, and counts. */
struct wrapper {
    struct notes *notes;
    int polls;
    struct level_2 part;
};

static rt_poll wrapper(void *frame, struct rt_cx *cx)
{
    struct wrapper *self = frame;
    if (cx && self->polls++ == 0)
        self->part = (struct level_2){.notes = self->notes};
    return level_2(&self->part, cx);
}

static void test_under_a_hand_written_future_every_wake_passes_it(void **state)
{
    (void)state;
    struct rt_executor *executor = new_executor();
    struct notes notes;
    begin(&notes, 3, 5);
    struct rt_handle handle = SPAWNED(executor, wrapper, {.notes = &notes});
    struct wrapper *self = (void *)handle.task->frame;
    rt_run_ready(executor);
    deliver(executor, &notes);
    deliver(executor, &notes);
    assert_int_equal(self->polls, 3);
    assert_int_equal(notes.polls[2], 3);
    assert_int_equal(notes.polls[0], 3);
    deliver(executor, &notes);
    assert_int_equal(rt_block_on(executor, handle), 7);
    rt_executor_free(executor);
    rt_chan_free(notes.chan);
}

/* -- one function that calls again and again -- */

struct caller {
    RT_FRAME;
    struct notes *notes;
    int64_t sum, result;
    int i;
    RT_CALLEE(level_1) callee;
};

static rt_poll caller(void *frame, struct rt_cx *cx)
{
    struct caller *self = frame;
    RT_BEGIN(self, cx);
    for (self->i = 0; self->i < 3; self->i++) {
        RT_CALL_INTO(self->result, level_1, &self->callee, {.notes = self->notes});
        self->sum += self->result;
        RT_AWAIT(rt_yield); /* the caller's own waiter is good again */
    }
    RT_END(self->sum);
}

static void test_a_frame_can_be_called_again(void **state)
{
    (void)state;
    struct rt_executor *executor = new_executor();
    struct notes notes;
    begin(&notes, 1, 10);
    struct rt_handle handle = SPAWNED(executor, caller, {.notes = &notes});
    rt_run_ready(executor);
    for (int i = 0; i < 3; i++)
        deliver(executor, &notes);
    assert_int_equal(rt_block_on(executor, handle), 33);
    assert_int_equal(notes.cleanups[0], 3);
    assert_int_equal(notes.cleanups[1], 3);
    rt_executor_free(executor);
    rt_chan_free(notes.chan);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_a_wake_polls_the_innermost_alone),
    cmocka_unit_test(test_calls_that_need_not_wait_are_one_poll),
    cmocka_unit_test(test_an_error_passes_through_every_level),
    cmocka_unit_test(test_aborting_cleans_up_every_level_once),
    cmocka_unit_test(test_under_a_hand_written_future_every_wake_passes_it),
    cmocka_unit_test(test_a_frame_can_be_called_again),
};
TEST_MAIN(tests)
