/* SPDX-License-Identifier: MIT
 *
 * N tasks sleep, each to a time of its own an hour away. Beside what the machine gave for them
 * stands what CPU time the process took while all of them slept (cpu_share, of one CPU): a sleep is
 * said to cost nothing but memory. They end with the process; one that wakes before is a wrong
 * answer.
 */
#include "memory.h"

#ifdef MODEL_FLOOR

static void run(struct wl_round *round)
{
    memory_floor(round, CACHE_LINE);
}

#else

#include <sys/resource.h>

#define SLEEP_NS (3600 * TC_NS_PER_S)

struct shared {
    struct wl_round *round;
    uint64_t start_ns;
    latch_t waiting;
};

TASK(sleeper, {
    struct shared *shared;
    uint64_t deadline_ns;
    sleep_timer_t timer;
})
{
    TASK_BEGIN;
    latch_arrive(&self->shared->waiting);
    AWAIT(sleep_until(&self->timer, self->deadline_ns));
    wl_wrong(self->shared->round, "a task that sleeps for an hour has woken after %.3f s",
             (double)(tc_now_ns() - self->shared->start_ns) / (double)TC_NS_PER_S);
    TASK_END;
}

static uint64_t cpu_time_ns(void)
{
    struct timespec time;
    MUST(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0);
    return (uint64_t)time.tv_sec * TC_NS_PER_S + (uint64_t)time.tv_nsec;
}

TASK(driver, {
    struct wl_round *round;
    struct shared *shared;
    sleep_timer_t timer;
    uint64_t deadline_ns;
    uint64_t alive;
    uint64_t start_ns;
    uint64_t start_cpu_ns;
})
{
    TASK_BEGIN;
    wl_memory_before(self->round);
    self->shared->start_ns = tc_now_ns();
    for (self->alive = 0; self->alive < wl_tasks(self->round); self->alive++)
        WL_TRY(
            self->round,
            SPAWN(sleeper, NULL,
                  {.shared = self->shared,
                   .deadline_ns = self->shared->start_ns + SLEEP_NS + self->alive * TC_NS_PER_US}),
            self->alive);
    AWAIT(latch_wait(&self->shared->waiting));
    self->deadline_ns = memory_settled_ns(self->round);
    AWAIT(sleep_until(&self->timer, self->deadline_ns));
    wl_memory_after(self->round);
    wl_record_extra(self->round, "tasks_alive", (double)self->alive);
    self->start_ns = tc_now_ns();
    self->start_cpu_ns = cpu_time_ns();
    self->deadline_ns = memory_settled_ns(self->round);
    AWAIT(sleep_until(&self->timer, self->deadline_ns));
    wl_record_extra(self->round, "cpu_share",
                    (double)(cpu_time_ns() - self->start_cpu_ns) /
                        (double)(tc_now_ns() - self->start_ns));
    wl_end(self->round);
    TASK_END;
}

static void run(struct wl_round *round)
{
    static struct shared shared;
    shared.round = round;
    latch_init(&shared.waiting, wl_tasks(round));
    WL_TRY(round, RUN(round, driver, {.round = round, .shared = &shared}), 0);
}

#endif

const struct workload memory_sleep = {
    .name = "memory-sleep",
    .question = "how much memory does a sleeping task take, and how much CPU time?",
    .metrics = {WL_MEMORY_METRICS, {.name = "cpu_share", .unit = "ratio", .beside = true}},
    .sweeps = {{"default", "async,floor", "free", "100000,1000000", ""},
               {"default", "threads", "free", "1000", "stack=64KiB"},
               {"full", "async,floor", "free", "400000,700000", ""},
               {"full", "threads", "free", "1000", "stack=default"},
               {"full", "threads", "free", "500,4000,10000", "stack=64KiB"}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 1,
    .tasks_default = 1000,
    .run = run,
};
