/* SPDX-License-Identifier: MIT
 *
 * Task groups. Who waits for room and who waits for the end wait in one queue and are all woken
 * when what they wait for may have come: usually there is one of them.
 */
#include "rt/group.h"

#include "slab_walk.h"

void rt_group_init(struct rt_group *group, struct rt_executor *executor, size_t limit)
{
    *group = (struct rt_group){.executor = executor, .limit = limit ? limit : SIZE_MAX};
    list_init(&group->members);
}

/* The last bytes of the block: the frame lies at its start, as in every task. */
static struct rt_member *member_of(struct rt_task *task)
{
    size_t bytes = rt__slab_slot_size(task->state >> RT_CLASS_SHIFT);
    return (struct rt_member *)(void *)((char *)task + bytes - sizeof(struct rt_member));
}

static struct rt_task *task_of(struct list *link)
{
    return TC_CONTAINER_OF(link, struct rt_member, link)->task;
}

struct rt_task *rt__group_task(struct rt_group *group, rt_step_fn *step, size_t frame_size)
{
    if (group->alive >= group->limit) {
        errno = EAGAIN;
        return NULL;
    }
    struct rt_task *task =
        rt_task_new(group->executor, step, frame_size + sizeof(struct rt_member));
    if (!task)
        return NULL;
    struct rt_member *member = member_of(task);
    *member = (struct rt_member){.group = group, .task = task};
    list_push_tail(&group->members, &member->link);
    task->state |= RT_GROUPED;
    group->alive++;
    return task;
}

void rt__group_leave(struct rt_task *task, int64_t result)
{
    struct rt_member *member = member_of(task);
    struct rt_group *group = member->group;
    list_unlink(&member->link);
    group->alive--;
    if (result < 0 && result != -ECANCELED && group->error == 0)
        group->error = result;
    if (group->alive == 0 || group->alive + 1 == group->limit)
        rt_queue_wake_all(&group->waiters);
}

/* A member that is spawned by the clean-up of another is met too. One that is running, or that is
 * being dropped and does this in its clean-up, leaves later: it is put behind the others. */
void rt_group_abort(struct rt_group *group)
{
    size_t later = 0;
    while (group->alive > later) {
        struct rt_task *task = task_of(group->members.next);
        if (task == group->executor->current || (task->state & RT_DONE)) {
            struct list *link = group->members.next;
            list_unlink(link);
            list_push_tail(&group->members, link);
            later++;
        }
        rt__task_abort(task);
    }
}

/* Waits in the group's queue until `done`. A waiter that was woken in vain waits again. */
static rt_poll wait_until(struct rt_wait *wait, struct rt_cx *cx, struct rt_group *group, bool done)
{
    if (done) {
        rt_queue_cancel(&group->waiters, wait);
        return 0;
    }
    if (!rt_wait_is_waiting(wait))
        rt_queue_push(&group->waiters, wait, cx);
    return RT_PENDING;
}

rt_poll rt_group_room_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_group *group)
{
    return wait_until(wait, cx, group, group->alive < group->limit);
}

void rt_group_room_drop(struct rt_wait *wait, struct rt_group *group)
{
    rt_queue_cancel(&group->waiters, wait);
}

rt_poll rt_group_wait_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_group *group)
{
    rt_poll result = wait_until(wait, cx, group, group->alive == 0);
    return result == 0 ? group->error : result;
}

void rt_group_wait_drop(struct rt_wait *wait, struct rt_group *group)
{
    rt_queue_cancel(&group->waiters, wait);
}
