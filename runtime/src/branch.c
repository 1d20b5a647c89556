/* SPDX-License-Identifier: MIT
 *
 * Nodes and their branches (see rt/branch.h).
 *
 * A poll takes the list of woken branches away and goes through it. What is woken meanwhile, a
 * branch that yields for one, begins a new list and wakes the parent again. A branch that has given
 * out a waker goes into the new list at once and silently: the waker knows only the task.
 *
 * While branches are dropped the node has no parent, so that what they wake, each other for one,
 * does not reach the task.
 */
#include "rt/branch.h"

#include "rt/async.h"
#include "rt/select.h"

void rt__branch_start(struct rt_node *node, struct rt_task *branch, rt_step_fn *step)
{
    size_t distance = ((uintptr_t)branch - (uintptr_t)node) / RT__NODE_WORD;
    MUST(distance > 0 && distance <= UINT32_MAX);
    RT_SEE(branch->seen = (struct rt_seen){0});
    branch->step = step;
    branch->state = RT_BRANCH | RT_QUEUED;
    branch->node = (uint32_t)distance;
    branch->next = 0;
    if (node->first)
        rt__node_branch(node, node->last)->next = branch->node;
    else
        node->first = branch->node;
    node->last = branch->node;
    node->left++;
    rt__node_list(node, branch);
}

struct rt_task *rt__branch_expose(struct rt_task *branch)
{
    while (branch->state & RT_BRANCH) {
        branch->state |= RT__EXPOSED;
        branch = rt__node_of(branch)->parent;
    }
    return branch;
}

struct rt_task *rt_task_root(struct rt_task *task)
{
    while (task->state & RT_BRANCH)
        task = rt__node_of(task)->parent;
    return task;
}

bool rt__node_won(const struct rt_node *node, const struct rt_task *branch)
{
    return node->winner &&
           (const char *)node + (size_t)node->winner * RT__NODE_WORD == (const char *)branch;
}

void rt_node_start_with(struct rt_node *node, uint64_t start)
{
    uint32_t turns = node->left ? (uint32_t)(start % node->left) : 0;
    for (; turns > 0; turns--) {
        struct rt_task *first = rt__node_branch(node, node->woken);
        node->woken = first->woken_next;
        first->woken_next = 0;
        rt__node_branch(node, node->woken_last)->woken_next = first->node;
        node->woken_last = first->node;
    }
}

struct rt_task *rt__node_next(struct rt_node *node, const struct rt_task *branch)
{
    uint32_t next = branch ? branch->next : node->first;
    return next ? rt__node_branch(node, next) : NULL;
}

static void end_branch(struct rt_task *branch, int64_t result)
{
    branch->state |= RT_DONE;
    *rt_task_result(branch) = result;
}

void rt__node_drop(struct rt_node *node)
{
    struct rt_task *branch;
    node->parent = NULL;
    for (uint32_t at = node->left ? node->first : 0; at; at = branch->next) {
        branch = rt__node_branch(node, at);
        if (branch->state & RT_DONE)
            continue;
        branch->step(branch->frame, NULL);
        end_branch(branch, -ECANCELED);
    }
    node->first = node->woken = node->left = 0;
}

/* Polls one branch: its result, or RT_PENDING. */
static rt_poll poll_branch(struct rt_node *node, struct rt_task *branch, struct rt_cx *cx)
{
    branch->executor = cx->executor;
    cx->task = branch;
    rt_poll result = branch->step(branch->frame, cx);
    if (result == RT_PENDING) {
        if (TC_UNLIKELY(branch->state & RT__EXPOSED))
            rt__node_list(node, branch);
        return RT_PENDING;
    }
    end_branch(branch, result);
    node->left--;
    return result;
}

/* Whether a branch's result ends the await of its node. */
static bool decides(enum rt__until until, rt_poll result)
{
    return until == RT__UNTIL_FIRST || (until == RT__UNTIL_FAILURE && result < 0);
}

/* Polls those that have been woken: the result that ends the await, or RT_PENDING. */
static rt_poll poll_woken(struct rt_node *node, struct rt_cx *cx, enum rt__until until)
{
    uint32_t at = node->woken;
    node->woken = 0;
    while (at) {
        struct rt_task *branch = rt__node_branch(node, at);
        at = branch->woken_next;
        branch->state &= ~(uint32_t)(RT_QUEUED | RT__LISTED);
        if (branch->state & RT_DONE) /* woken by its own last poll */
            continue;
        rt_poll result = poll_branch(node, branch, cx);
        if (result != RT_PENDING && decides(until, result)) {
            node->winner = branch->node;
            return result;
        }
    }
    return node->left ? RT_PENDING : 0;
}

/* The first poll of an await. */
static rt_poll begin(struct rt_wait *wait, struct rt_node *node, enum rt__until until)
{
    wait->link.next = RT_GRANTED;
    node->winner = 0;
    return until == RT__UNTIL_FIRST && !node->left ? -ENOENT : RT_PENDING;
}

rt_poll rt__node_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_node *node,
                      enum rt__until until)
{
    static const char *const names[] = {"rt_node_join", "rt_node_try_join", "rt_node_select"};
    struct rt_task *parent = node->parent = cx->task;
    rt_poll result = RT_PENDING;
    if (rt_wait_is_idle(wait))
        result = begin(wait, node, until);
    else if (!rt_wait_is_granted(wait))
        rt__polled_after_end(names[until]);
    if (result == RT_PENDING)
        result = poll_woken(node, cx, until);
    cx->task = parent;
    if (result == RT_PENDING)
        return RT_PENDING;
    wait->link.next = RT_REFUSED; /* ended */
    rt__node_drop(node);
    return result;
}
