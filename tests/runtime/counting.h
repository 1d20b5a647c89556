/* SPDX-License-Identifier: MIT
 *
 * A future that only counts, and one step of an executor: with them a test asserts polls, wakes and
 * drops after every step instead of guessing from results.
 */
#ifndef COUNTING_H
#define COUNTING_H

#include "rt/rt.h"

#include <limits.h>

/* What a counting future counts and what it does. Outlives its task. */
struct probe {
    int polls, drops;
    int wake_at, wakes; /* the poll that wakes its own task, and how often */
    int finish_at;      /* the poll that returns `result`; 0 never */
    int64_t result;
    struct rt_waker waker; /* of the last poll */
};

struct counting {
    RT_FRAME;
    struct probe *probe;
};

static inline rt_poll counting(void *frame, struct rt_cx *cx)
{
    struct probe *probe = ((struct counting *)frame)->probe;
    if (!cx) {
        probe->drops++;
        return 0;
    }
    probe->polls++;
    probe->waker = rt_waker_of(cx);
    for (int i = 0; probe->polls == probe->wake_at && i < probe->wakes; i++)
        rt_waker_wake(probe->waker);
    return probe->polls == probe->finish_at ? probe->result : RT_PENDING;
}

/* What new executors wait with: see reactors.h. */
static enum rt_reactor_kind the_reactor;

static inline struct rt_executor *new_executor(void)
{
    struct tc_error error = {{0}};
    struct rt_config config = {.reactor = the_reactor, .error = &error};
    struct rt_executor *executor = rt_executor_new(&config);
    if (!executor && the_reactor == RT_REACTOR_URING && (errno == ENOSYS || errno == EPERM)) {
        print_message("skipped: %s\n", error.text);
        skip();
    }
    assert_non_null(executor);
    return executor;
}

/* RT_SPAWN() that cannot fail: the handle of the new task, or nothing when it is detached. */
#define SPAWNED(executor, name, ...)                                            \
    ({                                                                          \
        struct rt_handle spawned = {NULL};                                      \
        assert_int_equal(RT_SPAWN((executor), name, &spawned, __VA_ARGS__), 0); \
        spawned;                                                                \
    })
#define SPAWN_DETACHED(executor, name, ...) \
    assert_int_equal(RT_SPAWN((executor), name, NULL, __VA_ARGS__), 0)

static inline struct rt_handle spawn_probe(struct rt_executor *executor, struct probe *probe)
{
    return SPAWNED(executor, counting, {.probe = probe});
}

/* The context of a poll on behalf of a task, made from outside of any, with budget to spare. */
static inline struct rt_cx cx_of(struct rt_handle handle)
{
    return (struct rt_cx){
        .task = handle.task, .executor = handle.task->executor, .budget = UINT_MAX};
}

/* Ends the executor's current lap: what was queued before it has been polled, what was woken
 * meanwhile has not. */
static inline void run_one_lap(struct rt_executor *executor)
{
    struct probe last = {.finish_at = 1};
    assert_int_equal(rt_block_on(executor, spawn_probe(executor, &last)), 0);
}

/* Whether the block of a task has gone back to the slab. */
static inline bool is_free(const struct rt_task *task)
{
    return task->state & RT_FREE;
}

#define assert_counts(probe, polls_expected, drops_expected) \
    (assert_int_equal((probe).polls, polls_expected),        \
     assert_int_equal((probe).drops, drops_expected))

#endif
