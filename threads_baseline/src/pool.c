/* SPDX-License-Identifier: MIT
 *
 * A task is one allocation, the pool's job with the frame behind it. Its end is one word, on which
 * the joiner sleeps.
 */
#include "tb/pool.h"

#include "base/futex.h"
#include "base/status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { RUNNING = 0, JOINER_SLEEPS = 1, ENDED = 2 };

struct tb_pool_task {
    struct tc_job job;
    struct tc_pool *pool;
    tb_body_fn *body;
    int64_t result;
    uint32_t progress; /* atomic */
    bool detached;
    _Alignas(16) char frame[];
};

static _Thread_local bool is_pool_thread;

static void run_task(struct tc_job *job)
{
    struct tb_pool_task *task = TC_CONTAINER_OF(job, struct tb_pool_task, job);
    bool was_pool_thread = is_pool_thread;
    is_pool_thread = true;
    int64_t result = task->body(task->frame);
    is_pool_thread = was_pool_thread;
    if (task->detached) {
        free(task);
        return;
    }
    task->result = result;
    /* Release: the joiner sees the result. It may free the task at once; waking is harmless then.
     */
    if (__atomic_exchange_n(&task->progress, ENDED, __ATOMIC_RELEASE) == JOINER_SLEEPS)
        tc_futex_wake(&task->progress, 1);
}

int tb_pool_spawn(struct tc_pool *pool, tb_body_fn *body, const void *frame, size_t frame_size,
                  struct tb_pool_handle *handle)
{
    struct tb_pool_task *task = malloc(sizeof *task + frame_size);
    if (!task)
        return -ENOMEM;
    *task =
        (struct tb_pool_task){.job.run = run_task, .pool = pool, .body = body, .detached = !handle};
    memcpy(task->frame, frame, frame_size);
    if (handle)
        handle->task = task;
    if (!is_pool_thread)
        tc_pool_submit_wait(pool, &task->job);
    else if (tc_pool_submit(pool, &task->job) < 0)
        run_task(&task->job);
    return 0;
}

static bool has_ended(const struct tb_pool_task *task)
{
    return __atomic_load_n(&task->progress, __ATOMIC_ACQUIRE) == ENDED;
}

int64_t tb_pool_join(struct tb_pool_handle handle)
{
    struct tb_pool_task *task = handle.task;
    if (is_pool_thread && !has_ended(task) && tc_pool_withdraw(task->pool, &task->job))
        run_task(&task->job);
    uint32_t running = RUNNING;
    __atomic_compare_exchange_n(&task->progress, &running, JOINER_SLEEPS, false, __ATOMIC_RELAXED,
                                __ATOMIC_RELAXED);
    while (!has_ended(task))
        tc_futex_wait(&task->progress, JOINER_SLEEPS, TC_NEVER);
    int64_t result = task->result;
    free(task);
    return result;
}
