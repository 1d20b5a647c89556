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

/* -- collections -- */

struct collector {
    RT_FRAME;
    struct tally *tallies;
    struct rt_chan *in;
    size_t count, armed;
    int64_t outcome, sum;
    struct rt_branches branches;
};

static rt_poll collector(void *frame, struct rt_cx *cx)
{
    struct collector *self = frame;
    RT_BEGIN(self, cx);
    int err = RT_BRANCHES_NEW(&self->branches, self->count, child);
    if (err)
        RT_RETURN(err);
    for (size_t i = 0; i < self->armed; i++)
        RT_ARM_AT(&self->branches, i, child,
                  {.tally = &self->tallies[i], .in = self->in, .messages = 1});
    RT_AWAIT_INTO(self->outcome, rt_node_try_join, self->branches.node);
    for (size_t i = 0; i < self->armed; i++)
        self->sum += rt_branches_result(&self->branches, i);
    RT_END_FINALLY(self->outcome ? self->outcome : self->sum,
                   { rt_branches_free(&self->branches); });
}

/* Each wake polls one member; all are polled twice and the whole is linear. */
static void test_a_hundred_thousand(void **state)
{
    enum { MEMBERS = 100000 };
    struct rt_executor *executor = new_executor();
    struct rt_chan *in = new_chan(1);
    struct tally *tallies = calloc(MEMBERS, sizeof *tallies);
    (void)state;
    assert_non_null(tallies);
    struct rt_handle handle = SPAWNED(
        executor, collector, {.tallies = tallies, .in = in, .count = MEMBERS, .armed = MEMBERS});
    rt_run_ready(executor);
    for (int i = 0; i < MEMBERS; i++) {
        send_word(executor, in, i);
        int before = polls_of_all;
        rt_run_ready(executor);
        assert_int_equal(polls_of_all, before + 1);
    }
    assert_int_equal(rt_block_on(executor, handle), (int64_t)MEMBERS * (MEMBERS - 1) / 2);
    for (int i = 0; i < MEMBERS; i++)
        assert_tally(tallies[i], 2, 0, 1);
    free(tallies);
    rt_executor_free(executor);
    rt_chan_free(in);
}

/* Not all of it has to be armed, and there may be nothing. */
static void test_collections_of_any_size(void **state)
{
    (void)state;
    for (size_t count = 0; count <= 5; count++) {
        for (size_t armed = 0; armed <= count; armed++) {
            struct rt_executor *executor = new_executor();
            struct rt_chan *in = new_chan(5);
            struct tally tallies[5] = {{0}};
            for (size_t i = 0; i < armed; i++)
                send_word(executor, in, 1);
            struct rt_handle handle =
                SPAWNED(executor, collector,
                        {.tallies = tallies, .in = in, .count = count, .armed = armed});
            assert_int_equal(rt_block_on(executor, handle), armed);
            rt_executor_free(executor);
            rt_chan_free(in);
        }
    }
}

/* Aborted, or ended by a failure: all have ended, and the block is freed (ASan tells). */
static void test_a_collection_given_up(void **state)
{
    (void)state;
    for (int fails = 0; fails <= 1; fails++) {
        struct rt_executor *executor = new_executor();
        struct rt_chan *in = new_chan(2);
        struct tally tallies[5] = {{0}};
        struct rt_handle handle =
            SPAWNED(executor, collector, {.tallies = tallies, .in = in, .count = 5, .armed = 5});
        rt_run_ready(executor);
        send_word(executor, in, fails ? -EIO : 7);
        rt_run_ready(executor);
        assert_int_equal(rt_abort(handle), !fails);
        assert_int_equal(rt_block_on(executor, handle), fails ? -EIO : -ECANCELED);
        for (int i = 0; i < 5; i++)
            assert_tally(tallies[i], 1 + (i == 0), i > 0, 1);
        rt_executor_free(executor);
        rt_chan_free(in);
    }
}

static void test_freed_with_members_that_were_never_awaited(void **state)
{
    struct rt_branches branches = {0};
    struct tally tallies[2] = {{0}};
    (void)state;
    assert_int_equal(RT_BRANCHES_NEW(&branches, 3, child), 0);
    for (int i = 0; i < 2; i++)
        RT_ARM_AT(&branches, (size_t)i, child, {.tally = &tallies[i]});
    rt_branches_free(&branches);
    for (int i = 0; i < 2; i++)
        assert_tally(tallies[i], 0, 1, 1);
    rt_branches_free(&branches);
}

static void test_more_than_fits_is_refused(void **state)
{
    struct rt_branches branches = {0};
    (void)state;
    assert_int_equal(RT_BRANCHES_NEW(&branches, SIZE_MAX / 64, child), -ENOMEM);
    assert_int_equal(RT_BRANCHES_NEW(&branches, (size_t)UINT32_MAX, child), -ENOMEM);
    assert_null(branches.node);
    rt_branches_free(&branches);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_results_are_a_tuple),
    cmocka_unit_test(test_a_join_of_nothing_is_ready),
    cmocka_unit_test(test_children_that_are_ready_need_one_poll),
    cmocka_unit_test(test_only_the_woken_are_polled),
    cmocka_unit_test(test_the_woken_are_polled_in_the_order_of_their_wakes),
    cmocka_unit_test(test_the_first_failure_wins),
    cmocka_unit_test(test_no_failure_is_a_join),
    cmocka_unit_test(test_dropped_at_every_moment),
    cmocka_unit_test(test_polled_after_its_end_it_aborts),
    cmocka_unit_test(test_a_hundred_thousand),
    cmocka_unit_test(test_collections_of_any_size),
    cmocka_unit_test(test_a_collection_given_up),
    cmocka_unit_test(test_freed_with_members_that_were_never_awaited),
    cmocka_unit_test(test_more_than_fits_is_refused),
};
TEST_MAIN(tests)
