/* SPDX-License-Identifier: MIT
 *
 * One mutex guards everything but what a thread sleeps on, a word on its own stack. An idle thread
 * is handed its job directly; a busy one takes the next from the queue.
 *
 * Threads are joined, not detached, so that none outlives tc_pool_free(): each that ends leaves its
 * name to the next one to end, which joins it; the last is joined by tc_pool_free().
 *
 * There are no queues per thread and no stealing: a job that is worth a thread costs microseconds,
 * the mutex tens of nanoseconds.
 */
#include "base/pool.h"

#include "base/futex.h"
#include "base/list.h"
#include "base/status.h"

#include <pthread.h>
#include <stdlib.h>

enum { THREADS_MAX = 512, QUEUE_MAX = 1 << 16, STACK_BYTES = 256 << 10 };
#define KEEP_ALIVE_NS (10 * TC_NS_PER_S)

struct tc_pool {
    struct tc_pool_config config; /* constant, like the attributes */
    pthread_attr_t attributes;

    pthread_mutex_t mutex; /* guards all that follows */
    struct list idle;      /* threads, the one that went idle last at the tail */
    struct tc_job queue;   /* head of the ring of jobs that wait */
    uint32_t queued;
    uint32_t threads;  /* alive, those being made included */
    uint32_t starting; /* of these, those that have not looked at the queue yet */
    uint32_t idle_count, threads_peak;
    uint64_t refused;
    bool closing;
    bool has_ended; /* `ended` names a thread to be joined */
    pthread_t ended;
    pthread_cond_t room; /* for those who wait in tc_pool_submit_wait() */
    uint32_t wait_for_room;
    pthread_cond_t none_left;
};

/* A thread of the pool, on its own stack. */
struct worker {
    struct list link; /* in `idle` */
    struct tc_job *job;
    uint32_t woken; /* what it sleeps on: 1 once it was taken out of `idle` */
};

/* -- the queue -- */

static void queue_push(struct tc_pool *pool, struct tc_job *job)
{
    job->next = &pool->queue;
    job->prev = pool->queue.prev;
    job->prev->next = job;
    pool->queue.prev = job;
    pool->queued++;
}

static void queue_remove(struct tc_pool *pool, struct tc_job *job)
{
    job->prev->next = job->next;
    job->next->prev = job->prev;
    job->next = job->prev = NULL;
    pool->queued--;
}

static void announce_room(struct tc_pool *pool)
{
    if (pool->wait_for_room > 0)
        pthread_cond_signal(&pool->room);
}

/* -- a thread of the pool; the mutex is held but while it sleeps or works -- */

/* Takes a thread out of `idle`; whoever calls this wakes it. */
static uint32_t *take_idle(struct tc_pool *pool, struct worker *worker, struct tc_job *job)
{
    list_unlink(&worker->link);
    pool->idle_count--;
    worker->job = job;
    /* The mutex orders this for the thread; the kernel's own look at the word need not be. */
    __atomic_store_n(&worker->woken, 1, __ATOMIC_RELAXED);
    return &worker->woken;
}

static bool is_woken(struct worker *worker)
{
    return __atomic_load_n(&worker->woken, __ATOMIC_RELAXED) != 0;
}

/* Sleeps until there is a job for it: that job, or NULL when it is to end. */
static struct tc_job *wait_for_job(struct tc_pool *pool, struct worker *worker)
{
    uint64_t keep_ns = pool->config.keep_alive_ns;
    uint64_t deadline_ns = keep_ns == TC_NEVER ? TC_NEVER : tc_now_ns() + keep_ns;
    __atomic_store_n(&worker->woken, 0, __ATOMIC_RELAXED);
    list_push_tail(&pool->idle, &worker->link);
    pool->idle_count++;
    announce_room(pool);
    while (!is_woken(worker)) {
        pthread_mutex_unlock(&pool->mutex);
        int err = tc_futex_wait(&worker->woken, 0, deadline_ns);
        pthread_mutex_lock(&pool->mutex);
        if (err == -ETIMEDOUT && !is_woken(worker)) {
            if (pool->threads - pool->starting > 1) { /* one that is being made may be refused */
                take_idle(pool, worker, NULL);
                return NULL;
            }
            deadline_ns = TC_NEVER; /* the last one stays */
        }
    }
    return worker->job;
}

static struct tc_job *next_job(struct tc_pool *pool, struct worker *worker)
{
    struct tc_job *job = pool->queue.next;
    if (job != &pool->queue) {
        queue_remove(pool, job);
        announce_room(pool);
        return job;
    }
    return pool->closing ? NULL : wait_for_job(pool, worker);
}

/* Leaves with the mutex released. */
static void end_thread(struct tc_pool *pool)
{
    pthread_t before = pool->ended;
    bool has_before = pool->has_ended;
    pool->ended = pthread_self();
    pool->has_ended = true;
    pool->threads--;
    if (pool->threads == 0)
        pthread_cond_signal(&pool->none_left);
    pthread_mutex_unlock(&pool->mutex);
    if (has_before)
        MUST(pthread_join(before, NULL) == 0);
}

static void *thread_main(void *argument)
{
    struct tc_pool *pool = argument;
    struct worker worker;
    struct tc_job *job;
    pthread_mutex_lock(&pool->mutex);
    pool->starting--;
    while ((job = next_job(pool, &worker))) {
        pthread_mutex_unlock(&pool->mutex);
        job->run(job);
        pthread_mutex_lock(&pool->mutex);
    }
    end_thread(pool);
    return NULL;
}

/* Makes a thread, with the mutex released meanwhile. 0 or a negative errno value. */
static int add_thread(struct tc_pool *pool)
{
    pthread_t thread;
    pool->threads++;
    pool->starting++;
    pthread_mutex_unlock(&pool->mutex);
    int err = pthread_create(&thread, &pool->attributes, thread_main, pool);
    pthread_mutex_lock(&pool->mutex);
    if (err) {
        pool->threads--;
        pool->starting--;
        pool->refused++;
    } else if (pool->threads > pool->threads_peak) {
        pool->threads_peak = pool->threads;
    }
    return -err;
}

/* -- for the caller -- */

struct tc_pool *tc_pool_new(const struct tc_pool_config *config)
{
    struct tc_pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return NULL;
    struct tc_pool_config *own = &pool->config;
    *own = *config;
    own->threads_max = own->threads_max ? own->threads_max : THREADS_MAX;
    own->queue_max = own->queue_max ? own->queue_max : QUEUE_MAX;
    own->keep_alive_ns = own->keep_alive_ns ? own->keep_alive_ns : KEEP_ALIVE_NS;
    own->stack_bytes = own->stack_bytes ? own->stack_bytes : STACK_BYTES;
    MUST(pthread_attr_init(&pool->attributes) == 0);
    MUST(pthread_mutex_init(&pool->mutex, NULL) == 0);
    MUST(pthread_cond_init(&pool->room, NULL) == 0);
    MUST(pthread_cond_init(&pool->none_left, NULL) == 0);
    list_init(&pool->idle);
    pool->queue.next = pool->queue.prev = &pool->queue;
    int err = -pthread_attr_setstacksize(&pool->attributes, own->stack_bytes);
    pthread_mutex_lock(&pool->mutex);
    if (!err)
        err = add_thread(pool);
    pthread_mutex_unlock(&pool->mutex);
    if (!err)
        return pool;
    tc_pool_free(pool);
    errno = -err;
    return NULL;
}

static void wake_all_idle(struct tc_pool *pool)
{
    while (!list_empty(&pool->idle)) {
        struct worker *worker = TC_CONTAINER_OF(pool->idle.prev, struct worker, link);
        tc_futex_wake(take_idle(pool, worker, NULL), 1);
    }
}

void tc_pool_free(struct tc_pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->mutex);
    pool->closing = true;
    wake_all_idle(pool);
    while (pool->threads > 0)
        pthread_cond_wait(&pool->none_left, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
    if (pool->has_ended)
        MUST(pthread_join(pool->ended, NULL) == 0);
    pthread_cond_destroy(&pool->none_left);
    pthread_cond_destroy(&pool->room);
    pthread_mutex_destroy(&pool->mutex);
    pthread_attr_destroy(&pool->attributes);
    free(pool);
}

/* Hands the job to an idle thread, to one that is on its way or to the queue, making a thread
 * first where that helps. 0 with *wake to be woken once the mutex is released, or -EAGAIN. The
 * mutex may have been released meanwhile, so that each round looks at everything anew. */
static int place(struct tc_pool *pool, struct tc_job *job, uint32_t **wake)
{
    bool may_add = true;
    *wake = NULL;
    job->next = job->prev = NULL;
    while (list_empty(&pool->idle) && pool->queued >= pool->starting && may_add &&
           pool->threads < pool->config.threads_max)
        may_add = add_thread(pool) == 0;
    if (!list_empty(&pool->idle)) {
        struct worker *latest = TC_CONTAINER_OF(pool->idle.prev, struct worker, link);
        *wake = take_idle(pool, latest, job);
        return 0;
    }
    if (pool->queued >= (uint64_t)pool->config.queue_max + pool->starting)
        return -EAGAIN;
    queue_push(pool, job);
    return 0;
}

/* The thread is woken after the mutex is released, so that it does not run into it; its word may
 * be gone by then, see base/futex.h. */
static int release_and_wake(struct tc_pool *pool, uint32_t *wake, int result)
{
    pthread_mutex_unlock(&pool->mutex);
    if (wake)
        tc_futex_wake(wake, 1);
    return result;
}

int tc_pool_submit(struct tc_pool *pool, struct tc_job *job)
{
    uint32_t *wake;
    pthread_mutex_lock(&pool->mutex);
    int result = place(pool, job, &wake);
    return release_and_wake(pool, wake, result);
}

void tc_pool_submit_wait(struct tc_pool *pool, struct tc_job *job)
{
    uint32_t *wake;
    pthread_mutex_lock(&pool->mutex);
    while (place(pool, job, &wake) < 0) {
        pool->wait_for_room++;
        pthread_cond_wait(&pool->room, &pool->mutex);
        pool->wait_for_room--;
    }
    release_and_wake(pool, wake, 0);
}

bool tc_pool_withdraw(struct tc_pool *pool, struct tc_job *job)
{
    pthread_mutex_lock(&pool->mutex);
    bool queued = job->next != NULL;
    if (queued) {
        queue_remove(pool, job);
        announce_room(pool);
    }
    pthread_mutex_unlock(&pool->mutex);
    return queued;
}

size_t tc_pool_stack_bytes(const struct tc_pool *pool)
{
    return pool->config.stack_bytes;
}

struct tc_pool_stats tc_pool_stats(struct tc_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    struct tc_pool_stats stats = {.threads = pool->threads,
                                  .threads_peak = pool->threads_peak,
                                  .idle = pool->idle_count,
                                  .queued = pool->queued,
                                  .refused = pool->refused};
    pthread_mutex_unlock(&pool->mutex);
    return stats;
}
