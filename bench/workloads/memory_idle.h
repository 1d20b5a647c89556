/* SPDX-License-Identifier: MIT
 *
 * N tasks wait for an event, each with a part of its stack, or a block of its own, written. A
 * counter proves that all were alive at once when the memory was read. Shared by memory-idle, whose
 * tasks hold nothing, and memory-frame.
 */
#ifndef MEMORY_IDLE_H
#define MEMORY_IDLE_H

#include "memory.h"

#ifdef MODEL_FLOOR

/* The touched frame alone: a cache line each, and what it holds. */
static void memory_idle_run(struct wl_round *round, size_t held_bytes)
{
    memory_floor(round, CACHE_LINE + held_bytes);
}

#else

struct shared {
    struct wl_round *round;
    size_t held_bytes;
    event_t release;
    latch_t waiting, done;
};

TASK(idle, {
    struct shared *shared;
    void *held;
})
{
    TASK_BEGIN;
    if (self->shared->held_bytes > 0) {
        self->held = HOLD(self->shared->held_bytes);
        if (!self->held)
            wl_fail(self->shared->round, -ENOMEM, "HOLD", 0);
    }
    latch_arrive(&self->shared->waiting);
    AWAIT(event_wait(&self->shared->release));
    RELEASE(self->held);
    latch_arrive(&self->shared->done);
    TASK_END;
}

TASK(driver, {
    struct wl_round *round;
    struct shared *shared;
    sleep_timer_t timer;
    uint64_t deadline_ns;
    uint64_t alive;
})
{
    TASK_BEGIN;
    if (!CAN_HOLD(self->shared->held_bytes))
        wl_skip(self->round, "a stack of that size has no room for %zu bytes more",
                self->shared->held_bytes);
    wl_memory_before(self->round);
    for (self->alive = 0; self->alive < wl_tasks(self->round); self->alive++)
        WL_TRY(self->round, SPAWN(idle, NULL, {.shared = self->shared}), self->alive);
    AWAIT(latch_wait(&self->shared->waiting));
    self->deadline_ns = memory_settled_ns(self->round);
    AWAIT(sleep_until(&self->timer, self->deadline_ns));
    wl_memory_after(self->round);
    wl_record_extra(self->round, "tasks_alive", (double)self->alive);
    event_set(&self->shared->release);
    AWAIT(latch_wait(&self->shared->done));
    TASK_END;
}

static void memory_idle_run(struct wl_round *round, size_t held_bytes)
{
    static struct shared shared; /* outlives the last thread's last step */
    shared.round = round;
    shared.held_bytes = held_bytes;
    event_init(&shared.release);
    latch_init(&shared.waiting, wl_tasks(round));
    latch_init(&shared.done, wl_tasks(round));
    WL_TRY(round, RUN(round, driver, {.round = round, .shared = &shared}), 0);
}

#endif
#endif
