/* SPDX-License-Identifier: MIT
 *
 * A channel and tasks that use it, polled by hand: every order of wakes, polls and drops can be
 * played, also those that an executor would not produce.
 */
#ifndef CHAN_STAGE_H
#define CHAN_STAGE_H

#include "counting.h"

/* One operation of one task, polled when the test says so. */
struct party {
    struct rt_wait wait;
    struct rt_cx cx;
    struct probe probe;
    int64_t message; /* sent or received */
};

struct stage {
    struct rt_executor *executor;
    struct rt_chan *chan;
    struct party parties[12];
};

static inline void begin(struct stage *stage, uint32_t capacity)
{
    *stage = (struct stage){.executor = new_executor(), .chan = rt_chan_new(capacity)};
    assert_non_null(stage->chan);
    for (size_t i = 0; i < TC_COUNT_OF(stage->parties); i++) {
        struct party *party = &stage->parties[i];
        rt_wait_init(&party->wait);
        party->cx = cx_of(spawn_probe(stage->executor, &party->probe));
    }
    rt_run_ready(stage->executor);
}

static inline void end(struct stage *stage)
{
    rt_chan_free(stage->chan);
    rt_executor_free(stage->executor);
}

static inline rt_poll send_by(struct stage *stage, int who, int64_t message)
{
    struct party *party = &stage->parties[who];
    party->message = message;
    rt_poll result = rt_chan_send_poll(&party->wait, &party->cx, stage->chan, message);
    if (result != RT_PENDING)
        rt_wait_init(&party->wait);
    return result;
}

static inline rt_poll receive_by(struct stage *stage, int who)
{
    struct party *party = &stage->parties[who];
    rt_poll result = rt_chan_recv_poll(&party->wait, &party->cx, stage->chan, &party->message);
    if (result != RT_PENDING)
        rt_wait_init(&party->wait);
    return result;
}

static inline void drop_send(struct stage *stage, int who)
{
    struct party *party = &stage->parties[who];
    rt_chan_send_drop(&party->wait, stage->chan, party->message);
}

static inline void drop_receive(struct stage *stage, int who)
{
    struct party *party = &stage->parties[who];
    rt_chan_recv_drop(&party->wait, stage->chan, &party->message);
}

#endif
