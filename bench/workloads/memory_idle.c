/* SPDX-License-Identifier: MIT
 *
 * N tasks wait for an event, each with a part of its stack or frame written. What the machine gave
 * for them, all kinds counted, over N. A counter proves that all were alive at once when the memory
 * was read. Over eight numbers of tasks it gives a slope, which is free of what the process needs
 * but once.
 */
#include "model.h"

#include "base/parse.h"

#include <stdlib.h>
#include <string.h>

static size_t touched_bytes(struct wl_round *round)
{
    uint64_t bytes = 0;
    struct tc_error err;
    if (strcmp(wl_param(round, "touched"), "default") != 0 &&
        tc_parse_bytes(wl_param(round, "touched"), "touched", UINT64_C(1) << 30, &bytes, &err) < 0)
        wl_wrong(round, "%s", err.text);
    return (size_t)bytes;
}

#ifdef MODEL_FLOOR

enum { CACHE_LINE = 64 };

/* The touched frame alone: a cache line each, and what it is asked to touch. */
static void run(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round);
    size_t bytes = tasks * (CACHE_LINE + touched_bytes(round));
    wl_memory_before(round);
    char *frames = malloc(bytes);
    if (!frames)
        wl_fail(round, -ENOMEM, "malloc", tasks);
    memset(frames, 1, bytes);
    __asm__ volatile("" : : "r"(frames) : "memory");
    wl_memory_after(round);
    wl_record_extra(round, "tasks_alive", (double)tasks);
    free(frames);
}

#else

struct shared {
    struct wl_round *round;
    size_t touched;
    event_t release;
    latch_t waiting, done;
};

TASK(idle, {
    struct shared *shared;
    void *held;
})
{
    TASK_BEGIN;
    if (self->shared->touched > 0) {
        self->held = HOLD(self->shared->touched);
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
    if (!CAN_HOLD(self->shared->touched))
        wl_skip(self->round, "a stack of that size has no room for %s more",
                wl_param(self->round, "touched"));
    wl_memory_before(self->round);
    for (self->alive = 0; self->alive < wl_tasks(self->round); self->alive++)
        WL_TRY(self->round, SPAWN(idle, NULL, {.shared = self->shared}), self->alive);
    AWAIT(latch_wait(&self->shared->waiting));
    /* The last to arrive still has a step to go to its wait; and whoever reads /proc beside us asks
     * for more time. */
    self->deadline_ns = tc_now_ns() + 20 * TC_NS_PER_MS + wl_time_ns(self->round) / 20;
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
    shared.round = round;
    shared.touched = touched_bytes(round);
    event_init(&shared.release);
    latch_init(&shared.waiting, wl_tasks(round));
    latch_init(&shared.done, wl_tasks(round));
    WL_TRY(round, RUN(round, driver, {.round = round, .shared = &shared}), 0);
}

#endif

/* What is read for the whole machine is narrowed by the slope over many cells, not by more rounds
 * of one. */
const struct workload memory_idle = {
    .name = "memory-idle",
    .question = "how much memory does a task take that waits for an event?",
    .metrics = {{.name = "memory_total", .unit = "B", .beside = true},
                {.name = "memory_resident", .unit = "B"},
                {.name = "memory_page_tables", .unit = "B", .beside = true},
                {.name = "memory_kernel_stack", .unit = "B", .beside = true},
                {.name = "memory_slab", .unit = "B", .beside = true},
                {.name = "memory_kernel_other", .unit = "B", .beside = true},
                {.name = "memory_huge_pages", .unit = "B", .beside = true},
                {.name = "memory_cgroup", .unit = "B", .beside = true},
                {.name = "memory_cgroup_kernel", .unit = "B", .beside = true},
                {.name = "memory_free_drop", .unit = "B", .beside = true},
                {.name = "tasks_alive", .unit = "count"}},
    .params =
        {{"touched", "default,4KiB,16KiB,64KiB,...",
          "bytes that each idle task writes, beside what it needs itself: of its stack, or of a "
          "block of its own"}},
    .sweeps = {{"quick", "async,floor", "free", "100000,1000000", ""},
               {"quick", "threads", "free", "1000", "stack=default|64KiB"},
               {"default", "async,floor", "free", "10000,250000,400000,550000,700000,850000", ""},
               {"default", "threads", "free", "250,500,2000,3000,4000,6000,10000",
                "stack=default|1MiB|64KiB"},
               {"default", "threads", "free", "1000", "stack=1MiB"},
               {"default", "async,threads,floor", "free", "1000", "touched=4KiB|16KiB|64KiB"},
               {"full", "async,floor", "free", "10000000", ""},
               {"full", "threads", "free", "30000,40000", "stack=64KiB"}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 1,
    .tasks_default = 1000,
    .run = run,
};
