/* SPDX-License-Identifier: MIT
 *
 * What a wake needs to know of branches (branch.h): the node they hang on, and its list of those
 * that have been woken. A wake is inlined wherever something is granted, and a call in it, though
 * never made for a task, would cost every poll the saving of registers (11 instructions a hop).
 */
#ifndef RT_NODE_H
#define RT_NODE_H

#include "rt/task.h"

/* A node, empty when zero, and again after each await. 32 bytes. All but `parent` are distances of
 * branches, in words of 8 bytes; 0 is none. */
struct rt_node {
    struct rt_task *parent; /* the task or branch that polls it; NULL: wakes stop here */
    uint32_t first, last;   /* its branches, in the order of arming */
    uint32_t woken, woken_last;
    uint32_t left;   /* branches that have not ended (a count) */
    uint32_t winner; /* which ended the last await; see RT_WON() */
};

/* Bits of a branch's state, in the place of a task's size class. */
enum {
    RT__LISTED = 1 << RT_CLASS_SHIFT,  /* in the list of woken branches */
    RT__EXPOSED = 2 << RT_CLASS_SHIFT, /* has given out a waker: polled whenever the task is */
};

enum { RT__NODE_WORD = 8 };

static inline struct rt_task *rt__node_branch(struct rt_node *node, uint32_t distance)
{
    return (struct rt_task *)(void *)((char *)node + (size_t)distance * RT__NODE_WORD);
}

static inline struct rt_node *rt__node_of(struct rt_task *branch)
{
    return (struct rt_node *)(void *)((char *)branch - (size_t)branch->node * RT__NODE_WORD);
}

/* Appends a branch to its node's list of woken branches, once. */
static inline void rt__node_list(struct rt_node *node, struct rt_task *branch)
{
    if (branch->state & RT__LISTED)
        return;
    branch->state |= RT__LISTED;
    branch->woken_next = 0;
    if (node->woken)
        rt__node_branch(node, node->woken_last)->woken_next = branch->node;
    else
        node->woken = branch->node;
    node->woken_last = branch->node;
}

/* A wake for a branch that has not been woken yet; the next to wake, or NULL. */
static inline struct rt_task *rt__branch_wake(struct rt_task *branch)
{
    struct rt_node *node = rt__node_of(branch);
    branch->state |= RT_QUEUED;
    rt__node_list(node, branch);
    return node->parent;
}

#endif
