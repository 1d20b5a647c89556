/* SPDX-License-Identifier: MIT
 *
 * The current-thread executor: a run queue, a slab of tasks, timers and a reactor, all used by one
 * thread and therefore without a single atomic instruction.
 *
 * The run queue is a power-of-two ring of task pointers. A place in it is reserved when a task is
 * spawned, and a task is in it at most once, so that a wake cannot fail. (An intrusive list would
 * cost a cache miss a task; the ring is read ahead.)
 *
 * Everything here belongs to the thread that created the executor.
 */
#ifndef RT_EXECUTOR_H
#define RT_EXECUTOR_H

#include "rt/config.h"
#include "rt/node.h"
#include "rt/slab.h"
#include "rt/task.h"

#include "base/clock.h"
#include "base/rng.h"
#include "base/status.h"

#include <errno.h>

struct rt_blocking;
struct rt_inbox;
struct rt_reactor;
struct rt_wheel;

struct rt_executor {
    struct rt_task **ring; /* capacity is a power of two, at least `live` */
    size_t head, tail;     /* ever growing; masked on use */
    size_t mask;           /* capacity - 1 */
    size_t live;           /* spawned and not finished */
    struct rt_slab slab;
    struct rt_wheel *wheel;
    struct rt_reactor *reactor;
    struct rt_inbox *inbox;       /* what other threads post */
    struct rt_blocking *blocking; /* NULL until something blocks */
    struct rt_task *root;         /* what rt_block_on() waits for */
    struct rt_task *current;      /* the task that is being polled; NULL between polls */
    bool running;                 /* a loop runs its tasks: there can't be a second */
    size_t room;                  /* tasks that fit without growing the ring or passing the limit */
    unsigned polls_per_turn;      /* of the next turn, at most */
    uint64_t polls;               /* step functions called, for tests and reports */
    struct rt_config config;      /* with the defaults filled in */
    struct tc_rng order;          /* used only where order_seed is set */
    RT_SEEN(struct rt_inspect *inspect;)
};

/* A new executor, or NULL when memory or descriptors are short (errno says which) or when the
 * configuration asks for what this build or kernel has not. NULL takes the defaults. */
struct rt_executor *rt_executor_new(const struct rt_config *config);

/* Drops every task that is still alive, in the order of their blocks, and frees all memory. Wakers
 * and handles of its tasks must not be used afterwards. Must not be called from a task. */
void rt_executor_free(struct rt_executor *executor);

/* Runs the task of `handle` and everything it needs until it has finished, and returns its result;
 * the handle is used up. Other tasks make progress meanwhile and stay alive afterwards. Returns
 * -EDEADLK, with the task left alive, when every task waits and neither a timer nor a descriptor
 * can wake one; -EBUSY, with the handle still good, when called from a task of the same executor.
 */
int64_t rt_block_on(struct rt_executor *executor, struct rt_handle handle);

/* Polls tasks that are ready until none is, without ever sleeping; returns how many polls it made.
 * For tests and for embedding. Must not be called from a task. */
size_t rt_run_ready(struct rt_executor *executor);

/* The executor's time, in ns: CLOCK_MONOTONIC, or what its clock says. */
static inline uint64_t rt_now_ns(const struct rt_executor *executor);

/* -- spawning -- */

/* A block for a new task, its frame uninitialised, with a place in the run queue reserved; NULL
 * when memory is short (errno ENOMEM) or tasks_max are alive (EAGAIN). It must be started or it
 * leaks until the executor goes. O(1) amortised. */
static inline struct rt_task *rt_task_new(struct rt_executor *executor, rt_step_fn *step,
                                          size_t frame_size);

/* Queues a new task whose frame has been filled in, and gives its handle, which must be joined or
 * detached. */
static inline struct rt_handle rt_task_start(struct rt_task *task);

/* Queues a new task that nobody will join. */
static inline void rt_task_start_detached(struct rt_task *task);

/* Ends a task where it waits: its future is dropped, which runs clean-ups, and its result is
 * -ECANCELED. The handle stays to be joined or detached. False when the task has ended before. A
 * task that aborts itself goes on to its next await first. O(1) and what the clean-ups do. */
bool rt_abort(struct rt_handle handle);

/* Gives up the handle: the task goes on, its result will be dropped. */
void rt_detach(struct rt_handle handle);

/* The result of a task. One task may wait for it; the handle is used up by the result. */
rt_poll rt_join_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_handle handle);
/* Stops waiting; the task is detached. */
void rt_join_drop(struct rt_wait *wait, struct rt_handle handle);

/* Lets every other ready task run once: pending at the first poll, ready at the second. */
static inline rt_poll rt_yield_poll(struct rt_wait *wait, struct rt_cx *cx);
static inline void rt_yield_drop(struct rt_wait *wait);

/* Whether the task has had its share: an operation that could be ready for ever asks it when it is
 * ready at the first poll, and returns RT_PENDING, still idle, when it says so. The task has been
 * woken then, to the tail of the run queue, and its next poll begins with a new budget. */
static inline bool rt_budget_spent(struct rt_cx *cx);

/* -- waking: O(1), cannot fail -- */

/* Makes a task that has not finished runnable. Waking twice before the poll queues it once. */
static inline void rt_task_wake(struct rt_task *task);

/* Wakes the longest waiting of a queue, granting it what it waits for; false when nobody waits. All
 * who wait in it must belong to `executor`. */
static inline bool rt_queue_grant_one(struct rt_queue *queue, struct rt_executor *executor);

/* The executor of who waits in a queue; NULL when nobody does. For a caller who has no context. */
static inline struct rt_executor *rt__queue_executor(const struct rt_queue *queue);

/* Grants to the longest waiting, for a caller who has no context. */
static inline bool rt_queue_wake_one(struct rt_queue *queue);

/* Wakes all that wait now. O(waiters). */
static inline void rt_queue_wake_all(struct rt_queue *queue);

/* -- the hot paths, inlined into their callers -- */

/* Out of line: doubles the run queue. False, with errno set, when memory is short or the limit on
 * tasks is met. */
bool rt__ring_grow(struct rt_executor *executor);

/* rt_abort() of a task that may have no handle. */
bool rt__task_abort(struct rt_task *task);

static inline struct rt_task *rt_task_new(struct rt_executor *executor, rt_step_fn *step,
                                          size_t frame_size)
{
    if (TC_UNLIKELY(executor->live >= executor->room) && !rt__ring_grow(executor))
        return NULL;
    size_t room = frame_size < sizeof(int64_t) ? sizeof(int64_t) : frame_size; /* for the result */
    struct rt_task *task = rt__slab_take(&executor->slab, sizeof(struct rt_task) + room);
    if (TC_UNLIKELY(!task)) {
        errno = ENOMEM;
        return NULL;
    }
    executor->live++;
    task->step = step;
    task->executor = executor;
    task->joiner = NULL;
    RT_SEE(rt__see_spawn(task));
    return task;
}

static inline uint64_t rt_now_ns(const struct rt_executor *executor)
{
    struct rt_clock *clock = executor->config.clock;
    return TC_UNLIKELY(clock) ? clock->now_ns(clock) : tc_now_ns();
}

static inline void rt__ring_push(struct rt_executor *executor, struct rt_task *task)
{
    executor->ring[executor->tail++ & executor->mask] = task;
}

static inline struct rt_handle rt_task_start(struct rt_task *task)
{
    task->state ^= RT_FREE | RT_QUEUED | RT_HANDLE;
    rt__ring_push(task->executor, task);
    return (struct rt_handle){task};
}

static inline void rt_task_start_detached(struct rt_task *task)
{
    task->state ^= RT_FREE | RT_QUEUED;
    rt__ring_push(task->executor, task);
}

/* The executor is a parameter although the task knows it: taken from the task, the address of the
 * queue's next place would depend on the load of the task, and the next poll's load of that place
 * would have to wait for it. That is 12 cycles a hop. */
static inline void rt__task_wake_in(struct rt_executor *executor, struct rt_task *task)
{
    uint32_t state;
    RT_SEE(rt__see_wake(executor, task));
    while ((state = task->state & (RT_QUEUED | RT_DONE | RT_BRANCH))) {
        if (TC_LIKELY(state != RT_BRANCH) || !(task = rt__branch_wake(task)))
            return;
        RT_SEE(rt__see_wake(executor, task));
    }
    task->state |= RT_QUEUED;
    rt__ring_push(executor, task);
}

static inline bool rt_budget_spent(struct rt_cx *cx)
{
    if (TC_LIKELY(--cx->budget != 0))
        return false;
    cx->budget = 1; /* the rest of this poll has none either */
    RT_SEE(rt__see_yield(cx, true));
    rt__task_wake_in(cx->executor, cx->task);
    return true;
}

static inline void rt_task_wake(struct rt_task *task)
{
    rt__task_wake_in(task->executor, task);
}

/* Takes the first waiter of a queue that is not empty, marked as granted, and wakes its task. */
static inline struct rt_wait *rt__queue_grant(struct rt_queue *queue, struct rt_executor *executor)
{
    struct rt_wait *wait = TC_CONTAINER_OF(queue->first, struct rt_wait, link);
    struct rt_task *task = queue->task;
    rt_queue_remove(queue, wait);
    wait->link.next = RT_GRANTED;
    rt__task_wake_in(executor, task);
    return wait;
}

static inline bool rt_queue_grant_one(struct rt_queue *queue, struct rt_executor *executor)
{
    if (!queue->first)
        return false;
    rt__queue_grant(queue, executor);
    return true;
}

static inline struct rt_executor *rt__queue_executor(const struct rt_queue *queue)
{
    return queue->first ? queue->task->executor : NULL;
}

static inline bool rt_queue_wake_one(struct rt_queue *queue)
{
    return rt_queue_grant_one(queue, rt__queue_executor(queue));
}

static inline void rt_queue_wake_all(struct rt_queue *queue)
{
    while (rt_queue_wake_one(queue)) {
    }
}

static inline rt_poll rt_yield_poll(struct rt_wait *wait, struct rt_cx *cx)
{
    if (rt_wait_is_granted(wait))
        return 0;
    wait->link.next = RT_GRANTED; /* in no queue, so there is nothing else to set */
    RT_SEE(rt__see_yield(cx, false));
    rt__task_wake_in(cx->executor, cx->task);
    return RT_PENDING;
}

static inline void rt_yield_drop(struct rt_wait *wait)
{
    rt_wait_init(wait);
}

#endif
