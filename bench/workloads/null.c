/* SPDX-License-Identifier: MIT
 *
 * Nothing at all, measured like everything else: what the harness itself adds to an operation.
 */
#include "model.h"

static void sample(struct wl_round *round)
{
    uint64_t laps;
    while ((laps = wl_next_sample(round)) > 0) {
        uint64_t start_ns = tc_now_ns();
        for (uint64_t lap = 0; lap < laps; lap++)
            __asm__ volatile("" : : "r"(lap)); /* the loop must stay */
        wl_record(round, tc_now_ns() - start_ns, laps);
    }
}

#ifdef MODEL_FLOOR

static void run(struct wl_round *round)
{
    sample(round);
}

#else

TASK(driver, { struct wl_round *round; })
{
    TASK_BEGIN;
    sample(self->round);
    TASK_END;
}

static void run(struct wl_round *round)
{
    WL_TRY(round, RUN(round, driver, {.round = round}), 0);
}

#endif

const struct workload null = {
    .name = "null",
    .question = "what does the harness itself add to each operation?",
    .metrics = {{.name = "operation", .unit = "ns"}},
    .sweeps = {{"quick", "", "one-core", "1", ""}},
    .tasks_min = 1,
    .tasks_default = 1,
    .run = run,
};
