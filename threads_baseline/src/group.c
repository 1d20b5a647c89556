/* SPDX-License-Identifier: MIT
 *
 * Groups: detached threads that sign off under the group's mutex, waking whoever waits while they
 * still hold it, because the group may be gone once it is released.
 */
#include "tb/group.h"

#include "base/status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What a member's thread is given: a pointer to this, which it frees. */
struct member {
    struct tb_group *group;
    tb_body_fn *body;
    _Alignas(16) char frame[];
};

void tb_group_init(struct tb_group *group, const struct tb_spawner *spawner, size_t limit)
{
    *group = (struct tb_group){.spawner = spawner, .limit = limit};
    tb_cancel_init(&group->cancel);
    MUST(pthread_mutex_init(&group->mutex, NULL) == 0);
    tb_cond_init(&group->changed);
}

void tb_group_destroy(struct tb_group *group)
{
    pthread_mutex_lock(&group->mutex); /* the last member may still be on its way out of it */
    MUST(group->alive == 0);
    pthread_mutex_unlock(&group->mutex);
    tb_cond_destroy(&group->changed);
    pthread_mutex_destroy(&group->mutex);
    tb_cancel_destroy(&group->cancel);
}

static void leave(struct tb_group *group, int64_t result)
{
    pthread_mutex_lock(&group->mutex);
    group->alive--;
    if (result < 0 && group->error == 0)
        group->error = result;
    tb_cond_wake_all(&group->changed, tb_cond_due(&group->changed));
    pthread_mutex_unlock(&group->mutex);
}

static int64_t member_body(void *frame)
{
    struct member *member = *(struct member **)frame;
    struct tb_group *group = member->group;
    int64_t result = member->body(member->frame);
    free(member);
    leave(group, result);
    return 0;
}

/* Counts one more: 0, or why there can't be. */
static int enter(struct tb_group *group)
{
    int err = 0;
    pthread_mutex_lock(&group->mutex);
    if (__atomic_load_n(&group->cancel.requested, __ATOMIC_RELAXED))
        err = -ECANCELED;
    else if (group->limit > 0 && group->alive >= group->limit)
        err = -EAGAIN;
    else
        group->alive++;
    pthread_mutex_unlock(&group->mutex);
    return err;
}

int tb_group_spawn(struct tb_group *group, tb_body_fn *body, const void *frame, size_t frame_size)
{
    int err = enter(group);
    if (err)
        return err;
    struct member *member = malloc(sizeof *member + frame_size);
    if (member) {
        member->group = group;
        member->body = body;
        memcpy(member->frame, frame, frame_size);
        err = tb_spawn_cancellable(group->spawner, &group->cancel, member_body, &member,
                                   sizeof member, NULL);
    } else {
        err = -ENOMEM;
    }
    if (err) {
        free(member);
        leave(group, 0);
    }
    return err;
}

/* Waits until at most so many are alive. */
static int wait_for_at_most(struct tb_group *group, size_t alive)
{
    int err = 0;
    pthread_mutex_lock(&group->mutex);
    while (group->alive > alive && !err)
        err = tb_cond_wait(&group->changed, &group->mutex);
    if (group->alive <= alive)
        err = 0;
    pthread_mutex_unlock(&group->mutex);
    return err;
}

int64_t tb_group_room(struct tb_group *group)
{
    return group->limit == 0 ? 0 : wait_for_at_most(group, group->limit - 1);
}

int64_t tb_group_wait(struct tb_group *group)
{
    int err = wait_for_at_most(group, 0);
    return err ? err : group->error;
}

void tb_group_abort(struct tb_group *group)
{
    /* Not even the caller's own scope may leave a member behind. */
    struct tb_scope outer = tb_scope;
    tb_scope = (struct tb_scope){.deadline_ns = TC_NEVER};
    pthread_mutex_lock(&group->mutex); /* who comes later finds it requested */
    tb_cancel_request(&group->cancel);
    pthread_mutex_unlock(&group->mutex);
    wait_for_at_most(group, 0);
    tb_scope_leave(outer);
}
