/* SPDX-License-Identifier: MIT
 *
 * The current-thread executor: polling what is ready, and sleeping when nothing is.
 *
 * A turn is up to RT_POLLS_PER_TURN polls, fewer where they are long, then a look at timers and
 * descriptors; it sleeps in the reactor only when the run queue is empty. How tasks end is in
 * task.c.
 */
#include "rt/executor.h"

#include "blocking.h"
#include "inbox.h"
#include "reactor.h"
#include "slab_walk.h"
#include "task_end.h"
#include "wheel.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>

enum { FIRST_CAPACITY = 256 };

const char RT__FLAVOUR = 1; /* see inspect.h */

static void set_room(struct rt_executor *executor)
{
    size_t limit = executor->config.tasks_max;
    executor->room = executor->mask + 1 < limit ? executor->mask + 1 : limit;
}

static void configure(struct rt_executor *executor, const struct rt_config *config)
{
    struct rt_config *own = &executor->config;
    if (config)
        *own = *config;
    own->tasks_max = own->tasks_max ? own->tasks_max : SIZE_MAX;
    own->budget = own->budget ? own->budget : RT_BUDGET;
    own->blocking_threads = own->blocking_threads ? own->blocking_threads : RT_BLOCKING_THREADS;
    tc_rng_seed(&executor->order, own->order_seed);
    own->blocking_queue = own->blocking_queue ? own->blocking_queue : RT_BLOCKING_QUEUE;
    own->stall_ns = own->stall_ns ? own->stall_ns : RT_STALL_NS;
}

struct rt_executor *rt_executor_new(const struct rt_config *config)
{
    struct rt_executor *executor = calloc(1, sizeof *executor);
    if (!executor)
        return NULL;
    configure(executor, config);
    executor->polls_per_turn = RT_POLLS_PER_TURN;
    executor->mask = FIRST_CAPACITY - 1;
    set_room(executor);
    executor->ring = calloc(FIRST_CAPACITY, sizeof *executor->ring);
    executor->wheel = malloc(sizeof *executor->wheel);
    executor->inbox = rt__inbox_new();
    executor->reactor = rt__reactor_new(executor->config.reactor, executor->config.error);
    executor->config.error = NULL; /* the caller's, and only until here */
    if (!executor->ring || !executor->wheel || !executor->inbox ||
        !executor->reactor RT_SEEN(|| rt__see_executor(executor) < 0)) {
        int saved = errno;
        rt_executor_free(executor);
        errno = saved;
        return NULL;
    }
    rt__wheel_init(executor->wheel, rt_now_ns(executor));
    return executor;
}

static void abort_if_alive(struct rt_task *task)
{
    if (!(task->state & RT_FREE))
        rt__task_abort(task);
}

void rt_executor_free(struct rt_executor *executor)
{
    if (!executor)
        return;
    MUST(!executor->running);
    RT_SEE(rt__see_end(executor));
    executor->config.tasks_max = executor->room = 0; /* no clean-up can spawn a task */
    rt__slab_each(&executor->slab, abort_if_alive);
    rt__blocking_free(executor);
    rt__slab_destroy(&executor->slab);
    if (executor->reactor)
        rt__reactor_free(executor->reactor);
    free(executor->inbox);
    free(executor->wheel);
    free(executor->ring);
    RT_SEE(rt__see_gone(executor));
    free(executor);
}

bool rt__ring_grow(struct rt_executor *executor)
{
    size_t capacity = executor->mask + 1;
    if (executor->live >= executor->config.tasks_max) {
        errno = EAGAIN;
        return false;
    }
    struct rt_task **ring = calloc(2 * capacity, sizeof *ring);
    if (!ring)
        return false;
    for (size_t at = executor->head; at != executor->tail; at++)
        ring[at & (2 * capacity - 1)] = executor->ring[at & executor->mask];
    free(executor->ring);
    executor->ring = ring;
    executor->mask = 2 * capacity - 1;
    set_room(executor);
    return true;
}

/* A turn that polls may be long in (see pace()) polls only who was ready when it began, each once.
 */
static size_t turn_limit(const struct rt_executor *executor)
{
    size_t ready = executor->tail - executor->head, limit = executor->polls_per_turn;
    if (TC_UNLIKELY(limit < RT_POLLS_PER_TURN && ready < limit))
        limit = ready;
    return executor->head + limit;
}

/* Polls up to executor->polls_per_turn ready tasks, ending early when the root has finished. The
 * head is kept in a register meanwhile: should a spawn double the ring, it copies some places that
 * have been polled already, which nobody will look at. */
TC_ALWAYS_INLINE void poll_ready(struct rt_executor *executor, bool prefetch)
{
    struct rt_cx cx = {.executor = executor};
    unsigned budget = executor->config.budget + 1; /* the operation that finds 0 left is put off */
    size_t head = executor->head, limit = turn_limit(executor);
    while (head != executor->tail && head != limit) {
        struct rt_task **ring = executor->ring;
        size_t mask = executor->mask;
        struct rt_task *task = cx.task = executor->current = ring[head & mask];
        cx.budget = budget;
        /* Places behind the tail hold old pointers or NULL: prefetching those is harmless. */
        if (prefetch)
            __builtin_prefetch(ring[(head + RT_PREFETCH_AHEAD) & mask], 1);
        head++;
        task->state &= ~(uint32_t)RT_QUEUED;
        RT_SEE(rt__see_poll(&cx));
        rt_poll result = task->step(task->frame, &cx);
        RT_SEE(rt__see_polled(&cx, result));
        if (TC_LIKELY(result == RT_PENDING)) {
            if (TC_LIKELY(!(task->state & RT_ABORTED)))
                continue;
            rt__task_drop(task);
            result = -ECANCELED;
        }
        rt__task_finish(executor, task, result);
        if (task == executor->root)
            break;
    }
    executor->current = NULL;
    executor->head = head;
}

/* Puts what is ready into an order drawn from the seed (Fisher-Yates): every order of tasks that
 * are ready at once is one that a correct program must bear. */
static void shuffle_ready(struct rt_executor *executor)
{
    for (size_t ready = executor->tail - executor->head; ready > 1; ready--) {
        size_t other = executor->head + tc_rng_below(&executor->order, ready);
        struct rt_task **a = &executor->ring[(executor->head + ready - 1) & executor->mask];
        struct rt_task **b = &executor->ring[other & executor->mask], *task = *a;
        *a = *b;
        *b = task;
    }
}

/* One turn; returns how many polls it made. */
static size_t run_turn(struct rt_executor *executor)
{
    size_t start = executor->head;
    RT_SEE(rt__see_turn(executor));
    if (TC_UNLIKELY(executor->config.order_seed))
        shuffle_ready(executor);
    if (TC_UNLIKELY(executor->mask >= RT_PREFETCH_FROM))
        poll_ready(executor, true);
    else
        poll_ready(executor, false);
    size_t polls = executor->head - start;
    executor->polls += polls;
    return polls;
}

/* Looks at the descriptors, for as long as until `deadline_ns`. */
static void wait_outside(struct rt_executor *executor, uint64_t deadline_ns)
{
    struct rt_clock *clock = executor->config.clock;
    bool stands_in = clock && deadline_ns != TC_NEVER;
    bool open = deadline_ns != 0 && executor->inbox->opened;
    if (stands_in || (open && !rt__inbox_park(executor->inbox)))
        rt__reactor_wait(executor->reactor, 0);
    else
        rt__reactor_wait(executor->reactor, deadline_ns);
    if (open)
        rt__inbox_run(executor->inbox, executor);
    if (stands_in && deadline_ns != 0 && executor->head == executor->tail)
        clock->idle_until(clock, deadline_ns);
}

/* How many polls the next turn may have: as many as fit into RT_TURN_NS, going by those of the
 * last, which ended with tasks ready; one more than before at most, as the next may be the long one
 * again. Timers tell how long it took; without any nobody reads the clock. */
static void pace(struct rt_executor *executor, size_t polls, uint64_t took_ns)
{
    uint64_t next = executor->polls_per_turn + UINT64_C(1);
    if (next * took_ns > polls * RT_TURN_NS)
        next = polls * RT_TURN_NS / took_ns;
    if (next > RT_POLLS_PER_TURN)
        next = RT_POLLS_PER_TURN;
    executor->polls_per_turn = next ? (unsigned)next : 1;
}

/* Wakes those whose timers are due; a turn of so many polls has gone before. */
static void look_at_timers(struct rt_executor *executor, size_t polls, bool idle)
{
    uint64_t before_ns = executor->wheel->now_ns, now_ns = rt_now_ns(executor);
    rt__wheel_advance(executor->wheel, now_ns);
    if (!idle)
        pace(executor, polls, now_ns - before_ns);
}

/* Wakes what timers and descriptors have made ready, sleeping for it if nothing else is to do.
 * False when nothing ever can. The turn before had so many polls. */
static bool look_outside(struct rt_executor *executor, size_t polls)
{
    if (TC_UNLIKELY(rt__inbox_has(executor->inbox)))
        rt__inbox_run(executor->inbox, executor);
    bool idle = executor->head == executor->tail;
    bool expects = rt__reactor_parked(executor->reactor) || executor->inbox->opened;
    uint64_t next_ns = TC_NEVER;
    if (rt__wheel_may_hold(executor->wheel))
        next_ns = idle ? rt__wheel_next_ns(executor->wheel) : 0;
    bool stale = !idle && rt__reactor_is_stale(executor->reactor);
    if (next_ns == TC_NEVER && !expects && !stale)
        return !idle;
    if (rt__reactor_parked(executor->reactor) || idle || stale)
        wait_outside(executor, idle ? next_ns : 0);
    RT_SEE(rt__see_outside(executor));
    if (next_ns != TC_NEVER)
        look_at_timers(executor, polls, idle);
    return true;
}

int64_t rt_block_on(struct rt_executor *executor, struct rt_handle handle)
{
    if (executor->running)
        return -EBUSY;
    struct rt_task *root = executor->root = handle.task;
    bool alive = executor->running = true;
    while (!(root->state & RT_DONE) && alive) {
        size_t polls = run_turn(executor);
        if (!(root->state & RT_DONE))
            alive = look_outside(executor, polls);
    }
    RT_SEE(alive ? (void)0 : rt__see_deadlock(executor));
    executor->root = NULL;
    executor->running = false;
    int64_t result = root->state & RT_DONE ? *rt_task_result(root) : -EDEADLK;
    RT_SEE(root->seen.joined = true);
    rt_detach(handle);
    return result;
}

size_t rt_run_ready(struct rt_executor *executor)
{
    size_t polls = 0, turn;
    MUST(!executor->running);
    executor->running = true;
    while ((turn = run_turn(executor)) > 0)
        polls += turn;
    executor->running = false;
    return polls;
}
