/* SPDX-License-Identifier: MIT
 *
 * Joins: results, who is polled for which wake, the first failure, collections, and being dropped.
 */
#include "test_main.h"

#include "branches.h"

enum { MANY = 64 };

/* A task that joins `count` children over channels of their own. */
struct joiner {
    RT_FRAME;
    struct tally *tally, *tallies;
    struct rt_chan **chans;
    int count, i;
    bool stops_at_failure;
    int64_t (*results)[MANY];
    struct rt_node node;
    RT_CHILD(child) children[MANY];
};

static rt_poll joiner(void *frame, struct rt_cx *cx)
{
    struct joiner *self = frame;
    int64_t outcome = 0;
    self->tally->polls += cx != NULL;
    RT_BEGIN(self, cx);
    for (self->i = 0; self->i < self->count; self->i++)
        RT_ARM(&self->node, &self->children[self->i], child,
               {.tally = &self->tallies[self->i], .in = self->chans[self->i], .messages = 1});
    if (self->stops_at_failure)
        RT_AWAIT_INTO(outcome, rt_node_try_join, &self->node);
    else
        RT_AWAIT_INTO(outcome, rt_node_join, &self->node);
    for (self->i = 0; self->i < self->count; self->i++)
        (*self->results)[self->i] = self->children[self->i].result;
    RT_END_FINALLY(outcome, { self->tally->ends++; });
}

struct scene {
    struct rt_executor *executor;
    struct rt_chan *chans[MANY];
    struct tally tally, tallies[MANY];
    int64_t results[MANY];
    int count;
    struct rt_handle handle;
};

static void begin(struct scene *scene, int count, bool stops_at_failure)
{
    *scene = (struct scene){.executor = new_executor(), .count = count};
    for (int i = 0; i < count; i++)
        scene->chans[i] = new_chan(1);
    scene->handle = SPAWNED(scene->executor, joiner,
                            {.tally = &scene->tally,
                             .tallies = scene->tallies,
                             .chans = scene->chans,
                             .count = count,
                             .stops_at_failure = stops_at_failure,
                             .results = &scene->results});
    rt_run_ready(scene->executor);
}

/* The channels tell by themselves when somebody still waits. */
static void end(struct scene *scene)
{
    rt_executor_free(scene->executor);
    for (int i = 0; i < scene->count; i++) {
        rt_chan_free(scene->chans[i]);
        assert_int_equal(scene->tallies[i].ends, 1);
    }
    assert_int_equal(scene->tally.ends, 1);
}

static void test_results_are_a_tuple(void **state)
{
    struct scene scene;
    (void)state;
    begin(&scene, 3, false);
    for (int i = 2; i >= 0; i--)
        send_word(scene.executor, scene.chans[i], 10 + i);
    assert_int_equal(rt_block_on(scene.executor, scene.handle), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(scene.results[i], 10 + i);
    end(&scene);
}

static void test_a_join_of_nothing_is_ready(void **state)
{
    struct scene scene;
    (void)state;
    for (int try_join = 0; try_join <= 1; try_join++) {
        begin(&scene, 0, try_join);
        assert_int_equal(rt_block_on(scene.executor, scene.handle), 0);
        assert_int_equal(scene.tally.polls, 1);
        end(&scene);
    }
}

static void test_children_that_are_ready_need_one_poll(void **state)
{
    struct rt_executor *executor = new_executor();
    struct tally tally = {0}, tallies[MANY] = {{0}};
    struct rt_chan *chans[MANY];
    int64_t results[MANY];
    (void)state;
    for (int i = 0; i < MANY; i++) {
        chans[i] = new_chan(1);
        send_word(executor, chans[i], i);
    }
    assert_int_equal(rt_block_on(executor, SPAWNED(executor, joiner,
                                                   {.tally = &tally,
                                                    .tallies = tallies,
                                                    .chans = chans,
                                                    .count = MANY,
                                                    .results = &results})),
                     0);
    assert_int_equal(tally.polls, 1);
    for (int i = 0; i < MANY; i++) {
        assert_tally(tallies[i], 1, 0, 1);
        assert_int_equal(results[i], i);
        rt_chan_free(chans[i]);
    }
    rt_executor_free(executor);
}

/* One wake is one poll of the child and one of the task, however many there are. */
static void test_only_the_woken_are_polled(void **state)
{
    struct scene scene;
    (void)state;
    for (int count = 2; count <= MANY; count *= 2) {
        begin(&scene, count, false);
        assert_int_equal(scene.tally.polls, 1);
        for (int i = 0; i < count; i++) {
            send_word(scene.executor, scene.chans[i], i);
            assert_int_equal(rt_run_ready(scene.executor), 1);
            assert_int_equal(scene.tally.polls, 2 + i);
            for (int other = 0; other < count; other++)
                assert_tally(scene.tallies[other], 1 + (other <= i), 0, other <= i);
        }
        assert_int_equal(rt_block_on(scene.executor, scene.handle), 0);
        end(&scene);
    }
}

static void test_the_woken_are_polled_in_the_order_of_their_wakes(void **state)
{
    static const int order[] = {3, 0, 2, 1};
    struct scene scene;
    (void)state;
    begin(&scene, 4, false);
    for (int i = 0; i < 4; i++)
        send_word(scene.executor, scene.chans[order[i]], 1);
    assert_int_equal(rt_run_ready(scene.executor), 1);
    for (int i = 1; i < 4; i++)
        assert_true(scene.tallies[order[i - 1]].order < scene.tallies[order[i]].order);
    rt_detach(scene.handle);
    end(&scene);
}

/* -- try_join -- */

static void test_the_first_failure_wins(void **state)
{
    struct scene scene;
    (void)state;
    begin(&scene, 4, true);
    send_word(scene.executor, scene.chans[2], 7);
    assert_int_equal(rt_run_ready(scene.executor), 1);
    send_word(scene.executor, scene.chans[1], -EIO);
    send_word(scene.executor, scene.chans[0], -EDOM); /* later: its child is dropped unpolled */
    assert_int_equal(rt_block_on(scene.executor, scene.handle), -EIO);
    assert_int_equal(scene.results[0], -ECANCELED);
    assert_int_equal(scene.results[1], -EIO);
    assert_int_equal(scene.results[2], 7);
    assert_int_equal(scene.results[3], -ECANCELED);
    assert_tally(scene.tallies[0], 1, 1, 1);
    assert_tally(scene.tallies[1], 2, 0, 1);
    assert_tally(scene.tallies[2], 2, 0, 1);
    assert_tally(scene.tallies[3], 1, 1, 1);
    assert_int_equal(messages_in(scene.chans[0]), 1); /* what it had been granted is still there */
    end(&scene);
}

static void test_no_failure_is_a_join(void **state)
{
    struct scene scene;
    (void)state;
    begin(&scene, 3, true);
    for (int i = 0; i < 3; i++)
        send_word(scene.executor, scene.chans[i], i);
    assert_int_equal(rt_block_on(scene.executor, scene.handle), 0);
    end(&scene);
}

/* -- what else branches do -- */

struct yielder {
    RT_FRAME;
    int laps;
    int *others; /* what another task counts up */
    int seen;
};

static rt_poll yielder(void *frame, struct rt_cx *cx)
{
    struct yielder *self = frame;
    RT_BEGIN(self, cx);
    for (; self->laps > 0; self->laps--) {
        self->seen = *self->others;
        RT_AWAIT(rt_yield);
        assert_true(*self->others > self->seen); /* the other task had its turn */
    }
    RT_END(0);
}

struct counter {
    RT_FRAME;
    int *count, laps;
};

static rt_poll counter(void *frame, struct rt_cx *cx)
{
    struct counter *self = frame;
    RT_BEGIN(self, cx);
    for (; self->laps > 0; self->laps--) {
        ++*self->count;
        RT_AWAIT(rt_yield);
    }
    RT_END(0);
}

struct two_yielders {
    RT_FRAME;
    int *others;
    struct rt_node node;
    RT_CHILD(yielder) a, b;
};

static rt_poll two_yielders(void *frame, struct rt_cx *cx)
{
    struct two_yielders *self = frame;
    RT_BEGIN(self, cx);
    RT_ARM(&self->node, &self->a, yielder, {.laps = 100, .others = self->others});
    RT_ARM(&self->node, &self->b, yielder, {.laps = 50, .others = self->others});
    RT_AWAIT(rt_node_join, &self->node);
    RT_END(0);
}

static void test_branches_that_yield_let_other_tasks_run(void **state)
{
    struct rt_executor *executor = new_executor();
    int others = 0;
    (void)state;
    struct rt_handle handle = SPAWNED(executor, two_yielders, {.others = &others});
    SPAWN_DETACHED(executor, counter, {.count = &others, .laps = 200});
    assert_int_equal(rt_block_on(executor, handle), 0);
    assert_in_range(others, 100, 102);
    rt_executor_free(executor);
}

/* A branch calls functions as a task does: a wake resumes the innermost of them. */
struct caller {
    RT_FRAME;
    struct tally *tally, *callee;
    struct rt_chan *in;
    RT_CALLEE(child) child;
    int64_t sum;
};

static rt_poll caller(void *frame, struct rt_cx *cx)
{
    struct caller *self = frame;
    self->tally->polls++;
    RT_BEGIN(self, cx);
    RT_CALL_INTO(self->sum, child, &self->child,
                 {.tally = self->callee, .in = self->in, .messages = 3});
    RT_END(self->sum);
}

struct joining_callers {
    RT_FRAME;
    struct tally *tallies;
    struct rt_chan *in;
    int64_t *results;
    struct rt_node node;
    RT_CHILD(caller) a, b;
};

static rt_poll joining_callers(void *frame, struct rt_cx *cx)
{
    struct joining_callers *self = frame;
    struct tally *tallies = self->tallies;
    RT_BEGIN(self, cx);
    RT_ARM(&self->node, &self->a, caller,
           {.tally = tallies, .callee = tallies + 1, .in = self->in});
    RT_ARM(&self->node, &self->b, caller,
           {.tally = tallies + 2, .callee = tallies + 3, .in = self->in});
    RT_AWAIT(rt_node_join, &self->node);
    self->results[0] = self->a.result;
    self->results[1] = self->b.result;
    RT_END(0);
}

static void test_branches_call(void **state)
{
    (void)state;
    for (int words = 0; words <= 6; words++) { /* with fewer than 6 it is dropped at its end */
        struct rt_executor *executor = new_executor();
        struct rt_chan *in = new_chan(1);
        struct tally tallies[4] = {{0}};
        int64_t results[2];
        rt_detach(
            SPAWNED(executor, joining_callers, {.tallies = tallies, .in = in, .results = results}));
        rt_run_ready(executor);
        for (int word = 1; word <= words; word++) {
            send_word(executor, in, word);
            rt_run_ready(executor);
        }
        assert_int_equal(tallies[1].polls + tallies[3].polls, 2 + words);
        assert_int_equal(tallies[0].polls, words >= 5 ? 2 : 1); /* when its callee had ended */
        rt_executor_free(executor);
        assert_int_equal(tallies[1].ends, 1);
        assert_int_equal(tallies[3].ends, 1);
        assert_int_equal(tallies[1].drops, words < 5);
        assert_int_equal(tallies[3].drops, words < 6);
        if (words == 6) {
            assert_int_equal(results[0], 5);
            assert_int_equal(results[1], 6);
        }
        rt_chan_free(in);
    }
}

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

/* -- given up -- */

static void test_dropped_at_every_moment(void **state)
{
    struct scene scene;
    (void)state;
    for (int sent = 0; sent <= 3; sent++) {
        for (int polled = 0; polled <= 1; polled++) {
            begin(&scene, 4, false);
            for (int i = 0; i < sent; i++)
                send_word(scene.executor, scene.chans[i], i);
            if (polled)
                rt_run_ready(scene.executor);
            assert_true(rt_abort(scene.handle));
            for (int i = 0; i < 4; i++) {
                bool received = polled && i < sent;
                assert_tally(scene.tallies[i], 1 + received, !received, 1);
                assert_int_equal(messages_in(scene.chans[i]), !polled && i < sent);
            }
            assert_int_equal(rt_block_on(scene.executor, scene.handle), -ECANCELED);
            end(&scene);
        }
    }
}

static void test_polled_after_its_end_it_aborts(void **state)
{
    struct rt_executor *executor = new_executor();
    struct probe probe = {0};
    struct rt_cx cx = {.executor = executor, .budget = 2};
    struct rt_node node = {0};
    struct rt_wait wait;
    (void)state;
    cx.task = spawn_probe(executor, &probe).task;
    rt_wait_init(&wait);
    assert_int_equal(rt_node_join_poll(&wait, &cx, &node), 0);
    assert_true(ABORTS_SAYING("rt_node_join", rt_node_join_poll(&wait, &cx, &node)));
    rt_wait_init(&wait);
    assert_int_equal(rt_node_try_join_poll(&wait, &cx, &node), 0);
    assert_true(ABORTS_SAYING("rt_node_try_join", rt_node_try_join_poll(&wait, &cx, &node)));
    rt_executor_free(executor);
}

static void test_sizes(void **state)
{
    (void)state;
    print_message("node %zu B, branch without its frame %zu B, collection %zu B\n",
                  sizeof(struct rt_node), sizeof(RT_CHILD(child)) - sizeof(struct child),
                  sizeof(struct rt_branches));
    assert_int_equal(sizeof(struct rt_node), 32);
    assert_int_equal(sizeof(RT_CHILD(child)) - sizeof(struct child), sizeof(struct rt_task));
    assert_int_equal(sizeof(struct rt_task), 32);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_results_are_a_tuple),
    cmocka_unit_test(test_a_join_of_nothing_is_ready),
    cmocka_unit_test(test_children_that_are_ready_need_one_poll),
    cmocka_unit_test(test_only_the_woken_are_polled),
    cmocka_unit_test(test_the_woken_are_polled_in_the_order_of_their_wakes),
    cmocka_unit_test(test_the_first_failure_wins),
    cmocka_unit_test(test_no_failure_is_a_join),
    cmocka_unit_test(test_branches_that_yield_let_other_tasks_run),
    cmocka_unit_test(test_branches_call),
    cmocka_unit_test(test_a_waker_of_a_branch_wakes_it),
    cmocka_unit_test(test_dropped_at_every_moment),
    cmocka_unit_test(test_polled_after_its_end_it_aborts),
    cmocka_unit_test(test_sizes),
};
TEST_MAIN(tests)
