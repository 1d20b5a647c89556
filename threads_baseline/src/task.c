/* SPDX-License-Identifier: MIT
 *
 * Spawn and join over pthreads. The start block carries the frame in and the result out.
 */
#include "tb/task.h"

#include "base/status.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct tb_start {
    tb_body_fn *body;
    int64_t result;
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

static void *thread_main(void *argument)
{
    struct tb_start *start = argument;
    bool detached = start->detached; /* a joiner may free the block as soon as the thread ends */
    int64_t result = start->body(start->frame);
    if (detached)
        free(start);
    else
        start->result = result;
    return NULL;
}

int tb_spawn(const struct tb_spawner *spawner, tb_body_fn *body, const void *frame,
             size_t frame_size, struct tb_handle *handle)
{
    struct tb_start *start = malloc(sizeof *start + frame_size);
    if (!start)
        return -ENOMEM;
    start->body = body;
    start->detached = !handle;
    memcpy(start->frame, frame, frame_size);
    pthread_t thread;
    int err = pthread_create(&thread, handle ? &spawner->joinable : &spawner->detached, thread_main,
                             start);
    if (err) {
        free(start);
        return -err;
    }
    if (handle)
        *handle = (struct tb_handle){.thread = thread, .start = start};
    return 0;
}

int64_t tb_join(struct tb_handle handle)
{
    MUST(pthread_join(handle.thread, NULL) == 0);
    int64_t result = handle.start->result;
    free(handle.start);
    return result;
}

int64_t tb_yield(void)
{
    sched_yield();
    return 0;
}
