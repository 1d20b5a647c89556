/* SPDX-License-Identifier: MIT
 *
 * Posts: how other threads reach an executor.
 *
 * A post is a function that the executor's thread runs between two polls. What it does there (send
 * a message, set an event, wake a task) needs no locks. Everything else of an executor belongs to
 * its thread alone.
 *
 * One atomic word holds both what was posted and whether the executor sleeps (runtime-notes 5.7): a
 * chain of posts, nothing, or PARKED. Who replaces PARKED wakes the executor, and nobody else does:
 * no wake-up is lost and none is sent twice, and there is no pair of locations to get in the wrong
 * order.
 */
#ifndef RT_POST_H
#define RT_POST_H

#include "rt/executor.h"

/* The poster's memory until `run` is called, which may free it or post it again. */
struct rt_post {
    struct rt_post *next;
    void (*run)(struct rt_post *post, struct rt_executor *executor);
};

/* Hands a post over. Posts of one thread run in the order in which they were made. From any thread,
 * while the inbox is open. One compare-and-swap; a system call only when the executor sleeps. */
void rt_post(struct rt_executor *executor, struct rt_post *post);

/* Opens the inbox: from now on other threads may post, and an executor that has nothing else to do
 * sleeps until they do instead of reporting a deadlock. Calls nest. On the executor's thread. */
void rt_inbox_open(struct rt_executor *executor);

/* Undoes one rt_inbox_open(). The threads that relied on it must not be inside rt_post() any more
 * before the executor may be freed; what they have posted is still run. On the executor's thread.
 */
void rt_inbox_close(struct rt_executor *executor);

#endif
