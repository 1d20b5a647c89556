/* SPDX-License-Identifier: MIT
 *
 * One task computes without end, in bursts; the others sleep to planned times, a millisecond apart,
 * and how long after its time the driver, one of them, goes on is its latency. What a burst does to
 * whoever shares the thread is seen against its length, done in four ways:
 *
 *   none       there is no such task: what a wake-up costs anyway
 *   plain      it computes a burst, then lets the others run
 *   yield      it does so every 10 us of a burst
 *   blocking   it moves the burst to the pool of threads that may block
 *
 * Beside the latency stand how long a burst took from its beginning to its end (`burst`; its length
 * is the floor's), and how many were done a second (`throughput`): moving or cutting it up costs
 * the one what it spares the others. A time that has passed before the driver gets to it is late by
 * as much, and none is left out: see worker/schedule.c about coordinated omission.
 */
#include "model.h"

#include "computation.h"

#include <stdlib.h>
#include <string.h>

#define INTERVAL_NS TC_NS_PER_MS

enum { SLICE_NS = 10000, SEED = 1 };

enum how { HOW_NONE, HOW_PLAIN, HOW_YIELD, HOW_BLOCKING };

static enum how chosen_way(struct wl_round *round)
{
    static const char *const names[] = {"none", "plain", "yield", "blocking"};
    const char *chosen = wl_param(round, "how");
    for (size_t i = 0; i < TC_COUNT_OF(names); i++)
        if (strcmp(chosen, names[i]) == 0)
            return (enum how)i;
    wl_wrong(round, "how '%s' is neither plain, yield, blocking nor none", chosen);
}

#ifdef MODEL_FLOOR

static void sleep_to(uint64_t deadline_ns)
{
    struct timespec deadline = tc_timespec(deadline_ns);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL) == EINTR)
        ;
}

/* The planned times alone, with nothing that computes; and then bursts alone. */
static void run(struct wl_round *round)
{
    enum { BURSTS = 20 };
    uint64_t steps = computation_steps(round, "burst"), due_ns = tc_now_ns();
    int64_t value = SEED;
    (void)chosen_way(round);
    while (wl_next_single(round)) {
        due_ns += INTERVAL_NS;
        sleep_to(due_ns);
        wl_record(round, tc_now_ns() - due_ns, 1);
    }
    for (int i = 0; i < BURSTS; i++) {
        uint64_t start_ns = tc_now_ns();
        value = compute(value, steps);
        wl_record_extra(round, "burst", (double)(tc_now_ns() - start_ns));
    }
    MUST(value >= 0);
}

#else

struct shared {
    struct wl_round *round;
    enum how how;
    uint64_t steps, slices; /* of a burst: all slices have as many steps */
    uint64_t origin_ns;
    bool stop;       /* atomic */
    uint64_t bursts; /* the hog's alone until it has ended, as is the next */
    uint64_t burst_ns;
};

static bool stopped(struct shared *shared)
{
    return __atomic_load_n(&shared->stop, __ATOMIC_RELAXED);
}

struct job {
    int64_t value;
    uint64_t steps;
};

/* On a thread of the pool. */
static int64_t compute_job(void *data)
{
    struct job *job = data;
    job->value = compute(job->value, job->steps);
    return 0;
}

/* Its result is what it has computed, all bursts one after another. */
TASK(computer, {
    struct shared *shared;
    struct job job;
    uint64_t slice;
    uint64_t start_ns;
    int64_t result;
})
{
    TASK_BEGIN;
    self->job = (struct job){.value = SEED, .steps = self->shared->steps};
    do {
        self->start_ns = tc_now_ns();
        if (self->shared->how == HOW_BLOCKING) {
            AWAIT_INTO(self->result, blocking(compute_job, &self->job, sizeof self->job));
            WL_TRY(self->shared->round, self->result, 0);
        } else {
            for (self->slice = 1; self->slice < self->shared->slices; self->slice++) {
                compute_job(&self->job);
                AWAIT(task_yield());
            }
            compute_job(&self->job);
        }
        self->shared->burst_ns += tc_now_ns() - self->start_ns;
        self->shared->bursts++;
        AWAIT(task_yield());
    } while (!stopped(self->shared));
    TASK_RETURN(self->job.value);
    TASK_END;
}

/* One of those that wait, besides the driver. */
TASK(bystander, {
    struct shared *shared;
    uint64_t due_ns;
    sleep_timer_t timer;
})
{
    TASK_BEGIN;
    self->due_ns = self->shared->origin_ns;
    while (!stopped(self->shared)) {
        self->due_ns += INTERVAL_NS;
        AWAIT(sleep_until(&self->timer, self->due_ns));
    }
    TASK_END;
}

/* How many bursts there were, how long each took, and whether all was computed. */
static void record_bursts(const struct shared *shared, uint64_t elapsed_ns, int64_t computed)
{
    struct affine all = computation_repeated(shared->steps, shared->bursts * shared->slices);
    WL_EXPECT(shared->round, computed, affine_apply(all, SEED));
    wl_record_extra(shared->round, "burst", (double)shared->burst_ns / (double)shared->bursts);
    wl_record_extra(shared->round, "throughput",
                    (double)shared->bursts * (double)TC_NS_PER_S / (double)elapsed_ns);
}

TASK(driver, {
    struct wl_round *round;
    struct shared *shared;
    handle_t *handles;
    uint64_t due_ns;
    uint64_t start_ns;
    uint64_t i;
    sleep_timer_t timer;
    int64_t result;
})
{
    TASK_BEGIN;
    self->shared->origin_ns = self->start_ns = tc_now_ns();
    for (uint64_t i = 2; i < wl_tasks(self->round); i++)
        WL_TRY(self->round, SPAWN(bystander, &self->handles[i], {.shared = self->shared}), i);
    if (self->shared->how != HOW_NONE)
        WL_TRY(self->round, SPAWN(computer, &self->handles[1], {.shared = self->shared}), 1);
    /* A runtime may have to find out first that one of its tasks computes. */
    AWAIT(sleep_until(&self->timer, self->start_ns + INTERVAL_NS));
    self->due_ns = tc_now_ns();
    while (wl_next_single(self->round)) {
        self->due_ns += INTERVAL_NS;
        AWAIT(sleep_until(&self->timer, self->due_ns));
        wl_record(self->round, tc_now_ns() - self->due_ns, 1);
    }
    __atomic_store_n(&self->shared->stop, true, __ATOMIC_RELAXED);
    if (self->shared->how != HOW_NONE) {
        AWAIT_INTO(self->result, task_join(self->handles[1]));
        record_bursts(self->shared, tc_now_ns() - self->start_ns, self->result);
    } else {
        wl_record_absent(self->round, "burst", "nothing computes");
        wl_record_absent(self->round, "throughput", "nothing computes");
    }
    for (self->i = 2; self->i < wl_tasks(self->round); self->i++)
        AWAIT(task_join(self->handles[self->i]));
    TASK_END;
}

static void run(struct wl_round *round)
{
    static struct shared shared; /* outlives the last thread's last step */
    handle_t *handles = wl_alloc(round, wl_tasks(round), sizeof *handles);
    uint64_t steps = computation_steps(round, "burst");
    double step_ns = computation_step_ns();
    shared.round = round;
    shared.how = chosen_way(round);
    shared.slices = 1;
    if (shared.how == HOW_YIELD)
        shared.slices = (uint64_t)((double)steps * step_ns / SLICE_NS) + 1;
    shared.steps = steps / shared.slices;
    WL_TRY(round, RUN(round, driver, {.round = round, .shared = &shared, .handles = handles}), 0);
    free(handles);
}

#endif

const struct workload hog = {
    .name = "hog",
    .question = "what does a task that computes do to the waiting time of the others?",
    .metrics = {{.name = "latency", .unit = "ns", .histogram = true},
                {.name = "burst", .unit = "ns", .beside = true},
                {.name = "throughput", .unit = "1/s", .beside = true}},
    .params =
        {{"how", "plain,yield,blocking,none",
          "plain: in one piece; yield: letting others run every 10 us; blocking: moved to the "
          "pool for blocking calls; none: nothing computes"},
         {"burst", "1ms,10us,30us,100us,300us,3ms,10ms,...",
          "computation in one piece; calibrated when the round begins"}},
    .sweeps = {{"default", "async", "one-core", "10", "how=plain|yield|blocking;burst=1ms"},
               {"default", "threads,floor", "one-core", "10", "burst=1ms"},
               {"full", "async", "one-core", "10", "how=plain|blocking;burst=10us|100us|10ms"},
               {"full", "async", "all", "10", "how=plain|blocking;burst=100us"},
               {"full", "async", "one-core", "10", "how=none"},
               {"full", "threads", "one-core", "10", "burst=10us|100us|10ms"},
               {"full", "threads", "one-core,all", "10", "burst=30us|300us|3ms"}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 2,
    .tasks_default = 10,
    .run = run,
};
