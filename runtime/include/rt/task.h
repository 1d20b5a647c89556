/* SPDX-License-Identifier: MIT
 *
 * Tasks: the unit that an executor schedules.
 *
 * A task is one allocation: this header, then the frame of its future. The block comes from a slab
 * of its size class and goes back there; its memory stays a task header for as long as the executor
 * lives, which is what lets a waker outlive its task (see waker.h).
 *
 *     0      8          16      20           24       32
 *     | step | executor | state | generation | joiner | frame ...
 *
 * The result overlays the start of the frame, which is dead by then.
 */
#ifndef RT_TASK_H
#define RT_TASK_H

#include "rt/poll.h"

/*
 * The state word, bit by bit. One thread writes it: no atomics in this flavour.
 *
 *   RT_QUEUED  set by a wake, cleared just before the poll. The task is in the run queue exactly
 *              once while it is set, so waking twice queues once, and a wake during the poll queues
 *              it again. Excludes RT_FREE.
 *   RT_DONE    set when the step function returned a result. The frame holds the result. No
 *              wake queues it from now on, but a last one may have before: then RT_QUEUED stays
 *              set until the queue meets the task. Cleared only by freeing.
 *   RT_HANDLE  somebody holds the join handle; the block is kept until it is joined or detached.
 *   RT_FREE    the block is in the slab's free list. Excludes all others.
 *   RT_BRANCH  not a task of its own but a branch of one, inside its frame: a wake goes to the node
 *              that the branch belongs to. Never queued.
 *   RT_ABORTED aborted by its own poll: it is dropped as soon as the poll returns.
 *   RT_GROUPED a member of a group (group.h), which learns of its end.
 *
 *   spawn          -> QUEUED | HANDLE?
 *   poll begins    QUEUED cleared
 *   poll pending   unchanged; a wake sets QUEUED
 *   poll ready     DONE set; without HANDLE the block is freed, at once or when the
 *                  queue meets it
 *   abort          as poll ready, after the frame was dropped; within its own poll ABORTED set
 *   join, detach   HANDLE cleared; with DONE the block is freed
 */
enum {
    RT_QUEUED = 1,
    RT_DONE = 2,
    RT_HANDLE = 4,
    RT_FREE = 8,
    RT_BRANCH = 16,
    RT_ABORTED = 32,
    RT_GROUPED = 64,
    RT_CLASS_SHIFT = 8
};

struct rt_task {
    rt_step_fn *step;             /* polls or drops the frame; the free list's link when free */
    struct rt_executor *executor; /* where it is queued when woken; constant */
    uint32_t state; /* the bits above; above those the slab's size class, or bits of a branch */
    union {
        uint32_t generation; /* counts the tasks that this block has held */
        uint32_t woken_next; /* of a branch: the next that its node will poll (branch.h) */
    };
    union {
        struct rt_wait *joiner; /* who awaits the result, or NULL */
        struct {
            uint32_t node; /* of a branch: how far before it its node lies */
            uint32_t next; /* and where the node's next branch is */
        };
    };
    RT_SEEN(struct rt_seen seen;) /* see inspect.h */
    _Alignas(8) char frame[];
};

_Static_assert(RT_INSPECT || sizeof(struct rt_task) <= 64, "the header fits one cache line");

/* The right to learn how a task ended. Joining or detaching uses it up; not doing either keeps the
 * task's block until the executor goes. Copying is moving: use one copy only. */
struct rt_handle {
    struct rt_task *task;
};

/* Where the result of a finished task lies. */
static inline int64_t *rt_task_result(struct rt_task *task)
{
    return (int64_t *)task->frame;
}

#endif
