/* SPDX-License-Identifier: MIT
 *
 * The blocking pool: jobs go out through base/pool and come back as posts.
 *
 * A job is one allocation: the pool's node, the post, and the copy of the arguments. It belongs to
 * the waiter until that is dropped, from then on to the post that will bring it back.
 *
 * The waiter's states, beside idle:
 *
 *   waiting      in the queue for room in the pool
 *   RT_GRANTED   told that there may be room
 *   RT_REFUSED   its job is out or back; `granted` holds it
 */
#include "blocking.h"

#include "inbox.h"

#include "base/pool.h"

#include <stdlib.h>
#include <string.h>

struct rt_blocking {
    struct tc_pool *pool;
    struct rt_executor *executor;
    struct rt_queue full; /* who waits for room */
};

struct job {
    struct tc_job job;
    struct rt_post post;
    struct rt_blocking *blocking;
    rt_blocking_fn *fn;
    struct rt_task *waiter; /* NULL once dropped; the executor's */
    bool back;              /* the executor's */
    int64_t result;
    void (*discard)(void *data, int64_t result); /* or NULL */
    _Alignas(16) char data[];
};

static struct rt_blocking *new_blocking(struct rt_executor *executor)
{
    struct rt_blocking *blocking = calloc(1, sizeof *blocking);
    if (!blocking)
        return NULL;
    struct tc_pool_config config = {
        .threads_max = (uint32_t)executor->config.blocking_threads,
        .queue_max = (uint32_t)executor->config.blocking_queue,
    };
    blocking->executor = executor;
    blocking->pool = tc_pool_new(&config);
    if (!blocking->pool) {
        int saved = errno;
        free(blocking);
        errno = saved;
        return NULL;
    }
    return blocking;
}

void rt__blocking_free(struct rt_executor *executor)
{
    if (!executor->blocking)
        return;
    tc_pool_free(executor->blocking->pool);
    rt__inbox_run(executor->inbox, executor); /* the jobs that nobody waits for any more */
    free(executor->blocking);
    executor->blocking = NULL;
}

/* -- on the executor's thread, for a job that is back -- */

/* A job that nobody waits for any more. */
static void discard(struct job *job, int64_t result)
{
    if (job->discard)
        job->discard(job->data, result);
    free(job);
}

static void come_back(struct rt_post *post, struct rt_executor *executor)
{
    struct job *job = TC_CONTAINER_OF(post, struct job, post);
    rt_inbox_close(executor);
    rt_queue_grant_one(&job->blocking->full, executor);
    job->back = true;
    if (job->waiter)
        rt_task_wake(job->waiter);
    else
        discard(job, job->result);
}

/* -- on a thread of the pool -- */

static void work(struct tc_job *pool_job)
{
    struct job *job = TC_CONTAINER_OF(pool_job, struct job, job);
    job->result = job->fn(job->data);
    rt_post(job->blocking->executor, &job->post);
}

/* -- the operation -- */

static struct job *new_job(struct rt_blocking *blocking, struct rt_task *waiter,
                           const struct rt_blocking_job *told)
{
    struct job *job = malloc(sizeof *job + told->head_size + told->body_size);
    if (!job)
        return NULL;
    *job = (struct job){
        .job.run = work,
        .post.run = come_back,
        .blocking = blocking,
        .fn = told->fn,
        .waiter = waiter,
        .discard = told->discard,
    };
    if (told->head_size)
        memcpy(job->data, told->head, told->head_size);
    if (told->in)
        memcpy(job->data + told->head_size, told->in, told->body_size);
    return job;
}

static struct job *job_of(const struct rt_wait *wait)
{
    return (struct job *)(uintptr_t)wait->granted;
}

/* Sends the job out, or waits for room behind those who do already. */
static rt_poll submit(struct rt_wait *wait, struct rt_cx *cx, const struct rt_blocking_job *told)
{
    struct rt_executor *executor = cx->executor;
    if (!executor->blocking && !(executor->blocking = new_blocking(executor)))
        return -errno;
    struct rt_blocking *blocking = executor->blocking;
    if (rt_wait_is_idle(wait) && blocking->full.first) {
        rt_queue_push(&blocking->full, wait, cx);
        return RT_PENDING;
    }
    struct job *job = new_job(blocking, cx->task, told);
    if (!job)
        return -ENOMEM;
    if (tc_pool_submit(blocking->pool, &job->job) < 0) {
        free(job);
        rt_queue_push(&blocking->full, wait, cx);
        return RT_PENDING;
    }
    rt_inbox_open(executor);
    RT_SEE(rt__see_promise(cx));
    wait->task = cx->task;
    wait->link.next = RT_REFUSED;
    wait->granted = (int64_t)(uintptr_t)job;
    return RT_PENDING;
}

rt_poll rt__blocking_job_poll(struct rt_wait *wait, struct rt_cx *cx,
                              const struct rt_blocking_job *told)
{
    if (rt_wait_is_waiting(wait))
        return RT_PENDING;
    if (rt_wait_is_idle(wait) || rt_wait_is_granted(wait))
        return submit(wait, cx, told);
    struct job *job = job_of(wait);
    if (!job->back)
        return RT_PENDING;
    int64_t result = job->result;
    size_t count = !told->counted ? told->body_size : result > 0 ? (size_t)result : 0;
    if (told->out && count)
        memcpy(told->out, job->data + told->head_size, count);
    free(job);
    return result;
}

rt_poll rt_blocking_poll(struct rt_wait *wait, struct rt_cx *cx, rt_blocking_fn *fn, void *data,
                         size_t size)
{
    struct rt_blocking_job told = {
        .fn = fn, .in = size ? data : NULL, .out = data, .body_size = size};
    return rt__blocking_job_poll(wait, cx, &told);
}

/* Gives up a job that is out: takes it back from the pool, or leaves it to come_back(). */
static void disown(struct job *job)
{
    struct rt_blocking *blocking = job->blocking;
    if (!job->back && !tc_pool_withdraw(blocking->pool, &job->job)) {
        job->waiter = NULL;
        return;
    }
    if (!job->back) {
        rt_inbox_close(blocking->executor);
        rt_queue_grant_one(&blocking->full, blocking->executor);
    }
    discard(job, job->back ? job->result : -ECANCELED);
}

void rt__blocking_job_drop(struct rt_wait *wait)
{
    if (wait->link.next == RT_REFUSED) {
        disown(job_of(wait));
    } else if (!rt_wait_is_idle(wait)) {
        struct rt_executor *executor = wait->task->executor;
        struct rt_queue *full = &executor->blocking->full;
        if (rt_wait_is_granted(wait))
            rt_queue_grant_one(full, executor);
        rt_queue_cancel(full, wait);
    }
    rt_wait_init(wait);
}

void rt_blocking_drop(struct rt_wait *wait, rt_blocking_fn *fn, void *data, size_t size)
{
    (void)fn, (void)data, (void)size;
    rt__blocking_job_drop(wait);
}
