/* SPDX-License-Identifier: MIT
 *
 * What is checked while tasks run, and how it is told. Each finding names the task and the place;
 * a finding that could repeat at every poll is told once a task.
 */
#include "inspect.h"

#include "reactor.h"
#include "slab_walk.h"

#include "base/clock.h"

#include <stdarg.h>
#include <sys/ioctl.h>

/* Fewer wakes than this prove nothing about how a task waits. */
enum { BUSY_WAKES_MIN = 100 };

/* Of the stalls and of the unfinished tasks so many are told; all are counted. */
enum { TOLD_MAX = 8 };

void rt__say(struct rt_executor *executor, const char *format, ...)
{
    FILE *out = executor->inspect->out;
    va_list arguments;
    if (!out)
        return;
    va_start(arguments, format);
    fputs("rt: ", out);
    vfprintf(out, format, arguments);
    fputc('\n', out);
    fflush(out);
    va_end(arguments);
}

void rt_report_to(struct rt_executor *executor, FILE *out)
{
    executor->inspect->out = out;
}

/* -- at the end of a poll -- */

static void check_stall(struct rt_executor *executor, struct rt_task *task, uint64_t lasted_ns,
                        int64_t result)
{
    struct rt_text name, from, to;
    if (executor->inspect->counters.stalls++ >= TOLD_MAX)
        return;
    rt__say(executor,
            "stall: task %s held the loop for %.1f ms, from %s to %s; compute in the blocking pool "
            "or yield in between, unless it was the machine that stopped it",
            rt__task_text(&name, task), (double)lasted_ns / (double)TC_NS_PER_MS,
            executor->inspect->resumed_at ? rt__site_text(&from, executor->inspect->resumed_at)
                                          : "its start",
            result == RT_PENDING ? rt__site_text(&to, task->seen.at.site) : "its end");
}

static void check_locks(struct rt_executor *executor, struct rt_task *task)
{
    struct rt_text name, at;
    executor->inspect->counters.held_locks++;
    rt__say(executor,
            "held lock: task %s waits for %s with a pthread mutex locked; unlock it before the "
            "await, or use an rt_mutex",
            rt__task_text(&name, task), rt__site_text(&at, task->seen.at.site));
}

/* A task that is woken by its own polls waits by computing. */
static void check_busy_wakes(struct rt_executor *executor, struct rt_task *task)
{
    struct rt_text name, at;
    struct rt_seen *seen = &task->seen;
    if (seen->linted || seen->wakes < BUSY_WAKES_MIN || 2 * seen->self_wakes <= seen->wakes)
        return;
    seen->linted = true;
    executor->inspect->counters.busy_wakes++;
    rt__say(executor,
            "busy wake: task %s woke itself in %llu of %llu wakes, at %s; let what it waits for "
            "wake it, or a timer",
            rt__task_text(&name, task), (unsigned long long)seen->self_wakes,
            (unsigned long long)seen->wakes, rt__site_text(&at, seen->at.site));
}

void rt__check_poll(struct rt_executor *executor, struct rt_task *task, uint64_t lasted_ns,
                    int64_t result)
{
    if (lasted_ns > executor->config.stall_ns)
        check_stall(executor, task, lasted_ns, result);
    if (result != RT_PENDING)
        return;
    if (rt__locks_held > executor->inspect->locks)
        check_locks(executor, task);
    if (task->seen.polls == 1 && task->seen.promises == 0)
        rt__check_lost(task, task->seen.at.site);
    check_busy_wakes(executor, task);
}

void rt__check_lost(struct rt_task *task, const struct rt_site *site)
{
    struct rt_text name, at;
    task->seen.promises++; /* told */
    task->executor->inspect->counters.lost++;
    rt__say(task->executor,
            "lost task: %s is pending in %s, but nothing has promised to wake it; before it "
            "returns RT_PENDING a poll registers the task with what it waits for",
            rt__task_text(&name, task), rt__site_text(&at, site));
}

/* -- of a descriptor -- */

void rt__see_close(const struct rt_io *io)
{
    int unread = 0;
    if (!rt__here || !io->is_socket || !io->is_stream || ioctl(io->fd, FIONREAD, &unread) < 0 ||
        unread == 0)
        return;
    rt__here->inspect->counters.unread++;
    rt__say(rt__here,
            "unread: a connection is closed with %d bytes unread, so the kernel resets it and the "
            "peer may lose what it was sent; read to the end first",
            unread);
}

/* -- of the process, at its end -- */

const char *const rt__kind_names[RT_KINDS] = {
    "executors",   "tasks", "channels", "broadcasts", "collections of branches",
    "descriptors", "files"};

/* What is left belongs to nobody any more; a reachable leak is one too. */
__attribute__((destructor)) static void tell_leaks(void)
{
    for (enum rt_kind kind = 0; kind < RT_KINDS; kind++)
        if (rt_live_objects(kind) > 0)
            fprintf(stderr, "rt: leak: %s that were not freed: %lld\n", rt__kind_names[kind],
                    (long long)rt_live_objects(kind));
}

/* -- of a task, at its end -- */

void rt__check_unseen(struct rt_task *task, int64_t result)
{
    struct rt_text name;
    if (result >= 0 || result == -ECANCELED)
        return;
    task->executor->inspect->counters.unseen_failures++;
    rt__say(task->executor, "unseen failure: task %s ended with -%s, and nobody joins it",
            rt__task_text(&name, task), tc_errno_name((int)result));
}

static void tell_unfinished(struct rt_task *task)
{
    struct rt_text name, at;
    if (task->seen.polls == 0)
        rt__say(task->executor, "unfinished: task %s is dropped with its executor, never polled",
                rt__task_text(&name, task));
    else
        rt__say(task->executor, "unfinished: task %s is dropped with its executor, waiting for %s",
                rt__task_text(&name, task), rt__site_text(&at, task->seen.at.site));
}

/* Every block that ever held a task passes here when its executor is about to go. */
static void check_last(struct rt_task *task)
{
    uint64_t *unfinished = &task->executor->inspect->unfinished;
    if (task->state & RT_FREE)
        return;
    if (!(task->state & RT_DONE)) {
        if ((*unfinished)++ < TOLD_MAX)
            tell_unfinished(task);
    } else if (task->state & RT_HANDLE) {
        task->executor->inspect->counters.unjoined++;
        rt__see_detach(task);
    }
}

void rt__check_end(struct rt_executor *executor)
{
    rt__slab_each(&executor->slab, check_last);
    if (executor->inspect->unfinished > TOLD_MAX)
        rt__say(executor, "unfinished: %llu more tasks are dropped with their executor",
                (unsigned long long)executor->inspect->unfinished - TOLD_MAX);
}
