/* SPDX-License-Identifier: MIT
 *
 * Wakers that branches give out: they name the task, outlive the branch, and reach it.
 */
#include "test_main.h"

#include "branches.h"

/* A counting future gives out a waker: it is polled whenever its task is. */
struct two_probes {
    RT_FRAME;
    struct probe *probes;
    struct tally *tally;
    struct rt_chan *in;
    struct rt_node node, inner;
    RT_CHILD(counting) a, b;
    RT_CHILD(child) c;
};

static rt_poll two_probes(void *frame, struct rt_cx *cx)
{
    struct two_probes *self = frame;
    RT_BEGIN(self, cx);
    RT_ARM(&self->node, &self->a, counting, {.probe = &self->probes[0]});
    RT_ARM(&self->node, &self->b, counting, {.probe = &self->probes[1]});
    RT_ARM(&self->node, &self->c, child, {.tally = self->tally, .in = self->in, .messages = 1});
    RT_AWAIT(rt_node_join, &self->node);
    RT_END(0);
}

static void test_a_waker_of_a_branch_wakes_it(void **state)
{
    struct rt_executor *executor = new_executor();
    struct rt_chan *in = new_chan(1);
    struct probe probes[2] = {{.finish_at = 4}, {.finish_at = 5}};
    struct tally tally = {0};
    (void)state;
    struct rt_handle handle =
        SPAWNED(executor, two_probes, {.probes = probes, .tally = &tally, .in = in});
    rt_run_ready(executor);
    assert_counts(probes[0], 1, 0);
    assert_ptr_equal(probes[0].waker.task, handle.task);
    assert_true(rt_waker_same(probes[0].waker, probes[1].waker));
    rt_waker_wake(probes[0].waker);
    assert_int_equal(rt_run_ready(executor), 1);
    assert_counts(probes[0], 2, 0);
    assert_counts(probes[1], 2, 0);
    assert_int_equal(tally.polls, 1); /* the one without is polled for its own wakes only */
    send_word(executor, in, 1);
    assert_int_equal(rt_run_ready(executor), 1);
    assert_int_equal(tally.ends, 1);
    rt_waker_wake(probes[0].waker);
    rt_waker_wake(probes[1].waker);
    assert_int_equal(rt_run_ready(executor), 1);
    assert_counts(probes[0], 4, 0);
    rt_waker_wake(probes[0].waker); /* of a branch that has ended: its task still lives */
    assert_int_equal(rt_block_on(executor, handle), 0);
    assert_counts(probes[0], 4, 0);
    assert_counts(probes[1], 5, 0);
    rt_waker_wake(probes[0].waker); /* and now not */
    assert_int_equal(rt_run_ready(executor), 0);
    rt_executor_free(executor);
    rt_chan_free(in);
}

/* Gives out a waker and waits for a channel too, then wakes itself as it ends. */
struct exposed {
    RT_FRAME;
    struct rt_chan *in;
    int64_t word;
};

static rt_poll exposed(void *frame, struct rt_cx *cx)
{
    struct exposed *self = frame;
    if (cx)
        (void)rt_waker_of(cx);
    RT_BEGIN(self, cx);
    for (;;) {
        RT_AWAIT(rt_chan_recv, self->in, &self->word);
        if (self->word == 0)
            break;
    }
    rt_task_wake(cx->task);
    RT_END(0);
}

struct all_exposed {
    RT_FRAME;
    struct rt_chan **in;
    struct rt_node node;
    RT_CHILD(exposed) children[3];
};

static rt_poll all_exposed(void *frame, struct rt_cx *cx)
{
    struct all_exposed *self = frame;
    RT_BEGIN(self, cx);
    for (int i = 0; i < 3; i++)
        RT_ARM(&self->node, &self->children[i], exposed, {.in = self->in[i]});
    RT_AWAIT(rt_node_join, &self->node);
    RT_END(0);
}

/* Woken in both ways at once they are in the list once, and one that has ended is not polled again
 * although it was woken by its own last poll. */
static void test_woken_in_every_way_at_once(void **state)
{
    struct rt_executor *executor = new_executor();
    struct rt_chan *in[3] = {new_chan(4), new_chan(4), new_chan(4)};
    (void)state;
    struct rt_handle handle = SPAWNED(executor, all_exposed, {.in = in});
    for (int lap = 0; lap < 4; lap++) {
        rt_run_ready(executor);
        for (int i = 2; i >= 0; i--)
            send_word(executor, in[i], 1);
        rt_task_wake(handle.task);
    }
    for (int i = 0; i < 3; i++) {
        rt_run_ready(executor);
        assert_false(handle.task->state & RT_DONE);
        send_word(executor, in[i], 0);
    }
    assert_int_equal(rt_block_on(executor, handle), 0);
    rt_executor_free(executor);
    for (int i = 0; i < 3; i++)
        rt_chan_free(in[i]);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_a_waker_of_a_branch_wakes_it),
    cmocka_unit_test(test_woken_in_every_way_at_once),
};
TEST_MAIN(tests)
