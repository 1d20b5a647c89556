/* SPDX-License-Identifier: MIT
 *
 * One value goes round a ring of N tasks, the driver among them, joined by one-slot channels; each
 * adds one. A sample is a number of laps, an operation one hop.
 */
#include "model.h"

#include <stdlib.h>

#ifdef MODEL_FLOOR

/* An indirect call a hop over the same memory as in the async model: what is called at the head of
 * a frame, what the body works on in its fields 64 bytes further (header, waiter and resume point
 * lie between), and a slot in a cache line of its own where a channel would be. */
struct slot {
    _Alignas(64) int64_t value;
};

struct frame {
    bool (*step)(struct frame *frame);
    char between[56];
    struct slot *in, *out;
    int64_t value;
};

static bool step(struct frame *frame)
{
    frame->value = frame->in->value;
    if (frame->value < 0)
        return false;
    frame->out->value = frame->value + 1;
    return true;
}

static void run(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round), laps, lap_sum = 0;
    struct slot *slots = wl_alloc(round, tasks, sizeof *slots);
    struct frame *frames = wl_alloc(round, tasks, sizeof *frames),
                 **ring = wl_alloc(round, tasks, sizeof *ring);
    for (uint64_t i = 0; i < tasks; i++) {
        ring[i] = &frames[i];
        frames[i] = (struct frame){.step = step, .in = &slots[i], .out = &slots[(i + 1) % tasks]};
    }
    slots[0].value = 0;
    while ((laps = wl_next_sample(round)) > 0) {
        uint64_t start_ns = tc_now_ns();
        for (uint64_t lap = 0; lap < laps; lap++)
            for (uint64_t i = 0; i < tasks; i++)
                MUST(ring[i]->step(ring[i]));
        wl_record(round, tc_now_ns() - start_ns, laps * tasks);
        lap_sum += laps;
        WL_EXPECT(round, slots[0].value, lap_sum * tasks);
    }
    free(slots);
    free(frames);
    free(ring);
}

#else

TASK(relay, {
    chan_t in;
    chan_t out;
    int64_t value;
})
{
    TASK_BEGIN;
    for (;;) {
        AWAIT(chan_recv(self->in, &self->value));
        if (self->value < 0)
            break;
        AWAIT(chan_send(self->out, self->value + 1));
    }
    AWAIT(chan_send(self->out, self->value));
    TASK_END;
}

TASK(driver, {
    struct wl_round *round;
    chan_t *ring;
    handle_t *handles;
    uint64_t tasks;
    uint64_t i;
    uint64_t laps;
    uint64_t lap;
    uint64_t start_ns;
    int64_t value;
})
{
    TASK_BEGIN;
    for (uint64_t i = 1; i < self->tasks; i++)
        WL_TRY(self->round,
               SPAWN(relay, &self->handles[i], {.in = self->ring[i - 1], .out = self->ring[i]}), i);
    while ((self->laps = wl_next_sample(self->round)) > 0) {
        self->start_ns = tc_now_ns();
        for (self->lap = 0; self->lap < self->laps; self->lap++) {
            AWAIT(chan_send(self->ring[0], (int64_t)self->lap));
            AWAIT(chan_recv(self->ring[self->tasks - 1], &self->value));
            WL_EXPECT(self->round, self->value, self->lap + self->tasks - 1);
        }
        wl_record(self->round, tc_now_ns() - self->start_ns, self->laps * self->tasks);
    }
    /* A negative value ends each relay on its way round. */
    AWAIT(chan_send(self->ring[0], -1));
    AWAIT(chan_recv(self->ring[self->tasks - 1], &self->value));
    for (self->i = 1; self->i < self->tasks; self->i++)
        AWAIT(task_join(self->handles[self->i]));
    TASK_END;
}

static void run(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round);
    chan_t *ring = wl_alloc(round, tasks, sizeof *ring);
    handle_t *handles = wl_alloc(round, tasks, sizeof *handles);
    for (uint64_t i = 0; i < tasks; i++)
        if (!(ring[i] = chan_new(1)))
            wl_fail(round, -ENOMEM, "chan_new", i);
    WL_TRY(round,
           RUN(round, driver, {.round = round, .ring = ring, .handles = handles, .tasks = tasks}),
           0);
    for (uint64_t i = 0; i < tasks; i++)
        chan_free(ring[i]);
    free(handles);
    free(ring);
}

#endif

const struct workload switch_channel = {
    .name = "switch-channel",
    .question = "what does it cost to pass a value to another task in memory?",
    .metrics = {{.name = "switch", .unit = "ns"}},
    .sweeps = {{"quick", "", "one-core", "2,500", ""},
               {"quick", "async,threads", "free", "500", ""},
               {"quick", "async,floor", "one-core", "10000,100000", ""},
               {"quick", "threads", "one-core", "5000", ""},
               {"default", "threads", "one-core", "2,500", "policy=batch"},
               {"default", "", "one-core", "10,100,1000,5000", ""},
               {"default", "async,threads", "all", "2,500", ""},
               {"default", "threads", "one-core", "10000", ""},
               {"full", "async,floor", "one-core", "1000000", ""},
               {"full", "threads", "one-core", "20000", ""},
               {"full", "threads", "one-core", "10,100,1000,5000", "policy=batch"},
               {"full", "async,threads", "free", "2,10,100,500,1000,5000,10000", ""}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 2,
    .tasks_default = 500,
    .run = run,
};
