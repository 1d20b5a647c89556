/* SPDX-License-Identifier: MIT
 *
 * Waiting for the first of a node's branches (see branch.h) to end; the others are dropped, and
 * lose nothing that was on its way to them.
 *
 *         if (self->may_receive)                                              // a guard
 *             RT_ARM(&self->node, &self->message, receive, {.chan = self->in});
 *         RT_ARM(&self->node, &self->tick, pause, {.until_ns = self->next_ns});
 *         rt_node_start_with(&self->node, tc_rng_next(&self->rng));           // else: in order
 *         RT_AWAIT_INTO(self->result, rt_node_select, &self->node);
 *         if (RT_WON(&self->node, &self->message))
 *             ...
 *         else if (RT_WON(&self->node, &self->tick))
 *             ...
 *         else                                                                // no arm was open
 *             ...
 *
 * An arm whose guard is false is an arm that is not armed. Branches are first polled in the order
 * of arming, later in the order of their wakes; the first that ends wins, and those after it are
 * not polled any more.
 */
#ifndef RT_SELECT_H
#define RT_SELECT_H

#include "rt/branch.h"

/* Awaitable: the result of the first branch that ends, or at once -ENOENT, with no winner, when
 * there is none. Dropping it drops all branches. O(woken) a poll, O(branches) at the end. */
static inline rt_poll rt_node_select_poll(struct rt_wait *wait, struct rt_cx *cx,
                                          struct rt_node *node)
{
    return rt__node_poll(wait, cx, node, RT__UNTIL_FIRST);
}

static inline void rt_node_select_drop(struct rt_wait *wait, struct rt_node *node)
{
    (void)wait;
    rt__node_drop(node);
}

/* Has the first poll begin with the branch of the number `start`, modulo their count, and go round
 * from there. With random numbers no arm that is always ready can keep the others from winning.
 * Between arming and awaiting. O(branches). */
void rt_node_start_with(struct rt_node *node, uint64_t start);

#endif
