/* SPDX-License-Identifier: MIT
 *
 * What is told on demand: every live task, who waits for whom, and the totals.
 *
 * The tasks are found by walking the slab, so that nothing has to be kept in a list meanwhile. A
 * task waits for one thing at a time, so "waits for" is a function from tasks to tasks and a cycle
 * in it is found by following it once.
 */
#include "inspect.h"

#include "rt/branch.h"
#include "rt/call.h"
#include "rt/mutex.h"

#include "slab_walk.h"

#include "base/clock.h"

#include <string.h>

const char *rt__site_text(struct rt_text *text, const struct rt_site *site)
{
    if (!site)
        return "a future written by hand";
    snprintf(text->text, sizeof text->text, "%s in %s at %s:%d", site->what, site->function,
             site->file, site->line);
    return text->text;
}

const char *rt__name(const struct rt_site *spawned)
{
    return spawned ? spawned->what : "task";
}

const char *rt__task_text(struct rt_text *text, const struct rt_task *task)
{
    const struct rt_seen *seen = &task->seen;
    if (!seen->spawned)
        snprintf(text->text, sizeof text->text, "#%llu", (unsigned long long)seen->id);
    else
        snprintf(text->text, sizeof text->text, "#%llu %s (spawned in %s at %s:%d)",
                 (unsigned long long)seen->id, seen->spawned->what, seen->spawned->function,
                 seen->spawned->file, seen->spawned->line);
    return text->text;
}

/* -- all live tasks -- */

/* What every frame of an async function begins with. */
struct head {
    RT_FRAME;
};

struct rt_place *rt__outermost_place(struct rt_task *task)
{
    return &((struct head *)(void *)task->frame)->rt_place;
}

static bool is_alive(const struct rt_task *task)
{
    return !(task->state & RT_FREE);
}

static double ms(uint64_t ns)
{
    return (double)ns / (double)TC_NS_PER_MS;
}

static const char *state_word(const struct rt_task *task)
{
    if (task == task->executor->current)
        return "running";
    if (task->state & RT_DONE)
        return "done, its handle not joined";
    return task->state & RT_QUEUED ? "ready" : "waiting";
}

static bool does(const struct rt_place *place, const char *operation)
{
    return place->site && strcmp(place->site->what, operation) == 0;
}

static bool waits_for_branches(const struct rt_place *place)
{
    return does(place, "rt_node_join") || does(place, "rt_node_try_join") ||
           does(place, "rt_node_select");
}

/* A place and those within it: the innermost function of its calls first, as in a stack trace, then
 * the branches of a node, a line each. */
static void dump_place(const struct rt_place *place, int indent, FILE *out)
{
    struct rt_text text;
    if (does(place, "rt_call")) {
        struct head *callee = (void *)((struct rt_call *)place->object + 1);
        dump_place(&callee->rt_place, indent, out);
        fprintf(out, "%*scalled%s\n", indent, "",
                rt__site_text(&text, place->site) + strlen("rt_call"));
        return;
    }
    fprintf(out, "%*sat %s", indent, "",
            place->site ? rt__site_text(&text, place->site) : "its start");
    fprintf(out, place->object ? " on %p\n" : "\n", place->object);
    if (!waits_for_branches(place))
        return;
    struct rt_node *node = (struct rt_node *)place->object;
    for (struct rt_task *branch = rt__node_next(node, NULL); branch;
         branch = rt__node_next(node, branch)) {
        if (branch->state & RT_DONE)
            continue;
        fprintf(out, "%*sbranch\n", indent, "");
        dump_place(rt__outermost_place(branch), indent + 4, out);
    }
}

static void dump_task(struct rt_task *task, FILE *out)
{
    struct rt_text name;
    const struct rt_seen *seen = &task->seen;
    fprintf(out, "%s: %s for %.3f ms; %llu polls, busy %.3f ms, ready %.3f ms, waiting %.3f ms\n",
            rt__task_text(&name, task), state_word(task), ms(tc_now_ns() - seen->since_ns),
            (unsigned long long)seen->polls, ms(seen->busy_ns), ms(seen->ready_ns),
            ms(seen->idle_ns));
    if (seen->polls > 0 && !(task->state & RT_DONE))
        dump_place(seen->has_path ? rt__outermost_place(task) : &seen->at, 4, out);
    const struct rt_task *other = rt__waits_for(task);
    if (other)
        fprintf(out, "    which is up to task %s\n", rt__task_text(&name, other));
}

/* The walk has no argument of its own. */
static _Thread_local FILE *walk_out;

static void dump_if_alive(struct rt_task *task)
{
    if (is_alive(task))
        dump_task(task, walk_out);
}

void rt_dump(struct rt_executor *executor, FILE *out)
{
    fprintf(out, "%zu tasks alive, %zu of them ready\n", executor->live,
            executor->tail - executor->head);
    walk_out = out;
    rt__slab_each(&executor->slab, dump_if_alive);
    fflush(out);
}

/* -- who waits for whom -- */

struct rt_task *rt__waits_for(const struct rt_task *task)
{
    if (task->state & (RT_DONE | RT_QUEUED))
        return NULL;
    void *object = (void *)task->seen.at.object;
    if (does(&task->seen.at, "rt_join"))
        return object;
    if (!does(&task->seen.at, "rt_mutex_lock"))
        return NULL;
    struct rt_task *owner = ((struct rt_mutex *)object)->owner;
    return owner == RT_MUTEX_TRIED || !owner ? NULL : rt_task_root(owner);
}

static void tell_waiting(struct rt_task *task)
{
    struct rt_text name, at, other_name;
    if (!is_alive(task) || task->state & RT_DONE)
        return;
    struct rt_task *other = rt__waits_for(task);
    rt__say(task->executor, "  task %s waits for %s on %p%s%s%s", rt__task_text(&name, task),
            rt__site_text(&at, task->seen.at.site), task->seen.at.object,
            other ? ", which is up to task " : "", other ? rt__task_text(&other_name, other) : "",
            !other && task->seen.took_waker ? "; it gave its waker away, which nobody has used"
                                            : "");
}

/* A task is on a cycle if following leads back to it; told at the one with the lowest number. */
static void tell_cycle(struct rt_task *task)
{
    size_t steps = task->executor->live;
    const struct rt_task *at = task;
    if (!is_alive(task))
        return;
    do {
        at = rt__waits_for(at);
        if (!at || at->seen.id < task->seen.id || steps-- == 0)
            return;
    } while (at != task);
    struct rt_inspect *inspect = task->executor->inspect;
    if (!inspect->out)
        return;
    fprintf(inspect->out, "rt:   a cycle: ");
    do {
        fprintf(inspect->out, "#%llu -> ", (unsigned long long)at->seen.id);
        at = rt__waits_for(at);
    } while (at != task);
    fprintf(inspect->out, "#%llu\n", (unsigned long long)task->seen.id);
    fflush(inspect->out);
}

void rt__see_deadlock(struct rt_executor *executor)
{
    executor->inspect->counters.deadlocks++;
    rt__say(executor,
            "deadlock: all %zu tasks wait, and no timer, descriptor or other thread can wake one",
            executor->live);
    rt__slab_each(&executor->slab, tell_waiting);
    rt__slab_each(&executor->slab, tell_cycle);
}

/* -- the totals -- */

const struct rt_counters *rt_counters(const struct rt_executor *executor)
{
    return &executor->inspect->counters;
}

void rt_counters_write(const struct rt_executor *executor, FILE *out)
{
    const struct rt_counters *c = rt_counters(executor);
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"polls", c->polls},
        {"spurious polls", c->spurious_polls},
        {"wakes", c->wakes},
        {"wakes merged", c->wakes_merged},
        {"self-wakes", c->self_wakes},
        {"yields", c->yields},
        {"budget yields", c->budget_yields},
        {"turns", c->turns},
        {"longest run queue", c->ready_max},
        {"spawned", c->spawned},
        {"finished", c->finished},
        {"failed", c->failed},
        {"aborted", c->aborted},
        {"dropped with the executor", c->dropped},
        {"dropped before the first poll", c->dropped_unpolled},
        {"failures that nobody saw", c->unseen_failures},
        {"handles not joined", c->unjoined},
        {"lost tasks", c->lost},
        {"stalls", c->stalls},
        {"busy wakes", c->busy_wakes},
        {"held locks", c->held_locks},
        {"closed with bytes unread", c->unread},
        {"deadlocks", c->deadlocks},
    };
    for (size_t i = 0; i < TC_COUNT_OF(rows); i++)
        if (rows[i].value)
            fprintf(out, "%-30s %llu\n", rows[i].name, (unsigned long long)rows[i].value);
    for (enum rt_kind kind = RT_TASKS; kind < RT_KINDS; kind++)
        if (rt_live_objects(kind))
            fprintf(out, "live %-25s %lld\n", rt__kind_names[kind],
                    (long long)rt_live_objects(kind));
    if (c->turns)
        fprintf(out, "%-30s %.2f\n", "mean run queue", (double)c->ready_sum / (double)c->turns);
}
