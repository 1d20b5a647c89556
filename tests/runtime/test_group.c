/* SPDX-License-Identifier: MIT
 *
 * Task groups: nothing of a group outlives it, on every way out; its limit is a limit; its waiters
 * are woken when they can go on, and the first error is kept.
 */
#include "test_main.h"

#include "counting.h"

/* A member that waits for a message and ends with it, counting its clean-ups. */
struct member {
    RT_FRAME;
    struct rt_chan *chan;
    int *cleanups;
    int64_t result;
};

static rt_poll member(void *frame, struct rt_cx *cx)
{
    struct member *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(rt_chan_recv, self->chan, &self->result);
    RT_END_FINALLY(self->result, { ++*self->cleanups; });
}

/* A scope that starts members and waits for them. */
struct scope {
    RT_FRAME;
    struct rt_group group;
    struct rt_chan *chan;
    int *cleanups;
    int members, limit;
    int started;
    int64_t result;
};

static rt_poll scope(void *frame, struct rt_cx *cx)
{
    struct scope *self = frame;
    RT_BEGIN(self, cx);
    rt_group_init(&self->group, cx->executor, (size_t)self->limit);
    for (self->started = 0; self->started < self->members; self->started++) {
        RT_AWAIT(rt_group_room, &self->group);
        MUST(RT_SPAWN_INTO(&self->group, member,
                           {.chan = self->chan, .cleanups = self->cleanups}) == 0);
    }
    RT_AWAIT_INTO(self->result, rt_group_wait, &self->group);
    RT_END_FINALLY(self->result, {
        if (self->group.executor)
            rt_group_abort(&self->group);
    });
}

struct stage {
    struct rt_executor *executor;
    struct rt_chan *chan;
    struct rt_handle handle;
    int cleanups;
};

static void begin(struct stage *stage, int members, int limit)
{
    *stage = (struct stage){.executor = new_executor(), .chan = rt_chan_new(64)};
    stage->handle = SPAWNED(
        stage->executor, scope,
        {.chan = stage->chan, .cleanups = &stage->cleanups, .members = members, .limit = limit});
    rt_run_ready(stage->executor);
}

static void end(struct stage *stage)
{
    assert_int_equal(stage->executor->live, 0);
    rt_executor_free(stage->executor);
    rt_chan_free(stage->chan);
}

static void answer(struct stage *stage, int64_t message)
{
    struct probe probe = {0};
    struct rt_handle outside = spawn_probe(stage->executor, &probe);
    struct rt_cx cx = cx_of(outside);
    struct rt_wait wait;
    rt_wait_init(&wait);
    assert_int_equal(rt_chan_send_poll(&wait, &cx, stage->chan, message), 0);
    rt_abort(outside);
    rt_detach(outside);
    rt_run_ready(stage->executor);
}

static void test_waits_for_all_and_keeps_the_first_error(void **state)
{
    (void)state;
    struct stage stage;
    begin(&stage, 4, 0);
    assert_int_equal(stage.executor->live, 5);
    answer(&stage, 1);
    answer(&stage, -EIO);
    answer(&stage, -EPERM);
    assert_int_equal(stage.executor->live, 2);
    answer(&stage, 0);
    assert_int_equal(rt_block_on(stage.executor, stage.handle), -EIO);
    assert_int_equal(stage.cleanups, 4);
    end(&stage);
}

static void test_never_more_than_the_limit(void **state)
{
    (void)state;
    struct stage stage;
    begin(&stage, 10, 3);
    for (int i = 0; i < 10; i++) {
        int alive = 10 - i < 3 ? 10 - i : 3;
        assert_int_equal(stage.executor->live, alive + 1);
        answer(&stage, 0);
    }
    assert_int_equal(rt_block_on(stage.executor, stage.handle), 0);
    assert_int_equal(stage.cleanups, 10);
    end(&stage);
}

static void test_a_spawn_beyond_the_limit_is_refused(void **state)
{
    (void)state;
    struct stage stage;
    begin(&stage, 3, 3);
    struct scope *self = (void *)stage.handle.task->frame;
    assert_int_equal(RT_SPAWN_INTO(&self->group, member, {0}), -EAGAIN);
    rt_abort(stage.handle);
    rt_detach(stage.handle);
    end(&stage);
}

static void test_aborting_the_scope_ends_every_member(void **state)
{
    (void)state;
    for (int limit = 0; limit < 4; limit++) {
        struct stage stage;
        begin(&stage, 8, limit); /* waiting for room, or for the end */
        answer(&stage, 0);
        int alive = (int)stage.executor->live - 1;
        assert_true(rt_abort(stage.handle));
        assert_int_equal(stage.cleanups, 1 + alive);
        assert_null(stage.chan->receivers.first);
        rt_detach(stage.handle);
        end(&stage);
    }
}

static void test_freeing_the_executor_ends_scope_and_members(void **state)
{
    (void)state;
    struct stage stage;
    begin(&stage, 100, 0);
    rt_executor_free(stage.executor);
    assert_int_equal(stage.cleanups, 100);
    rt_chan_free(stage.chan);
}

/* -- a member that ends its group itself -- */

struct mutineer {
    RT_FRAME;
    struct rt_group *group;
    bool on_the_way_out;
    int *cleanups;
};

static rt_poll mutineer(void *frame, struct rt_cx *cx)
{
    struct mutineer *self = frame;
    RT_BEGIN(self, cx);
    if (!self->on_the_way_out)
        rt_group_abort(self->group);
    RT_AWAIT(rt_yield);
    fail_msg("aborted at its next await");
    RT_END_FINALLY(0, {
        ++*self->cleanups;
        if (self->on_the_way_out)
            rt_group_abort(self->group);
    });
}

static void test_a_member_may_abort_its_group(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        struct rt_executor *executor = new_executor();
        struct rt_chan *chan = rt_chan_new(1);
        struct rt_group group;
        int cleanups = 0;
        rt_group_init(&group, executor, 0);
        assert_int_equal(RT_SPAWN_INTO(&group, member, {.chan = chan, .cleanups = &cleanups}), 0);
        assert_int_equal(
            RT_SPAWN_INTO(&group, mutineer,
                          {.group = &group, .on_the_way_out = late, .cleanups = &cleanups}),
            0);
        assert_int_equal(RT_SPAWN_INTO(&group, member, {.chan = chan, .cleanups = &cleanups}), 0);
        if (late)
            rt_group_abort(&group);
        else
            rt_run_ready(executor);
        assert_int_equal(cleanups, 3);
        assert_int_equal(group.alive, 0);
        rt_executor_free(executor);
        rt_chan_free(chan);
    }
}

static void test_100000_members_end_with_their_scope(void **state)
{
    (void)state;
    struct stage stage;
    begin(&stage, 100000, 0);
    assert_int_equal(stage.executor->live, 100001);
    rt_abort(stage.handle);
    assert_int_equal(stage.cleanups, 100000);
    rt_detach(stage.handle);
    end(&stage);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_waits_for_all_and_keeps_the_first_error),
    cmocka_unit_test(test_never_more_than_the_limit),
    cmocka_unit_test(test_a_spawn_beyond_the_limit_is_refused),
    cmocka_unit_test(test_aborting_the_scope_ends_every_member),
    cmocka_unit_test(test_freeing_the_executor_ends_scope_and_members),
    cmocka_unit_test(test_a_member_may_abort_its_group),
    cmocka_unit_test(test_100000_members_end_with_their_scope),
};
TEST_MAIN(tests)
