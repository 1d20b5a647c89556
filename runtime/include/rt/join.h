/* SPDX-License-Identifier: MIT
 *
 * Waiting for all branches of a node (see branch.h), whose number is fixed, or known only when
 * the program runs; those of a collection take one allocation:
 *
 *         int err = RT_BRANCHES_NEW(&self->pages, count, fetch);
 *         if (err)
 *             RT_RETURN(err);
 *         for (size_t i = 0; i < count; i++)
 *             RT_ARM_AT(&self->pages, i, fetch, {.url = urls[i]});
 *         RT_AWAIT_INTO(self->failure, rt_node_try_join, self->pages.node);
 *         ... rt_branches_result(&self->pages, i) ...
 *         RT_END_FINALLY(0, { rt_branches_free(&self->pages); });
 *
 * To join *tasks* is rt_join (executor.h).
 */
#ifndef RT_JOIN_H
#define RT_JOIN_H

#include "rt/branch.h"

/* Awaitable: 0 once all branches have ended, whatever their results; at once when there are none.
 * Dropping it drops those that have not ended. O(woken) a poll. */
static inline rt_poll rt_node_join_poll(struct rt_wait *wait, struct rt_cx *cx,
                                        struct rt_node *node)
{
    return rt__node_poll(wait, cx, node, RT__UNTIL_ALL);
}

static inline void rt_node_join_drop(struct rt_wait *wait, struct rt_node *node)
{
    (void)wait;
    rt__node_drop(node);
}

/* Awaitable: 0 once all branches have ended with a result that is not negative; else the first
 * negative result, the branches that had not ended by then having been dropped. */
static inline rt_poll rt_node_try_join_poll(struct rt_wait *wait, struct rt_cx *cx,
                                            struct rt_node *node)
{
    return rt__node_poll(wait, cx, node, RT__UNTIL_FAILURE);
}

static inline void rt_node_try_join_drop(struct rt_wait *wait, struct rt_node *node)
{
    (void)wait;
    rt__node_drop(node);
}

/* -- collections -- */

/* A node and branches of one async function, in one block. Empty when zero. */
struct rt_branches {
    struct rt_node *node;
    size_t count, stride_bytes;
};

/* Makes room for `count` branches that run `name`; 0, or -ENOMEM with nothing taken. Those that are
 * to run are armed with RT_ARM_AT(), once each. Free with rt_branches_free(). */
#define RT_BRANCHES_NEW(branches, count, name) \
    rt__branches_new((branches), (count), sizeof(struct name), _Alignof(struct name))

/* RT_ARM() for the branch of that index, less than the count. */
#define RT_ARM_AT(branches, index, name, ...)                                 \
    do {                                                                      \
        struct rt_branches *rt__branches = (branches);                        \
        struct rt_task *rt__branch = rt__branches_at(rt__branches, (index));  \
        *(struct name *)(void *)rt__branch->frame = (struct name)__VA_ARGS__; \
        rt__branch_start(rt__branches->node, rt__branch, name);               \
    } while (0)

/* What a branch that was armed has returned, or -ECANCELED if it was dropped; after the await. */
int64_t rt_branches_result(const struct rt_branches *branches, size_t index);

/* Frees the block, having dropped what was armed and not awaited; it is empty afterwards. To be
 * called in any state, also twice. */
void rt_branches_free(struct rt_branches *branches);

int rt__branches_new(struct rt_branches *branches, size_t count, size_t frame_bytes,
                     size_t alignment);
struct rt_task *rt__branches_at(const struct rt_branches *branches, size_t index);

#endif
