/* SPDX-License-Identifier: MIT
 *
 * The most tasks that can be alive at once: idle tasks are spawned until one is refused, until
 * memory would run short, or until there are as many as were asked for. All are proven to be alive
 * before the next batch begins: each has arrived at its wait, and none is ever let go. They end
 * with the process.
 */
#include "model.h"

#include <stdlib.h>
#include <string.h>

#ifdef MODEL_FLOOR

enum { CACHE_LINE = 64 };

/* Touched cache lines, in blocks of a batch each: what memory itself allows. */
static void run(struct wl_round *round)
{
    uint64_t alive = 0, batch;
    wl_ceiling_begin(round);
    for (; (batch = wl_ceiling_next(round, alive)) > 0; alive += batch) {
        void *lines = malloc(batch * CACHE_LINE);
        if (!lines)
            wl_ceiling_end(round, -ENOMEM, alive);
        memset(lines, 1, batch * CACHE_LINE);
        __asm__ volatile("" : : "r"(lines) : "memory");
    }
    wl_ceiling_end(round, 0, alive);
}

#else

struct shared {
    event_t never;
    latch_t waiting;
};

TASK(idle, { struct shared *shared; })
{
    TASK_BEGIN;
    latch_arrive(&self->shared->waiting);
    AWAIT(event_wait(&self->shared->never));
    TASK_END;
}

TASK(driver, {
    struct wl_round *round;
    struct shared *shared;
    uint64_t alive;
    uint64_t batch;
    uint64_t started;
    int code;
})
{
    TASK_BEGIN;
    wl_ceiling_begin(self->round);
    while (self->code == 0 && (self->batch = wl_ceiling_next(self->round, self->alive)) > 0) {
        latch_reset(&self->shared->waiting, self->batch);
        for (self->started = 0; self->started < self->batch; self->started++) {
            self->code = SPAWN(idle, NULL, {.shared = self->shared});
            if (self->code < 0)
                break;
        }
        for (uint64_t i = self->started; i < self->batch; i++) /* for those that were refused */
            latch_arrive(&self->shared->waiting);
        AWAIT(latch_wait(&self->shared->waiting));
        self->alive += self->started;
    }
    wl_ceiling_end(self->round, self->code, self->alive);
    TASK_END;
}

static void run(struct wl_round *round)
{
    struct shared shared;
    event_init(&shared.never);
    latch_init(&shared.waiting, 0);
    WL_TRY(round, RUN(round, driver, {.round = round, .shared = &shared}), 0);
}

#endif

const struct workload limit = {
    .name = "limit",
    .question = "how many idle tasks can be alive at once, and what stops more?",
    .metrics = {{.name = "tasks_alive", .unit = "count"},
                {.name = "tasks_predicted", .unit = "count"}},
    .params = {{"until", "refusal,prediction",
                "prediction: only as many as it takes to tell how many there could be"}},
    .sweeps = {{"full", "threads", "free", "1000000", "stack=default|64KiB|16KiB"},
               {"full", "async,floor", "free", "100000000", ""}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 1,
    .tasks_default = 1000000000,
    .run = run,
};
