/* SPDX-License-Identifier: MIT
 *
 * N tasks wait for an event. What the machine gave for them, all kinds counted, over N. A counter
 * proves that all were alive at once when the memory was read.
 */
#include "model.h"

#include <stdlib.h>
#include <string.h>

#ifdef MODEL_FLOOR

enum { CACHE_LINE = 64 };

/* The touched frame alone: a cache line each. */
static void run(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round);
    wl_memory_before(round);
    char *frames = malloc(tasks * CACHE_LINE);
    if (!frames)
        wl_fail(round, -ENOMEM, "malloc", tasks);
    memset(frames, 1, tasks * CACHE_LINE);
    __asm__ volatile("" : : "r"(frames) : "memory");
    wl_memory_after(round);
    wl_record_extra(round, "tasks_alive", (double)tasks);
    free(frames);
}

#else

struct shared {
    event_t release;
    latch_t waiting, done;
};

TASK(idle, { struct shared *shared; })
{
    TASK_BEGIN;
    latch_arrive(&self->shared->waiting);
    AWAIT(event_wait(&self->shared->release));
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
    wl_memory_before(self->round);
    for (self->alive = 0; self->alive < wl_tasks(self->round); self->alive++)
        WL_TRY(self->round, SPAWN(idle, NULL, {.shared = self->shared}), self->alive);
    AWAIT(latch_wait(&self->shared->waiting));
    /* The last to arrive still has a step to go to its wait. */
    self->deadline_ns = tc_now_ns() + 20 * TC_NS_PER_MS;
    AWAIT(sleep_until(&self->timer, self->deadline_ns));
    wl_memory_after(self->round);
    wl_record_extra(self->round, "tasks_alive", (double)self->alive);
    event_set(&self->shared->release);
    AWAIT(latch_wait(&self->shared->done));
    TASK_END;
}

static void run(struct wl_round *round)
{
    static struct shared shared; /* outlives the last thread's last step */
    event_init(&shared.release);
    latch_init(&shared.waiting, wl_tasks(round));
    latch_init(&shared.done, wl_tasks(round));
    WL_TRY(round, RUN(round, driver, {.round = round, .shared = &shared}), 0);
}

#endif

const struct workload memory_idle = {
    .name = "memory-idle",
    .question = "how much memory does a task take that waits for an event?",
    .metrics = {{.name = "memory_total", .unit = "B"},
                {.name = "memory_resident", .unit = "B"},
                {.name = "memory_page_tables", .unit = "B"},
                {.name = "memory_kernel_stack", .unit = "B"},
                {.name = "memory_slab", .unit = "B"},
                {.name = "memory_free_drop", .unit = "B"},
                {.name = "tasks_alive", .unit = "count"}},
    .sweeps = {{"quick", "async,floor", "free", "100000,1000000", ""},
               {"quick", "threads", "free", "1000", "stack=default|64KiB"},
               {"default", "threads", "free", "1000,5000,10000", "stack=default|1MiB|64KiB"},
               {"full", "async,floor", "free", "10000000", ""},
               {"full", "threads", "free", "30000,40000", "stack=64KiB"}},
    .tasks_min = 1,
    .tasks_default = 1000,
    .run = run,
};
