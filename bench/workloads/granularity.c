/* SPDX-License-Identifier: MIT
 *
 * The same computation cut into N tasks: a few long ones or many short ones. All are spawned, then
 * joined; a sample is a number of such jobs. Against N one sees from where on the tasks cost more
 * than their work, and, on several cores, how many it takes to use them all. Each task's share
 * begins with its number, and the sum of what they find must be what one loop finds.
 */
#include "model.h"

#include "computation.h"

#include <stdlib.h>

/* Of one task: a share of the whole, at least a step. */
static uint64_t steps_each(struct wl_round *round)
{
    uint64_t steps = computation_steps(round, "job") / wl_tasks(round);
    return steps ? steps : 1;
}

/* What all tasks find together. */
static int64_t find_all(uint64_t tasks, uint64_t steps)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < tasks; i++)
        sum += (uint64_t)compute((int64_t)i, steps);
    return (int64_t)sum;
}

#ifdef MODEL_FLOOR

static void run(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round), steps = steps_each(round), laps;
    int64_t expected = find_all(tasks, steps);
    while ((laps = wl_next_sample(round)) > 0) {
        uint64_t start_ns = tc_now_ns();
        for (uint64_t lap = 0; lap < laps; lap++) {
            __asm__ volatile("" : "+r"(steps)); /* each lap anew */
            WL_EXPECT(round, find_all(tasks, steps), expected);
        }
        wl_record(round, tc_now_ns() - start_ns, laps);
    }
}

#else

TASK(share, {
    int64_t value;
    uint64_t steps;
})
{
    TASK_BEGIN;
    TASK_RETURN(compute(self->value, self->steps));
    TASK_END;
}

TASK(driver, {
    struct wl_round *round;
    handle_t *handles;
    uint64_t tasks;
    uint64_t steps;
    int64_t expected;
    uint64_t laps;
    uint64_t lap;
    uint64_t i;
    uint64_t start_ns;
    uint64_t sum;
    int64_t found;
})
{
    TASK_BEGIN;
    while ((self->laps = wl_next_sample(self->round)) > 0) {
        self->start_ns = tc_now_ns();
        for (self->lap = 0; self->lap < self->laps; self->lap++) {
            self->sum = 0;
            for (uint64_t i = 0; i < self->tasks; i++)
                WL_TRY(self->round,
                       SPAWN(share, &self->handles[i], {.value = (int64_t)i, .steps = self->steps}),
                       i);
            for (self->i = 0; self->i < self->tasks; self->i++) {
                AWAIT_INTO(self->found, task_join(self->handles[self->i]));
                self->sum += (uint64_t)self->found;
            }
            WL_EXPECT(self->round, self->sum, self->expected);
        }
        wl_record(self->round, tc_now_ns() - self->start_ns, self->laps);
    }
    TASK_END;
}

static void run(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round), steps = steps_each(round);
    handle_t *handles = wl_alloc(round, tasks, sizeof *handles);
    WL_TRY(round,
           RUN(round, driver,
               {.round = round,
                .handles = handles,
                .tasks = tasks,
                .steps = steps,
                .expected = find_all(tasks, steps)}),
           0);
    free(handles);
}

#endif

const struct workload granularity = {
    .name = "granularity",
    .question = "into how many tasks may a computation be cut before they cost more than it?",
    .metrics = {{.name = "job", .unit = "ns"}},
    .params = {{"job", "10ms,1ms,100ms,...", "the whole computation; calibrated at the start"}},
    .sweeps = {{"default", "async,threads,threads-pool,floor", "one-core", "1000", ""},
               {"full", "async,floor", "one-core", "100000", ""},
               {"full", "async,threads,threads-pool", "all", "1000", ""},
               {"full", "async,threads,threads-pool,floor", "one-core", "1,10", ""}},
    .tasks_min = 1,
    .tasks_default = 1000,
    .run = run,
};
