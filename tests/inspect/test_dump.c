/* SPDX-License-Identifier: MIT
 *
 * What is told on demand: every live task with its state, its await and the path to it, who waits
 * for whom when nothing will ever happen, and the totals.
 */
#include "test_main.h"

#include "rt/call.h"
#include "rt/mutex.h"

#include "seen.h"

/* -- a task inside calls -- */

struct inner {
    RT_FRAME;
    struct rt_event *event;
};

static rt_poll inner(void *frame, struct rt_cx *cx)
{
    struct inner *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(rt_yield);
    RT_AWAIT(rt_event_wait, self->event);
    RT_END(7);
}

struct middle {
    RT_FRAME;
    struct rt_event *event;
    RT_CALLEE(inner) inner;
    int64_t result;
};

static rt_poll middle(void *frame, struct rt_cx *cx)
{
    struct middle *self = frame;
    RT_BEGIN(self, cx);
    RT_CALL_INTO(self->result, inner, &self->inner, {.event = self->event});
    RT_END(self->result);
}

struct outer {
    RT_FRAME;
    struct rt_event *event;
    RT_CALLEE(middle) middle;
    int64_t result;
};

static rt_poll outer(void *frame, struct rt_cx *cx)
{
    struct outer *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(rt_yield);
    RT_CALL_INTO(self->result, middle, &self->middle, {.event = self->event});
    RT_END(self->result);
}

static void dump(struct stage *stage)
{
    fflush(stage->out);
    rewind(stage->out);
    rt_dump(stage->executor, stage->out);
}

static void test_a_dump_shows_the_path_of_calls(void **state)
{
    struct stage stage;
    struct rt_event event;
    char object[64];
    (void)state;
    begin(&stage, NULL);
    rt_event_init(&event);
    struct rt_handle handle = SPAWNED(stage.executor, outer, {.event = &event});
    dump(&stage);
    expect(&stage, "1 tasks alive, 1 of them ready\n");
    expect(&stage, "#1 outer (spawned in test_a_dump_shows_the_path_of_calls at test_dump.c:");
    expect(&stage, "): ready for ");
    expect(&stage, "; 0 polls, busy 0.000 ms, ");
    rt_run_ready(stage.executor);
    dump(&stage);
    snprintf(object, sizeof object, " on %p\n    called in middle at test_dump.c:", (void *)&event);
    expect(&stage, "1 tasks alive, 0 of them ready\n");
    expect(&stage, "): waiting for ");
    expect(&stage, "\n    at rt_event_wait in inner at test_dump.c:");
    expect(&stage, object);
    expect(&stage, "\n    called in outer at test_dump.c:");
    expect(&stage, "; 3 polls, ");
    rt_event_set(&event);
    assert_int_equal(rt_block_on(stage.executor, handle), 7);
    dump(&stage);
    expect(&stage, "0 tasks alive, 0 of them ready\n");
    end(&stage);
}

/* -- a task with branches -- */

RT_FUTURE(event, rt_event_wait, (struct rt_event *, event));

struct both {
    RT_FRAME;
    struct rt_event *event;
    struct rt_node node;
    RT_CHILD(event) first;
    RT_CHILD(outer) second;
};

static rt_poll both(void *frame, struct rt_cx *cx)
{
    struct both *self = frame;
    RT_BEGIN(self, cx);
    RT_ARM(&self->node, &self->first, event, {.event = self->event});
    RT_ARM(&self->node, &self->second, outer, {.event = self->event});
    RT_AWAIT(rt_node_join, &self->node);
    RT_END(0);
}

static void test_a_dump_shows_every_branch(void **state)
{
    struct stage stage;
    struct rt_event event;
    (void)state;
    begin(&stage, NULL);
    rt_event_init(&event);
    struct rt_handle handle = SPAWNED(stage.executor, both, {.event = &event});
    rt_run_ready(stage.executor);
    dump(&stage);
    expect(&stage, "\n    at rt_node_join in both at test_dump.c:");
    expect(&stage, "\n    branch\n        at rt_event_wait in event at test_dump.c:");
    expect(&stage, "\n    branch\n        at rt_event_wait in inner at test_dump.c:");
    expect(&stage, "\n        called in middle at test_dump.c:");
    rt_event_set(&event);
    assert_int_equal(rt_block_on(stage.executor, handle), 0);
    assert_int_equal(stage.counters->lost, 0);
    end(&stage);
}

static void test_a_finished_task_waits_for_its_joiner(void **state)
{
    struct stage stage;
    struct probe probe = {.finish_at = 1};
    (void)state;
    begin(&stage, NULL);
    struct rt_handle handle = spawn_probe(stage.executor, &probe);
    rt_run_ready(stage.executor);
    dump(&stage);
    expect(&stage, "done, its handle not joined");
    rt_detach(handle);
    end(&stage);
}

/* -- who waits for whom -- */

struct philosopher {
    RT_FRAME;
    struct rt_mutex *left, *right;
};

static rt_poll philosopher(void *frame, struct rt_cx *cx)
{
    struct philosopher *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(rt_mutex_lock, self->left);
    RT_AWAIT(rt_yield);
    RT_AWAIT(rt_mutex_lock, self->right);
    rt_mutex_unlock(self->right);
    rt_mutex_unlock(self->left);
    RT_END(0);
}

struct joining {
    RT_FRAME;
    struct rt_handle of;
};

static rt_poll joining(void *frame, struct rt_cx *cx)
{
    struct joining *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(rt_join, self->of);
    RT_END(0);
}

static void test_a_cycle_of_locks_is_named(void **state)
{
    enum { SEATS = 3 };
    struct stage stage;
    struct rt_mutex forks[SEATS];
    struct rt_handle handles[SEATS];
    (void)state;
    begin(&stage, NULL);
    for (int i = 0; i < SEATS; i++)
        rt_mutex_init(&forks[i]);
    for (int i = 0; i < SEATS; i++)
        handles[i] = SPAWNED(stage.executor, philosopher,
                             {.left = &forks[i], .right = &forks[(i + 1) % SEATS]});
    struct rt_handle root = SPAWNED(stage.executor, joining, {.of = handles[0]});
    assert_int_equal(rt_block_on(stage.executor, root), -EDEADLK);
    assert_int_equal(stage.counters->deadlocks, 1);
    expect(&stage, "deadlock: all 4 tasks wait");
    expect(&stage, "task #1 philosopher (spawned in test_a_cycle_of_locks_is_named at");
    expect(&stage, "waits for rt_mutex_lock in philosopher at test_dump.c:");
    expect(&stage, ", which is up to task #2 philosopher");
    expect(&stage, "waits for rt_join in joining at test_dump.c:");
    expect(&stage, ", which is up to task #1 philosopher");
    expect(&stage, "rt:   a cycle: #1 -> #2 -> #3 -> #1\n");
    assert_null(strstr(strstr(stage.text, "a cycle") + 1, "a cycle")); /* told once */
    end(&stage);
}

/* The waker was taken, and nobody ever uses it: the lectures' second Delay. */
static rt_poll kept_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_waker *kept)
{
    (void)wait;
    *kept = rt_waker_of(cx);
    return RT_PENDING;
}

static void kept_drop(struct rt_wait *wait, struct rt_waker *kept)
{
    (void)wait, (void)kept;
}

struct delay {
    RT_FRAME;
    struct rt_waker waker;
};

static rt_poll delay(void *frame, struct rt_cx *cx)
{
    struct delay *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(kept, &self->waker);
    RT_END(0);
}

static void test_a_waker_that_nobody_uses_is_told(void **state)
{
    struct stage stage;
    (void)state;
    begin(&stage, NULL);
    struct rt_handle handle = SPAWNED(stage.executor, delay, {0});
    assert_int_equal(rt_block_on(stage.executor, handle), -EDEADLK);
    assert_int_equal(stage.counters->lost, 0);
    expect(&stage, "task #1 delay (spawned in");
    expect(&stage, "it gave its waker away, which nobody has used");
    assert_null(strstr(stage.text, "a cycle"));
    end(&stage);
}

/* -- the totals -- */

static void test_wakes_are_counted(void **state)
{
    struct stage stage;
    struct probe probe = {.wake_at = 2, .wakes = 3, .finish_at = 3};
    (void)state;
    begin(&stage, NULL);
    struct rt_handle handle = spawn_probe(stage.executor, &probe);
    rt_run_ready(stage.executor);
    for (int i = 0; i < 1000; i++)
        rt_task_wake(handle.task);
    rt_run_ready(stage.executor);
    assert_int_equal(rt_block_on(stage.executor, handle), 0);
    assert_int_equal(stage.counters->polls, 3);
    assert_int_equal(stage.counters->wakes, 2);
    assert_int_equal(stage.counters->self_wakes, 1);
    assert_int_equal(stage.counters->wakes_merged, 999 + 2);
    assert_int_equal(stage.counters->spawned, 1);
    assert_int_equal(stage.counters->finished, 1);
    assert_int_equal(stage.counters->ready_max, 1);
    fflush(stage.out);
    rt_counters_write(stage.executor, stage.out);
    expect(&stage, "\nwakes merged                   1001\n");
    expect(&stage, "\nmean run queue                 ");
    end(&stage);
}

/* Busy, ready and waiting make up the whole life, whatever it did. */
static void test_times_add_up_to_the_life(void **state)
{
    struct stage stage;
    struct probe probe = {0};
    (void)state;
    uint64_t before_ns = tc_now_ns();
    begin(&stage, NULL);
    struct rt_handle handle = spawn_probe(stage.executor, &probe);
    for (int i = 0; i < 100; i++) {
        rt_run_ready(stage.executor);
        rt_task_wake(handle.task);
    }
    const struct rt_seen *seen = &handle.task->seen;
    uint64_t life_ns = seen->busy_ns + seen->ready_ns + seen->idle_ns;
    assert_true(seen->busy_ns > 0 && seen->idle_ns > 0);
    assert_true(before_ns <= seen->since_ns - life_ns);
    assert_true(seen->since_ns <= tc_now_ns());
    uint64_t born_ns = seen->since_ns - life_ns; /* the same at any later moment */
    for (int i = 0; i < 100; i++) {
        rt_run_ready(stage.executor);
        rt_task_wake(handle.task);
        life_ns = seen->busy_ns + seen->ready_ns + seen->idle_ns;
        assert_int_equal(seen->since_ns - life_ns, born_ns);
    }
    rt_detach(handle);
    end(&stage);
}

static void test_live_objects_are_counted(void **state)
{
    struct stage stage;
    int64_t tasks = rt_live_objects(RT_TASKS);
    (void)state;
    begin(&stage, NULL);
    struct probe probe = {.finish_at = 1};
    struct rt_chan *chan = rt_chan_new(4);
    struct rt_broadcast *broadcast = rt_broadcast_new(4);
    struct rt_branches branches = {0};
    assert_int_equal(RT_BRANCHES_NEW(&branches, 3, counting), 0);
    spawn_probe(stage.executor, &probe);
    assert_int_equal(rt_live_objects(RT_EXECUTORS), 1);
    assert_int_equal(rt_live_objects(RT_CHANS), 1);
    assert_int_equal(rt_live_objects(RT_BROADCASTS), 1);
    assert_int_equal(rt_live_objects(RT_COLLECTIONS), 1);
    assert_int_equal(rt_live_objects(RT_TASKS), tasks + 1);
    struct rt_io *io;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(rt_io_open(stage.executor, ends[0], &io), 0);
    assert_int_equal(rt_live_objects(RT_IOS), 1);
    assert_int_equal(rt_io_close(io), 0);
    assert_int_equal(rt_live_objects(RT_IOS), 0);
    assert_int_equal(rt_io_open(stage.executor, ends[1], &io), 0);
    rt_chan_free(chan);
    rt_broadcast_free(broadcast);
    rt_branches_free(&branches);
    rt_branches_free(&branches); /* empty: nothing to count */
    end(&stage);                 /* with an open descriptor and a task */
    for (enum rt_kind kind = 0; kind < RT_KINDS; kind++)
        assert_int_equal(rt_live_objects(kind), 0);
}

/* What is still reachable is told too: a child that keeps a channel to its end. */
static void test_leaks_are_told_at_the_end_of_the_process(void **state)
{
    static struct rt_chan *kept;
    char text[256] = "";
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        kept = rt_chan_new(1);
        exit(kept == NULL);
    }
    close(ends[1]);
    assert_true(read(ends[0], text, sizeof text - 1) > 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_non_null(strstr(text, "rt: leak: channels that were not freed: 1\n"));
    close(ends[0]);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_a_dump_shows_the_path_of_calls),
    cmocka_unit_test(test_a_dump_shows_every_branch),
    cmocka_unit_test(test_a_finished_task_waits_for_its_joiner),
    cmocka_unit_test(test_a_cycle_of_locks_is_named),
    cmocka_unit_test(test_a_waker_that_nobody_uses_is_told),
    cmocka_unit_test(test_wakes_are_counted),
    cmocka_unit_test(test_times_add_up_to_the_life),
    cmocka_unit_test(test_live_objects_are_counted),
    cmocka_unit_test(test_leaks_are_told_at_the_end_of_the_process),
};
TEST_MAIN(tests)
