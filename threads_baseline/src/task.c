/* SPDX-License-Identifier: MIT
 *
 * Spawn and join over pthreads. The start block carries the frame in and the result out.
 */
#include "tb/task.h"

#include "base/futex.h"
#include "base/status.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

/* Of <linux/prctl.h>, which has them since Linux 6.16. */
enum { TB_PR_FUTEX_HASH = 78, TB_PR_FUTEX_HASH_SET_SLOTS = 1, TB_PR_FUTEX_HASH_GET_SLOTS = 2 };

/* What a joiner sleeps on: 0 while the thread runs, JOINER_SLEEPS so that it wakes somebody. */
enum { JOINER_SLEEPS = 1, ENDED = 2 };

struct tb_start {
    tb_body_fn *body;
    int64_t result;
    struct tb_cancel *cancel; /* whose requests it heeds, or NULL */
    struct tb_cancel own;     /* initialised where `cancel` is this one */
    uint32_t progress;        /* atomic */
    bool detached;
    _Alignas(16) char frame[];
};

int tb_spawner_init(struct tb_spawner *spawner, const struct tb_config *config)
{
    MUST(pthread_attr_init(&spawner->joinable) == 0);
    MUST(pthread_attr_init(&spawner->detached) == 0);
    MUST(pthread_attr_setdetachstate(&spawner->detached, PTHREAD_CREATE_DETACHED) == 0);
    if (config->stack_bytes == 0)
        return 0;
    int err = pthread_attr_setstacksize(&spawner->joinable, config->stack_bytes);
    if (!err)
        err = pthread_attr_setstacksize(&spawner->detached, config->stack_bytes);
    if (err)
        tb_spawner_destroy(spawner);
    return -err;
}

void tb_spawner_destroy(struct tb_spawner *spawner)
{
    pthread_attr_destroy(&spawner->joinable);
    pthread_attr_destroy(&spawner->detached);
}

int tb_policy_batch(void)
{
    struct sched_param none = {0};
    return sched_setscheduler(0, SCHED_BATCH, &none) < 0 ? -errno : 0;
}

int tb_futex_hash(uint32_t slots)
{
    if (prctl(TB_PR_FUTEX_HASH, TB_PR_FUTEX_HASH_GET_SLOTS, 0, 0, 0) < 0)
        return -ENOSYS; /* it says EINVAL, as to anything that it does not know */
    if (prctl(TB_PR_FUTEX_HASH, TB_PR_FUTEX_HASH_SET_SLOTS, slots, 0, 0) < 0)
        return -errno;
    return 0;
}

static void *thread_main(void *argument)
{
    struct tb_start *start = argument;
    bool detached = start->detached; /* a joiner may free the block as soon as the thread ends */
    tb_scope.cancel = start->cancel;
    int64_t result = start->body(start->frame);
    if (detached) {
        free(start);
        return NULL;
    }
    start->result = result;
    /* Release: a joiner that finds the thread ended, or is woken by it, sees the result. */
    if (__atomic_exchange_n(&start->progress, ENDED, __ATOMIC_RELEASE) == JOINER_SLEEPS)
        tc_futex_wake(&start->progress, INT_MAX);
    return NULL;
}

static struct tb_start *new_start(tb_body_fn *body, const void *frame, size_t frame_size)
{
    struct tb_start *start = malloc(sizeof *start + frame_size);
    if (!start)
        return NULL;
    start->body = body;
    start->cancel = NULL;
    start->progress = 0;
    memcpy(start->frame, frame, frame_size);
    return start;
}

static void free_start(struct tb_start *start)
{
    if (start->cancel == &start->own)
        tb_cancel_destroy(&start->own);
    free(start);
}

/* Takes the block over. */
static int launch(const struct tb_spawner *spawner, struct tb_start *start,
                  struct tb_handle *handle)
{
    pthread_t thread;
    start->detached = !handle;
    int err = pthread_create(&thread, handle ? &spawner->joinable : &spawner->detached, thread_main,
                             start);
    if (err) {
        free_start(start);
        return -err;
    }
    if (handle)
        *handle = (struct tb_handle){.thread = thread, .start = start};
    return 0;
}

int tb_spawn(const struct tb_spawner *spawner, tb_body_fn *body, const void *frame,
             size_t frame_size, struct tb_handle *handle)
{
    struct tb_start *start = new_start(body, frame, frame_size);
    return start ? launch(spawner, start, handle) : -ENOMEM;
}

int tb_spawn_cancellable(const struct tb_spawner *spawner, struct tb_cancel *cancel,
                         tb_body_fn *body, const void *frame, size_t frame_size,
                         struct tb_handle *handle)
{
    MUST(cancel || handle); /* or nobody could ask it */
    struct tb_start *start = new_start(body, frame, frame_size);
    if (!start)
        return -ENOMEM;
    start->cancel = cancel ? cancel : &start->own;
    if (!cancel)
        tb_cancel_init(&start->own);
    return launch(spawner, start, handle);
}

bool tb_is_running(struct tb_handle handle)
{
    return __atomic_load_n(&handle.start->progress, __ATOMIC_ACQUIRE) != ENDED;
}

bool tb_abort(struct tb_handle handle)
{
    struct tb_start *start = handle.start;
    return start->cancel == &start->own && tb_is_running(handle) && tb_cancel_request(&start->own);
}

/* pthread_join() heeds no scope: until the thread is about to end, sleep on its progress. */
static int wait_in_scope(struct tb_handle handle)
{
    uint32_t running = 0;
    __atomic_compare_exchange_n(&handle.start->progress, &running, JOINER_SLEEPS, false,
                                __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    while (tb_is_running(handle)) {
        int err = tb_park(&handle.start->progress, JOINER_SLEEPS);
        if (err && tb_is_running(handle))
            return err;
    }
    return 0;
}

int64_t tb_join(struct tb_handle handle)
{
    int err = tb_scope_is_open() ? 0 : wait_in_scope(handle);
    if (err)
        return err;
    MUST(pthread_join(handle.thread, NULL) == 0);
    int64_t result = handle.start->result;
    free_start(handle.start);
    return result;
}

int64_t tb_yield(void)
{
    sched_yield();
    return 0;
}
