/* SPDX-License-Identifier: MIT
 *
 * Tasks as operating system threads.
 *
 * Spawning copies the frame into one allocation, which the new thread reads. glibc keeps the stacks
 * of ended threads for reuse, up to 40 MiB in all: five of 8 MiB, 40 of 1 MiB, 640 of 64 KiB;
 * further ones are mapped anew. Thread attributes are made once and not once a thread.
 */
#ifndef TB_TASK_H
#define TB_TASK_H

#include "tb/config.h"
#include "tb/scope.h"

#include <pthread.h>
#include <stdint.h>

/* The body of a thread: works on its frame and returns its result. */
typedef int64_t tb_body_fn(void *frame);

/* Thread attributes, joinable and detached, for one configuration. */
struct tb_spawner {
    pthread_attr_t joinable, detached;
};

/* The right to learn how a thread ended; must be joined. */
struct tb_handle {
    pthread_t thread;
    struct tb_start *start;
};

/* 0, or -EINVAL when the stack size is below PTHREAD_STACK_MIN. */
int tb_spawner_init(struct tb_spawner *spawner, const struct tb_config *config);
void tb_spawner_destroy(struct tb_spawner *spawner);

/* Puts the calling thread, and those it spawns from now on, under SCHED_BATCH: a thread that is
 * woken then waits until its waker blocks instead of preempting it, which saves the waker a switch
 * back just to block. 0 or a negative errno value. */
int tb_policy_batch(void);

/* Gives the process a futex hash of so many slots (a power of two, at least 2). Since Linux 6.16 a
 * process with threads has one of its own, with 16 slots on a small machine, in whose lists the
 * wakes of thousands of sleeping threads look for theirs. 0, -EINVAL, or -ENOSYS before 6.16. */
int tb_futex_hash(uint32_t slots);

/* Starts a thread over a copy of the frame. 0 with *handle, -EAGAIN when a limit on threads was met
 * (whichever: glibc does not say), -ENOMEM. A NULL handle starts it detached. Thread-safe. */
int tb_spawn(const struct tb_spawner *spawner, tb_body_fn *body, const void *frame,
             size_t frame_size, struct tb_handle *handle);

/* The same for a thread that can be asked to stop: it runs in the scope of `cancel`, which must
 * outlive it; or, when that is NULL, of a token of its own, for tb_abort(). Only such a thread pays
 * for it, when it waits. */
int tb_spawn_cancellable(const struct tb_spawner *spawner, struct tb_cancel *cancel,
                         tb_body_fn *body, const void *frame, size_t frame_size,
                         struct tb_handle *handle);

/* Asks a thread that has a token of its own to stop: what it waits for ends with -ECANCELED, which
 * it is to pass on as its result. True if it had not ended and was not asked before. The handle
 * stays, to be joined. Thread-safe while nobody joins. */
bool tb_abort(struct tb_handle handle);

/* Waits for the thread and returns its result. Once a handle; within a scope (tb/scope.h) that ends
 * the waiting -ETIMEDOUT or -ECANCELED, with the handle still to be joined: tell it from a thread's
 * own result by its still being tb_is_running(). */
int64_t tb_join(struct tb_handle handle);

/* Whether the thread has not ended its body. Not after joining it. */
bool tb_is_running(struct tb_handle handle);

/* Offers the CPU to other ready threads: sched_yield(2). Always 0. */
int64_t tb_yield(void);

#endif
