/* SPDX-License-Identifier: MIT
 *
 * Branches: several async functions awaited at once in one task, with nothing allocated.
 *
 *     struct page {
 *         RT_FRAME;
 *         int id;
 *         struct rt_node node;
 *         RT_CHILD(load_user) user;           // room for the functions' frames, behind the node
 *         RT_CHILD(load_orders) orders;
 *     };
 *     ...
 *         RT_ARM(&self->node, &self->user, load_user, {.id = self->id});
 *         RT_ARM(&self->node, &self->orders, load_orders, {.id = self->id});
 *         RT_AWAIT(rt_node_join, &self->node);
 *         show(self->user.result, self->orders.result);
 *
 * A node is the inner node of a tree of futures, its task being the root. What becomes of its
 * branches is said by the operation that awaits it: join.h and select.h. An operation becomes a
 * function that can be a branch through RT_FUTURE() (future.h).
 *
 * A branch looks to its future like a task: a header of the same layout, then the frame, and it is
 * what the future's waiters name. A wake for it puts it into its node's list of woken branches and
 * wakes what the node lies in, a task or again a branch; the node then polls those of the list and
 * no others, each once, in the order of their wakes. So a wake costs the same however many branches
 * there are, and a branch that is always ready does not keep the task from letting others run.
 *
 * Branches find each other and their node by distances from the node, which must lie before them
 * within 32 GiB: both are members of one frame, or of one block.
 *
 * What is armed is awaited next: a function must not end between the two, or the branches are never
 * dropped. Belongs to one executor's thread.
 */
#ifndef RT_BRANCH_H
#define RT_BRANCH_H

#include "rt/executor.h"

/* Room for a branch that runs the async function `name`. After the await, `result` is what it
 * returned, or -ECANCELED if it was dropped; the frame's members but the first 8 bytes are left as
 * they were. */
#define RT_CHILD(name)                                   \
    struct {                                             \
        _Alignas(8) char branch[sizeof(struct rt_task)]; \
        union {                                          \
            struct name frame;                           \
            int64_t result;                              \
        };                                               \
    }

/* Adds a branch to the node: `child`, an RT_CHILD(name), with its frame filled in. Nothing runs
 * before the await. O(1). */
#define RT_ARM(node, child, name, ...)                                                  \
    do {                                                                                \
        _Static_assert(offsetof(__typeof__(*(child)), frame) == sizeof(struct rt_task), \
                       "a branch's frame lies right behind its header");                \
        (child)->frame = (struct name)__VA_ARGS__;                                      \
        rt__branch_start((node), (struct rt_task *)(void *)(child)->branch, name);      \
    } while (0)

/* Whether this child ended the last await of the node: won a select, or failed a try_join. */
#define RT_WON(node, child) rt__node_won((node), (struct rt_task *)(void *)(child)->branch)

/* -- for the operations -- */

/* What ends an await of a node before all branches have ended. */
enum rt__until { RT__UNTIL_ALL, RT__UNTIL_FAILURE, RT__UNTIL_FIRST };

void rt__branch_start(struct rt_node *node, struct rt_task *branch, rt_step_fn *step);
bool rt__node_won(const struct rt_node *node, const struct rt_task *branch);

/* Polls the woken branches, once each. RT_PENDING; else the branches that have not ended have been
 * dropped and the result is 0, or that of the branch that ended the await. O(woken), and what the
 * branches do. */
rt_poll rt__node_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_node *node,
                      enum rt__until until);

/* Drops the branches that have not ended, in the order of arming. The node is empty afterwards. */
void rt__node_drop(struct rt_node *node);

/* The node's first branch, or the one armed after `branch`; NULL at the end. */
struct rt_task *rt__node_next(struct rt_node *node, const struct rt_task *branch);

/* The task that a branch belongs to. The branch, and those around it, are polled whenever that task
 * is from now on. For wakers; during the branch's poll only. */
struct rt_task *rt__branch_expose(struct rt_task *branch);

/* The task itself that a task or branch belongs to; for a branch whose node has been polled. */
struct rt_task *rt_task_root(struct rt_task *task);

#endif
