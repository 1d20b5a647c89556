/* SPDX-License-Identifier: MIT
 *
 * A bounded, elastic pool of threads for jobs that block or compute.
 *
 * Threads are made when a job finds none idle, up to a cap; beyond it jobs wait in a queue that is
 * bounded too and pushes back. The thread that went idle last is woken first, so that its caches
 * and stack are warm and those that are not needed stay idle until their keep-alive ends them. One
 * thread is made with the pool and stays, so that a job that was accepted always has a thread to
 * run it: when the system refuses further ones, the pool works on with those it has.
 *
 * Jobs are the caller's memory and nothing is allocated for one. They run in the order in which
 * they were submitted, at least as far as starting goes. All calls are thread-safe but
 * tc_pool_free().
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One job, embedded in whatever it needs. Only `run` is the caller's to set. The pool does not
 * touch a job after it has called `run`, which may therefore free it or submit it again. */
struct tc_job {
    struct tc_job *next, *prev; /* NULL unless it waits in the queue */
    void (*run)(struct tc_job *job);
};

/* Zero takes the default. */
struct tc_pool_config {
    uint32_t threads_max;   /* the cap; 512 */
    uint32_t queue_max;     /* jobs that may wait for a thread; 65,536 */
    uint64_t keep_alive_ns; /* how long an idle thread stays, TC_NEVER for good; 10 s */
    size_t stack_bytes;     /* of each thread; 256 KiB */
};

struct tc_pool_stats {
    uint32_t threads, threads_peak; /* alive, and the most there were at once */
    uint32_t idle;                  /* of those alive */
    uint32_t queued;                /* jobs that wait for a thread */
    uint64_t refused;               /* how often the system refused a thread */
};

struct tc_pool;

/* A pool with one thread, or NULL with errno: EINVAL for a stack below PTHREAD_STACK_MIN, EAGAIN
 * when the first thread was refused, ENOMEM. */
struct tc_pool *tc_pool_new(const struct tc_pool_config *config);

/* Runs what is still queued, waits for every thread to end and frees the pool. Nobody may use it
 * any more, nor may a job submit to it from now on. NULL is ignored. */
void tc_pool_free(struct tc_pool *pool);

/* Hands a job over. 0, or -EAGAIN when all threads are busy and the queue is full. O(1), and the
 * making of a thread when one is made. */
int tc_pool_submit(struct tc_pool *pool, struct tc_job *job);

/* The same, but waits for room. Not from a job: all threads might come to wait for each other. */
void tc_pool_submit_wait(struct tc_pool *pool, struct tc_job *job);

/* Takes a submitted job back: true when it had not started and now will not. The job must still be
 * there: whoever frees jobs in `run` can't withdraw them. O(1). */
bool tc_pool_withdraw(struct tc_pool *pool, struct tc_job *job);

/* Of each of its threads. */
size_t tc_pool_stack_bytes(const struct tc_pool *pool);

/* A snapshot. */
struct tc_pool_stats tc_pool_stats(struct tc_pool *pool);

#endif
