/* SPDX-License-Identifier: MIT
 *
 * N tasks wait for an event and hold nothing beside what a task is.
 */
#include "memory_idle.h"

static void run(struct wl_round *round)
{
    memory_idle_run(round, 0);
}

const struct workload memory_idle = {
    .name = "memory-idle",
    .question = "how much memory does a task take that waits for an event?",
    .metrics = {WL_MEMORY_METRICS},
    .sweeps = {{"quick", "async,floor", "free", "100000,1000000", ""},
               {"quick", "threads", "free", "1000", "stack=default|64KiB"},
               {"default", "async,floor", "free", "10000,250000,400000,550000,700000,850000", ""},
               {"default", "threads", "free", "250,500,2000,3000,4000,6000,10000",
                "stack=default|64KiB"},
               {"default", "threads", "free", "1000", "stack=1MiB"},
               {"full", "async,floor", "free", "10000000", ""},
               {"full", "threads", "free", "30000,40000", "stack=64KiB"}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 1,
    .tasks_default = 1000,
    .run = run,
};
