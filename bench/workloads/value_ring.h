/* SPDX-License-Identifier: MIT
 *
 * Values go round a ring of N tasks, the driver among them, joined by one-slot channels; each task
 * does something to what it passes on. Shared by switch-channel and work, which differ in what that
 * is, and say so before they include this:
 *
 *     struct hop                                         what a hop needs to know
 *     int64_t hop_apply(const struct hop *, int64_t)     a value after one hop, never negative
 *     int64_t hop_lap(const struct hop *, int64_t)       and after a whole lap
 *     void hop_record(round, const struct hop *, elapsed_ns, hops)    ends a sample
 *
 * Several values may be on their way at once; the driver knows in which order they come back and
 * what each has become. A sample is a number of laps of them all, an operation one hop.
 */
#ifndef VALUE_RING_H
#define VALUE_RING_H

#include "model.h"

#include <stdlib.h>

#ifdef MODEL_FLOOR

/* An indirect call a hop over the same memory as in the async model: what is called at the head of
 * a frame, what the body works on in its fields 64 bytes further (header, waiter and resume point
 * lie between), and a slot in a cache line of its own where a channel would be. The values go round
 * one after another: all of them take as many calls whatever their order. */
struct slot {
    _Alignas(64) int64_t value;
};

struct frame {
    bool (*step)(struct frame *frame);
    char between[56];
    struct slot *in, *out;
    const struct hop *hop;
    int64_t value;
};

static bool step(struct frame *frame)
{
    frame->value = frame->in->value;
    if (frame->value < 0)
        return false;
    frame->out->value = hop_apply(frame->hop, frame->value);
    return true;
}

static void value_ring_run(struct wl_round *round, const struct hop *hop, uint64_t tokens)
{
    uint64_t tasks = wl_tasks(round), laps;
    int64_t expected = 0;
    struct slot *slots = wl_alloc(round, tasks, sizeof *slots);
    struct frame *frames = wl_alloc(round, tasks, sizeof *frames),
                 **ring = wl_alloc(round, tasks, sizeof *ring);
    for (uint64_t i = 0; i < tasks; i++) {
        ring[i] = &frames[i];
        frames[i] = (struct frame){
            .step = step, .hop = hop, .in = &slots[i], .out = &slots[(i + 1) % tasks]};
    }
    while ((laps = wl_next_sample(round)) > 0) {
        uint64_t start_ns = tc_now_ns();
        for (uint64_t lap = 0; lap < laps * tokens; lap++) {
            for (uint64_t i = 0; i < tasks; i++)
                MUST(ring[i]->step(ring[i]));
            expected = hop_lap(hop, expected);
            WL_EXPECT(round, slots[0].value, expected);
        }
        hop_record(round, hop, tc_now_ns() - start_ns, laps * tokens * tasks);
    }
    free(slots);
    free(frames);
    free(ring);
}

#else

enum { STOP = -1 };

TASK(relay, {
    chan_t in;
    chan_t out;
    const struct hop *hop;
    int64_t value;
})
{
    TASK_BEGIN;
    for (;;) {
        AWAIT(chan_recv(self->in, &self->value));
        if (self->value < 0)
            break;
        self->value = hop_apply(self->hop, self->value);
        AWAIT(chan_send(self->out, self->value));
    }
    AWAIT(chan_send(self->out, self->value));
    TASK_END;
}

TASK(driver, {
    struct wl_round *round;
    const struct hop *hop;
    chan_t *ring;
    handle_t *handles;
    int64_t *values; /* as the driver last saw each */
    uint64_t tokens;
    uint64_t tasks;
    uint64_t i;
    uint64_t to_come; /* how often a value has yet to come back in this sample */
    uint64_t laps;
    uint64_t start_ns;
    int64_t value;
})
{
    TASK_BEGIN;
    for (uint64_t i = 1; i < self->tasks; i++)
        WL_TRY(self->round,
               SPAWN(relay, &self->handles[i],
                     {.in = self->ring[i - 1], .out = self->ring[i], .hop = self->hop}),
               i);
    for (uint64_t i = 0; i < self->tokens; i++)
        self->values[i] = (int64_t)i;
    while ((self->laps = wl_next_sample(self->round)) > 0) {
        self->start_ns = tc_now_ns();
        for (self->i = 0; self->i < self->tokens; self->i++) {
            self->value = hop_apply(self->hop, self->values[self->i]);
            AWAIT(chan_send(self->ring[0], self->value));
        }
        self->i = 0;
        for (self->to_come = self->laps * self->tokens; self->to_come > 0; self->to_come--) {
            AWAIT(chan_recv(self->ring[self->tasks - 1], &self->value));
            WL_EXPECT(self->round, self->value, hop_lap(self->hop, self->values[self->i]));
            self->values[self->i] = self->value;
            self->i = self->i + 1 < self->tokens ? self->i + 1 : 0;
            if (self->to_come > self->tokens) {
                self->value = hop_apply(self->hop, self->value);
                AWAIT(chan_send(self->ring[0], self->value));
            }
        }
        hop_record(self->round, self->hop, tc_now_ns() - self->start_ns,
                   self->laps * self->tokens * self->tasks);
    }
    /* It ends each relay on its way round. */
    AWAIT(chan_send(self->ring[0], STOP));
    AWAIT(chan_recv(self->ring[self->tasks - 1], &self->value));
    for (self->i = 1; self->i < self->tasks; self->i++)
        AWAIT(task_join(self->handles[self->i]));
    TASK_END;
}

static void value_ring_run(struct wl_round *round, const struct hop *hop, uint64_t tokens)
{
    uint64_t tasks = wl_tasks(round);
    chan_t *ring = wl_alloc(round, tasks, sizeof *ring);
    handle_t *handles = wl_alloc(round, tasks, sizeof *handles);
    int64_t *values = wl_alloc(round, tokens, sizeof *values);
    for (uint64_t i = 0; i < tasks; i++)
        if (!(ring[i] = chan_new(1)))
            wl_fail(round, -ENOMEM, "chan_new", i);
    WL_TRY(round,
           RUN(round, driver,
               {.round = round,
                .hop = hop,
                .ring = ring,
                .handles = handles,
                .values = values,
                .tokens = tokens,
                .tasks = tasks}),
           0);
    for (uint64_t i = 0; i < tasks; i++)
        chan_free(ring[i]);
    free(values);
    free(handles);
    free(ring);
}

#endif
#endif
