/* SPDX-License-Identifier: MIT
 *
 * Trees of combinators: a join in a select under a deadline, on channels that several share. Each
 * wake polls its own path and no more; dropped at any moment, each future is dropped once and no
 * message is lost. What a level costs in memory is told and asserted.
 */
#include "test_main.h"

#include "branches.h"
#include "fake_clock.h"

#include "wheel.h"

#include "base/rng.h"

#define TICK_NS (UINT64_C(1) << RT_TICK_SHIFT)

/* -- the tree: timeout(select(join(a, b), c)) -- */

struct leaves {
    struct tally a, b, c, both, root;
    struct rt_chan *chans[3]; /* of a, b and c */
};

struct both {
    RT_FRAME;
    struct leaves *leaves;
    struct rt_node node;
    RT_CHILD(child) a, b;
};

static rt_poll both(void *frame, struct rt_cx *cx)
{
    struct both *self = frame;
    struct leaves *leaves = self->leaves;
    int64_t outcome = 0;
    leaves->both.polls += cx != NULL;
    RT_BEGIN(self, cx);
    RT_ARM(&self->node, &self->a, child,
           {.tally = &leaves->a, .in = leaves->chans[0], .messages = 2});
    RT_ARM(&self->node, &self->b, child,
           {.tally = &leaves->b, .in = leaves->chans[1], .messages = 1});
    RT_AWAIT_INTO(outcome, rt_node_try_join, &self->node);
    RT_END_FINALLY(outcome ? outcome : self->a.result + self->b.result, { leaves->both.ends++; });
}

struct tree {
    RT_FRAME;
    struct leaves *leaves;
    uint64_t deadline_ns;
    int64_t outcome;
    struct rt_timeout timeout;
    struct rt_node node;
    RT_CHILD(both) both;
    RT_CHILD(child) c;
};

static rt_poll tree(void *frame, struct rt_cx *cx)
{
    struct tree *self = frame;
    struct leaves *leaves = self->leaves;
    leaves->root.polls += cx != NULL;
    RT_BEGIN(self, cx);
    RT_ARM(&self->node, &self->both, both, {.leaves = leaves});
    RT_ARM(&self->node, &self->c, child,
           {.tally = &leaves->c, .in = leaves->chans[2], .messages = 1});
    RT_AWAIT_INTO(self->outcome, rt_timeout, &self->timeout, self->deadline_ns, rt_node_select,
                  &self->node);
    RT_END_FINALLY(self->outcome, { leaves->root.ends++; });
}

struct scene {
    struct rt_executor *executor;
    struct leaves leaves;
    struct rt_handle handle;
};

/* With the deadline in so many ticks. */
static void begin(struct scene *scene, uint64_t ticks)
{
    *scene = (struct scene){.executor = new_executor()};
    for (int i = 0; i < 3; i++)
        scene->leaves.chans[i] = new_chan(4);
    scene->handle =
        SPAWNED(scene->executor, tree,
                {.leaves = &scene->leaves, .deadline_ns = fake_now_ns + ticks * TICK_NS});
    rt_run_ready(scene->executor);
}

static void end(struct scene *scene)
{
    assert_int_equal(rt__wheel_next_ns(scene->executor->wheel), TC_NEVER);
    rt_executor_free(scene->executor);
    for (int i = 0; i < 3; i++)
        rt_chan_free(scene->leaves.chans[i]); /* says so when somebody still waits */
    struct leaves *leaves = &scene->leaves;
    struct tally *all[] = {&leaves->a, &leaves->b, &leaves->c, &leaves->both, &leaves->root};
    for (size_t i = 0; i < TC_COUNT_OF(all); i++)
        assert_int_equal(all[i]->ends, 1);
}

/* Sends to the leaf of that name. */
static void send_to(struct scene *scene, char leaf, int64_t word)
{
    send_word(scene->executor, scene->leaves.chans[leaf - 'a'], word);
}

static void test_a_wake_polls_its_path(void **state)
{
    struct scene scene;
    struct leaves *leaves = &scene.leaves;
    (void)state;
    begin(&scene, 100);
    send_to(&scene, 'a', 5);
    assert_int_equal(rt_run_ready(scene.executor), 1);
    assert_int_equal(leaves->a.polls, 2);
    assert_int_equal(leaves->b.polls, 1);
    assert_int_equal(leaves->c.polls, 1);
    assert_int_equal(leaves->both.polls, 2);
    assert_int_equal(leaves->root.polls, 2);
    send_to(&scene, 'b', 10);
    send_to(&scene, 'a', 6); /* one poll of the task for both, before which neither is polled */
    assert_int_equal(rt_block_on(scene.executor, scene.handle), 16);
    assert_int_equal(leaves->root.polls, 3);
    assert_int_equal(leaves->a.polls, 3);
    assert_int_equal(leaves->b.polls, 2);
    assert_tally(leaves->c, 1, 1, 1);
    end(&scene);
}

static void test_every_way_to_end(void **state)
{
    static const struct {
        const char *sent;
        int64_t outcome;
    } cases[] = {
        {"", -ETIMEDOUT},   {"a", -ETIMEDOUT},  {"aa", -ETIMEDOUT}, {"ab", -ETIMEDOUT},
        {"aab", 'a' + 'b'}, {"baa", 'a' + 'b'}, {"c", 'c'},         {"aac", 'c'},
    };
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(cases); i++) {
        for (int at_once = 0; at_once <= 1; at_once++) {
            struct scene scene;
            begin(&scene, 100);
            for (const char *leaf = cases[i].sent; *leaf; leaf++) {
                send_to(&scene, *leaf, *leaf);
                if (!at_once)
                    rt_run_ready(scene.executor);
            }
            assert_int_equal(rt_block_on(scene.executor, scene.handle), cases[i].outcome);
            end(&scene);
        }
    }
}

/* A failure below ends the join, which wins the select with it. */
static void test_a_failure_comes_up(void **state)
{
    struct scene scene;
    (void)state;
    begin(&scene, 100);
    send_to(&scene, 'b', -EIO);
    assert_int_equal(rt_block_on(scene.executor, scene.handle), -EIO);
    assert_tally(scene.leaves.a, 1, 1, 1);
    end(&scene);
}

static int received_by(const struct leaves *leaves)
{
    return leaves->a.received + leaves->b.received + leaves->c.received;
}

static int left_in(struct rt_chan *const *chans)
{
    return (int)(messages_in(chans[0]) + messages_in(chans[1]) + messages_in(chans[2]));
}

/* Aborted after any number of messages, polled since or not: what was sent was received by a poll
 * or is in its channel still. */
static void test_dropped_at_every_moment(void **state)
{
    static const char *const orders[] = {"abab", "baab", "aabb", "cab", "acb"};
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(orders); i++) {
        for (size_t sent = 0; sent <= strlen(orders[i]); sent++) {
            for (int polled = 0; polled <= 2; polled++) {
                struct scene scene;
                struct leaves *leaves = &scene.leaves;
                begin(&scene, 100);
                for (size_t at = 0; at < sent; at++) {
                    send_to(&scene, orders[i][at], 1);
                    if (polled == 2 || (polled == 1 && at + 1 < sent))
                        rt_run_ready(scene.executor);
                }
                rt_abort(scene.handle);
                assert_int_equal(received_by(leaves) + left_in(leaves->chans), sent);
                end(&scene);
            }
        }
    }
}

/* -- sleeps -- */

RT_FUTURE(nap, rt_sleep, (struct rt_timer *, timer), (uint64_t, duration_ns));

struct naps {
    RT_FRAME;
    bool both;
    struct rt_timer timers[2];
    struct rt_node node;
    RT_CHILD(nap) a, b;
};

static rt_poll naps(void *frame, struct rt_cx *cx)
{
    struct naps *self = frame;
    RT_BEGIN(self, cx);
    RT_ARM(&self->node, &self->a, nap, {.timer = &self->timers[0], .duration_ns = 2 * TC_NS_PER_S});
    RT_ARM(&self->node, &self->b, nap, {.timer = &self->timers[1], .duration_ns = TC_NS_PER_S});
    if (self->both)
        RT_AWAIT(rt_node_join, &self->node);
    else
        RT_AWAIT(rt_node_select, &self->node);
    RT_END(0);
}

/* Two sleeps of 2 and 1 seconds: both have ended at 2, the first at 1. */
static void test_the_longest_and_the_shortest(void **state)
{
    (void)state;
    for (uint64_t both = 0; both <= 1; both++) {
        struct rt_executor *executor = new_executor();
        uint64_t start_ns = fake_now_ns, due_ns = (1 + both) * TC_NS_PER_S;
        assert_int_equal(rt_block_on(executor, SPAWNED(executor, naps, {.both = both})), 0);
        assert_in_range(fake_now_ns - start_ns, due_ns, due_ns + TICK_NS);
        assert_int_equal(rt__wheel_next_ns(executor->wheel), TC_NEVER);
        rt_executor_free(executor);
    }
}

/* -- many trees on the same channels, given up at random -- */

enum { TREES = 12, WORDS = 400, SEEDS = 200 };

struct feeder {
    RT_FRAME;
    struct rt_chan **chans;
    struct tc_rng *rng;
    int left, which;
};

static rt_poll feeder(void *frame, struct rt_cx *cx)
{
    struct feeder *self = frame;
    RT_BEGIN(self, cx);
    for (; self->left > 0; self->left--) {
        self->which = (int)tc_rng_below(self->rng, 3);
        RT_AWAIT(rt_chan_send, self->chans[self->which], 1);
        if (tc_rng_below(self->rng, 3) == 0)
            RT_AWAIT(rt_yield);
    }
    RT_END(0);
}

/* Gives a tree up, wherever it stands or if it has ended: what has begun has ended, once. How many
 * messages it has received. */
static int fell(struct rt_handle handle, const struct leaves *leaves)
{
    if (!handle.task)
        return 0;
    rt_abort(handle);
    rt_detach(handle);
    assert_int_equal(leaves->root.ends, 1);
    assert_int_equal(leaves->both.ends, leaves->root.polls > 0);
    assert_int_equal(leaves->c.ends, leaves->root.polls > 0);
    assert_int_equal(leaves->a.ends, leaves->both.polls > 0);
    assert_int_equal(leaves->b.ends, leaves->both.polls > 0);
    return received_by(leaves);
}

/* Plants trees and fells them at random while words are sent; returns how the run went. */
static uint64_t forest(uint64_t seed)
{
    struct rt_executor *executor = new_executor();
    struct leaves leaves[TREES] = {{.chans = {NULL}}};
    struct rt_handle handles[TREES] = {{NULL}};
    struct rt_chan *chans[3];
    struct tc_rng rng;
    int received = 0;
    tc_rng_seed(&rng, seed);
    for (int i = 0; i < 3; i++)
        chans[i] = new_chan(1 + (uint32_t)tc_rng_below(&rng, 3));
    struct rt_handle feeding =
        SPAWNED(executor, feeder, {.chans = chans, .rng = &rng, .left = WORDS});
    while (!(feeding.task->state & RT_DONE)) {
        uint64_t at = tc_rng_below(&rng, TREES), ticks = tc_rng_below(&rng, 50);
        received += fell(handles[at], &leaves[at]);
        leaves[at] = (struct leaves){.chans = {chans[0], chans[1], chans[2]}};
        handles[at] = SPAWNED(
            executor, tree, {.leaves = &leaves[at], .deadline_ns = fake_now_ns + ticks * TICK_NS});
        for (uint64_t laps = tc_rng_below(&rng, 4); laps > 0; laps--)
            run_one_lap(executor);
        fake_now_ns += tc_rng_below(&rng, 3) * TICK_NS;
    }
    for (int i = 0; i < TREES; i++)
        received += fell(handles[i], &leaves[i]);
    assert_int_equal(received + left_in(chans), WORDS);
    assert_int_equal(rt__wheel_next_ns(executor->wheel), TC_NEVER);
    uint64_t polls = executor->polls;
    rt_executor_free(executor);
    for (int i = 0; i < 3; i++)
        rt_chan_free(chans[i]);
    return polls;
}

static void test_nothing_is_lost_at_random(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        forest(seed);
    assert_int_equal(forest(1), forest(1)); /* the same seed, the same run */
}

/* -- memory -- */

struct level1 {
    RT_FRAME;
    struct rt_node node;
    RT_CHILD(child) child;
};

struct level2 {
    RT_FRAME;
    struct rt_node node;
    RT_CHILD(level1) child;
};

struct level3 {
    RT_FRAME;
    struct rt_node node;
    RT_CHILD(level2) child;
};

struct call1 {
    RT_FRAME;
    RT_CALLEE(child) child;
};

struct call2 {
    RT_FRAME;
    RT_CALLEE(call1) child;
};

struct call3 {
    RT_FRAME;
    RT_CALLEE(call2) child;
};

/* Each level adds the same: its own frame, and what stands between it and the next. */
static void test_memory_grows_by_levels_not_by_copies(void **state)
{
    (void)state;
    print_message("nodes 0..3 deep: %zu %zu %zu %zu B; calls: %zu %zu %zu %zu B\n",
                  sizeof(struct child), sizeof(struct level1), sizeof(struct level2),
                  sizeof(struct level3), sizeof(struct child), sizeof(struct call1),
                  sizeof(struct call2), sizeof(struct call3));
    size_t frame = sizeof(struct rt_wait); /* which RT_FRAME is */
    size_t node_level = frame + sizeof(struct rt_node) + sizeof(struct rt_task);
    assert_int_equal(sizeof(struct level1), sizeof(struct child) + node_level);
    assert_int_equal(sizeof(struct level2), sizeof(struct child) + 2 * node_level);
    assert_int_equal(sizeof(struct level3), sizeof(struct child) + 3 * node_level);
    assert_int_equal(sizeof(struct call3),
                     sizeof(struct child) + 3 * (frame + sizeof(struct rt_call)));
    assert_int_equal(node_level, 96);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_a_wake_polls_its_path),
    cmocka_unit_test(test_every_way_to_end),
    cmocka_unit_test(test_a_failure_comes_up),
    cmocka_unit_test(test_dropped_at_every_moment),
    cmocka_unit_test(test_the_longest_and_the_shortest),
    cmocka_unit_test(test_nothing_is_lost_at_random),
    cmocka_unit_test(test_memory_grows_by_levels_not_by_copies),
};
TEST_MAIN(tests)
