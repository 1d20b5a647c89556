/* SPDX-License-Identifier: MIT
 *
 * Groups of threads that can't outlive the scope that started them, as rt/group.h. The members heed
 * one token, so that all are asked to stop by one call. A member's result is dropped but for the
 * first error, which the group keeps.
 *
 * Thread-safe but for init and destroy. The group must stay where it is until it is destroyed.
 */
#ifndef TB_GROUP_H
#define TB_GROUP_H

#include "tb/cond.h"
#include "tb/task.h"

struct tb_group {
    const struct tb_spawner *spawner;
    size_t limit;
    struct tb_cancel cancel;
    pthread_mutex_t mutex; /* guards what follows */
    struct tb_cond changed;
    size_t alive;
    int64_t error; /* the first negative result of a member, or 0 */
};

/* An empty group of threads with these attributes, at most `limit` at once; 0 for no limit. */
void tb_group_init(struct tb_group *group, const struct tb_spawner *spawner, size_t limit);

/* No member may be alive: wait or abort first. */
void tb_group_destroy(struct tb_group *group);

/* Starts a member. 0, -EAGAIN when the group or the machine is at its limit, -ECANCELED when it was
 * aborted, -ENOMEM. */
int tb_group_spawn(struct tb_group *group, tb_body_fn *body, const void *frame, size_t frame_size);

/* Asks all members, and those of later, to stop, and waits until none is alive. */
void tb_group_abort(struct tb_group *group);

/* 0 once fewer than the limit are alive. */
int64_t tb_group_room(struct tb_group *group);

/* The first error of a member, or 0, once none is alive; or a failure of the scope. */
int64_t tb_group_wait(struct tb_group *group);

#endif
