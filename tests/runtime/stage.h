/* SPDX-License-Identifier: MIT
 *
 * Tasks to wait on behalf of, and operations polled for them by hand: every order of wakes, polls
 * and drops can be played, also those that an executor would not produce. (chan_stage.h is the same
 * for more tasks and a channel.)
 */
#ifndef STAGE_H
#define STAGE_H

#include "counting.h"

enum { WAITERS = 4 };

/* Tasks to wait on behalf of; their own polls count the wakes. */
struct stage {
    struct rt_executor *executor;
    struct probe probes[WAITERS];
    struct rt_cx cx[WAITERS];
    struct rt_wait waits[WAITERS];
};

static inline void begin(struct stage *stage)
{
    *stage = (struct stage){.executor = new_executor()};
    for (int i = 0; i < WAITERS; i++) {
        struct rt_handle handle = spawn_probe(stage->executor, &stage->probes[i]);
        stage->cx[i] = cx_of(handle);
        rt_wait_init(&stage->waits[i]);
    }
    rt_run_ready(stage->executor);
}

static inline void end(struct stage *stage)
{
    rt_executor_free(stage->executor);
}

/* Runs what was woken and asserts that it was exactly the tasks of `mask`, once each. */
static inline void assert_woken(struct stage *stage, unsigned mask)
{
    int before[WAITERS];
    for (int i = 0; i < WAITERS; i++)
        before[i] = stage->probes[i].polls;
    rt_run_ready(stage->executor);
    for (int i = 0; i < WAITERS; i++)
        assert_int_equal(stage->probes[i].polls - before[i], mask >> i & 1);
}

/* Polls an operation for a task; a finished one may begin again. */
#define POLL(stage, who, operation, ...)                                                           \
    ({                                                                                             \
        rt_poll polled = operation##_poll(&(stage)->waits[who], &(stage)->cx[who], ##__VA_ARGS__); \
        if (polled != RT_PENDING)                                                                  \
            rt_wait_init(&(stage)->waits[who]);                                                    \
        polled;                                                                                    \
    })
#define DROP(stage, who, operation, ...) operation##_drop(&(stage)->waits[who], ##__VA_ARGS__)

#endif
