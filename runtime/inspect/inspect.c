/* SPDX-License-Identifier: MIT
 *
 * The hooks: they keep each task's record and the executor's totals.
 *
 * The clock is read at the end of every poll, at a wake from outside a poll and after sleeping; a
 * wake made within a poll counts as made at that poll's beginning. So the three sums of a task add
 * up to its life exactly, for one reading a poll.
 */
#include "trace.h"

#include "base/clock.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

_Thread_local int rt__locks_held;
_Thread_local struct rt_executor *rt__here;

static _Atomic int64_t live_objects[RT_KINDS];

void rt__see_object(enum rt_kind kind, int change)
{
    atomic_fetch_add_explicit(&live_objects[kind], change, memory_order_relaxed);
}

int64_t rt_live_objects(enum rt_kind kind)
{
    return atomic_load_explicit(&live_objects[kind], memory_order_relaxed);
}

/* -- the executor -- */

int rt__see_executor(struct rt_executor *executor)
{
    struct rt_inspect *inspect = calloc(1, sizeof *inspect);
    if (!inspect)
        return -ENOMEM;
    inspect->out = stderr;
    inspect->now_ns = inspect->polled_ns = tc_now_ns();
    executor->inspect = inspect;
    rt__see_object(RT_EXECUTORS, 1);
    return rt__trace_new(executor);
}

void rt__see_end(struct rt_executor *executor)
{
    if (!executor->inspect)
        return;
    executor->inspect->ending = true;
    rt__watch_free(executor);
    rt__check_end(executor);
    if (executor->inspect->out && getenv("RT_COUNTERS"))
        rt_counters_write(executor, executor->inspect->out);
}

void rt__see_gone(struct rt_executor *executor)
{
    if (!executor->inspect)
        return;
    if (rt__here == executor)
        rt__here = NULL;
    rt__trace_free(executor);
    free(executor->inspect);
    rt__see_object(RT_EXECUTORS, -1);
}

void rt__see_turn(struct rt_executor *executor)
{
    struct rt_inspect *inspect = executor->inspect;
    struct rt_counters *counters = &inspect->counters;
    size_t ready = executor->tail - executor->head;
    if (!inspect->just_looked)
        inspect->now_ns = tc_now_ns();
    inspect->just_looked = inspect->has_read = false;
    rt__here = executor;
    if (atomic_load_explicit(&inspect->dump_wanted, memory_order_relaxed)) {
        inspect->dump_wanted = false;
        if (inspect->out)
            rt_dump(executor, inspect->out);
    }
    counters->turns++;
    counters->ready_sum += ready;
    if (ready > counters->ready_max)
        counters->ready_max = ready;
}

void rt__see_outside(struct rt_executor *executor)
{
    struct rt_inspect *inspect = executor->inspect;
    struct rt_record *record = rt__record(inspect);
    if (!inspect->has_read)
        inspect->now_ns = tc_now_ns();
    inspect->just_looked = true;
    if (record)
        *record = (struct rt_record){.kind = RT_RECORD_OUTSIDE,
                                     .at_ns = inspect->polled_ns,
                                     .length_ns = inspect->now_ns - inspect->polled_ns};
}

/* -- the life of a task -- */

/* Between polls the clock is read afresh. */
static uint64_t now_ns(struct rt_executor *executor)
{
    if (!executor->current) {
        executor->inspect->now_ns = tc_now_ns();
        executor->inspect->has_read = true;
    }
    return executor->inspect->now_ns;
}

void rt__see_spawn(struct rt_task *task)
{
    struct rt_executor *executor = task->executor;
    task->seen =
        (struct rt_seen){.id = ++executor->inspect->counters.spawned, .since_ns = now_ns(executor)};
    rt__see_object(RT_TASKS, 1);
}

void rt__see_name(struct rt_task *task, const struct rt_site *spawned)
{
    struct rt_record *record = rt__record(task->executor->inspect);
    task->seen.spawned = spawned;
    if (record)
        *record = (struct rt_record){.kind = RT_RECORD_SPAWN,
                                     .at_ns = task->seen.since_ns,
                                     .task = task->seen.id,
                                     .spawned = spawned};
}

static void record_wake(struct rt_executor *executor, const struct rt_task *task, uint64_t at_ns)
{
    struct rt_record *record = rt__record(executor->inspect);
    if (record)
        *record = (struct rt_record){
            .kind = RT_RECORD_WAKE,
            .at_ns = at_ns,
            .task = task->seen.id,
            .by = executor->current ? executor->current->seen.id : 0,
            .wakes = task->seen.wakes,
            .spawned = task->seen.spawned,
        };
}

void rt__see_wake(struct rt_executor *executor, struct rt_task *task)
{
    struct rt_inspect *inspect = executor->inspect;
    struct rt_seen *seen = &task->seen;
    bool yields = inspect->yields;
    inspect->yields = (task->state & RT_BRANCH) != 0;
    if (task->state & RT_BRANCH)
        return; /* its task is woken next, by this branch or by another */
    seen->promises++;
    if (task->state & (RT_QUEUED | RT_DONE)) {
        inspect->counters.wakes_merged++;
        return;
    }
    inspect->counters.wakes++;
    seen->wakes++;
    uint64_t at_ns = now_ns(executor);
    record_wake(executor, task, at_ns);
    if (task != executor->current) {
        seen->idle_ns += at_ns - seen->since_ns;
        seen->since_ns = at_ns;
    } else if (!yields) {
        inspect->counters.self_wakes++;
        seen->self_wakes++;
    }
}

/* The words, then that they hold. Each is released, so that who sees one of a later poll also sees
 * that the earlier one has ended. */
static void publish(struct rt_inspect *inspect, const struct rt_seen *seen)
{
    struct rt_published *published = &inspect->published;
    atomic_store_explicit(&published->task, seen->id, memory_order_release);
    atomic_store_explicit(&published->spawned, seen->spawned, memory_order_release);
    atomic_store_explicit(&published->from, seen->at.site, memory_order_release);
    atomic_store_explicit(&published->began_ns, inspect->now_ns, memory_order_release);
}

void rt__see_poll(struct rt_cx *cx)
{
    struct rt_inspect *inspect = cx->executor->inspect;
    struct rt_seen *seen = &cx->task->seen;
    inspect->met_finished = cx->task->state & RT_DONE;
    if (inspect->met_finished)
        return;
    inspect->resumed_at = seen->at.site;
    inspect->woken_times = seen->wakes;
    inspect->locks = rt__locks_held;
    inspect->gained = inspect->again = inspect->yields = false;
    inspect->counters.polls++;
    seen->polls++;
    publish(inspect, seen);
    seen->ready_ns += inspect->now_ns - seen->since_ns;
    seen->since_ns = inspect->now_ns;
}

static void record_poll(const struct rt_cx *cx, int64_t result, uint64_t lasted_ns)
{
    const struct rt_seen *seen = &cx->task->seen;
    struct rt_inspect *inspect = cx->executor->inspect;
    struct rt_record *record = rt__record(inspect);
    if (record)
        *record = (struct rt_record){
            .kind = result == RT_PENDING ? RT_RECORD_POLL : RT_RECORD_LAST_POLL,
            .at_ns = inspect->now_ns,
            .length_ns = lasted_ns,
            .task = seen->id,
            .wakes = inspect->woken_times,
            .spawned = seen->spawned,
            .at = seen->at.site,
        };
}

void rt__see_polled(struct rt_cx *cx, int64_t result)
{
    struct rt_inspect *inspect = cx->executor->inspect;
    struct rt_seen *seen = &cx->task->seen;
    if (inspect->met_finished)
        return;
    atomic_store_explicit(&inspect->published.began_ns, 0, memory_order_relaxed);
    uint64_t ended_ns = tc_now_ns(), lasted_ns = ended_ns - inspect->now_ns;
    record_poll(cx, result, lasted_ns);
    inspect->now_ns = inspect->polled_ns = seen->since_ns = ended_ns;
    seen->busy_ns += lasted_ns;
    inspect->counters.spurious_polls += result == RT_PENDING && inspect->again && !inspect->gained;
    rt__check_poll(cx->executor, cx->task, lasted_ns, result);
}

void rt__see_drop(struct rt_task *task)
{
    struct rt_inspect *inspect = task->executor->inspect;
    struct rt_counters *counters = &inspect->counters;
    counters->dropped_unpolled += task->seen.polls == 0;
    if (inspect->ending)
        counters->dropped++;
    else
        counters->aborted++;
}

void rt__see_finish(struct rt_task *task, int64_t result)
{
    struct rt_counters *counters = &task->executor->inspect->counters;
    counters->finished++;
    counters->failed += result < 0 && result != -ECANCELED;
    rt__see_object(RT_TASKS, -1);
    if (!(task->state & RT_HANDLE))
        rt__check_unseen(task, result);
}

void rt__see_detach(struct rt_task *task)
{
    if ((task->state & RT_DONE) && !task->seen.joined)
        rt__check_unseen(task, *rt_task_result(task));
}

/* -- an operation: it belongs to the task that is being polled, in whatever branch of it -- */

static struct rt_seen *polled(const struct rt_cx *cx)
{
    struct rt_task *task = cx->executor->current;
    return task ? &task->seen : &cx->executor->inspect->nobody;
}

uint64_t rt__see_promises(struct rt_cx *cx)
{
    return polled(cx)->promises;
}

void rt__see_await(struct rt_cx *cx, struct rt_place *place, uint64_t promises,
                   const struct rt_site *site, const void *object)
{
    struct rt_seen *seen = polled(cx);
    struct rt_task *task = cx->executor->current;
    *place = (struct rt_place){site, object};
    cx->executor->inspect->gained = true;
    if (task && place == rt__outermost_place(task))
        seen->has_path = true;
    if (strcmp(site->what, "rt_call") != 0)
        seen->at = *place; /* of a call the callee has told it already */
    if (task && seen->promises == promises)
        rt__check_lost(task, site);
}

void rt__see_again(struct rt_cx *cx, int64_t result)
{
    if (result == RT_PENDING)
        cx->executor->inspect->again = true;
    else
        cx->executor->inspect->gained = true;
}

void rt__see_promise(struct rt_cx *cx)
{
    polled(cx)->promises++;
}

void rt__see_progress(struct rt_cx *cx)
{
    cx->executor->inspect->gained = true;
}

void rt__see_yield(struct rt_cx *cx, bool budget)
{
    struct rt_inspect *inspect = cx->executor->inspect;
    inspect->yields = true;
    inspect->counters.yields += !budget;
    inspect->counters.budget_yields += budget;
}

void rt__see_waker(const struct rt_cx *cx)
{
    if (!cx->executor) /* taken outside of a poll */
        return;
    polled(cx)->promises++;
    polled(cx)->took_waker = true;
}
