/* SPDX-License-Identifier: MIT
 *
 * Task groups: tasks that can't outlive the scope that started them (structured concurrency; Martin
 * Sustrik, "Structured Concurrency", 2016).
 *
 *     struct server { RT_FRAME; struct rt_group clients; ... };
 *     ...
 *         rt_group_init(&self->clients, rt__cx->executor, 1000);
 *         for (;;) {
 *             RT_TRY(rt_group_room, &self->clients);               // at most 1000 at once
 *             RT_TRY(rt_accept, self->listener, &self->accepted);
 *             RT_SPAWN_INTO(&self->clients, client, {.io = self->accepted});
 *         }
 *         RT_END_FINALLY(0, { rt_group_abort(&self->clients); });
 *
 * The members are on a list that goes through the ends of their blocks, so joining and leaving are
 * O(1) and allocate nothing. A member's result is dropped but for the first error, which the group
 * keeps. Belongs to one executor's thread.
 */
#ifndef RT_GROUP_H
#define RT_GROUP_H

#include "rt/async.h"

#include "base/list.h"

struct rt_group {
    struct list members;
    struct rt_executor *executor;
    struct rt_queue waiters; /* for room, or for the end */
    size_t alive, limit;
    int64_t error; /* the first negative result of a member, or 0 */
};

/* What a task has at the end of its block when it is a member. */
struct rt_member {
    struct list link;
    struct rt_group *group;
    struct rt_task *task; /* whose block it is */
};

/* An empty group whose members run on `executor`, at most `limit` at once; 0 for no limit. */
void rt_group_init(struct rt_group *group, struct rt_executor *executor, size_t limit);

/* Aborts all members: their clean-ups have run when it returns. To be called before the group's
 * memory goes, on every way out; harmless when no member is left. A member that aborts its own
 * group goes on to its next await first, and so must not own the group's memory. O(members). */
void rt_group_abort(struct rt_group *group);

/* Awaitable: 0 once fewer than the limit are alive. Until the next await a spawn finds the room. */
rt_poll rt_group_room_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_group *group);
void rt_group_room_drop(struct rt_wait *wait, struct rt_group *group);

/* Awaitable: the first error of a member, or 0, once none is alive. */
rt_poll rt_group_wait_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_group *group);
void rt_group_wait_drop(struct rt_wait *wait, struct rt_group *group);

/* Spawns the async function `name` as a member, as RT_SPAWN() does. 0, -ENOMEM, or -EAGAIN when the
 * group or the executor is at its limit; then the frame was not filled in. */
#define RT_SPAWN_INTO(group, name, ...)                                                \
    ({                                                                                 \
        struct rt_task *rt__task = rt__group_task((group), name, sizeof(struct name)); \
        if (TC_LIKELY(rt__task)) {                                                     \
            RT_SEE(rt__see_name(rt__task, RT__SITE(#name)));                           \
            *(struct name *)(void *)rt__task->frame = (struct name)__VA_ARGS__;        \
            rt_task_start_detached(rt__task);                                          \
        }                                                                              \
        rt__task ? 0 : -errno;                                                         \
    })

/* A block for a new member, to be filled in and started. NULL with errno. */
struct rt_task *rt__group_task(struct rt_group *group, rt_step_fn *step, size_t frame_size);

/* A member has ended. Called by the executor. */
void rt__group_leave(struct rt_task *task, int64_t result);

#endif
