/* SPDX-License-Identifier: MIT
 *
 * Values go round a ring of N tasks joined by one-slot channels; each task adds one.
 */
#include "model.h"

#include "ring.h"

struct hop {
    uint64_t tasks;
};

static inline int64_t hop_apply(const struct hop *hop, int64_t value)
{
    (void)hop;
    return value + 1;
}

static inline int64_t hop_lap(const struct hop *hop, int64_t value)
{
    return value + (int64_t)hop->tasks;
}

static void hop_record(struct wl_round *round, const struct hop *hop, uint64_t elapsed_ns,
                       uint64_t hops)
{
    (void)hop;
    wl_record(round, elapsed_ns, hops);
}

#include "value_ring.h"

static void run(struct wl_round *round)
{
    struct hop hop = {.tasks = wl_tasks(round)};
    value_ring_run(round, &hop, ring_tokens(round));
}

const struct workload switch_channel = {
    .name = "switch-channel",
    .question = "what does it cost to pass a value to another task in memory?",
    .metrics = {{.name = "switch", .unit = "ns"}},
    .params = {RING_PARAMS},
    .sweeps = {{"quick", "async,threads,floor", "one-core", "2,500", ""},
               {"quick", "async,threads", "free", "500", ""},
               {"default", "async,floor", "one-core", "10000,100000", ""},
               {"quick", "threads", "one-core", "5000", ""},
               {"full", "threads", "one-core", "2,500", "policy=batch"},
               {"default", "threads", "one-core", "2,500", "channel=futex"},
               {"default", "async,threads,floor", "one-core", "100,5000", ""},
               {"full", "async,threads,floor", "one-core", "10,1000", ""},
               {"default", "async,threads,floor", "one-core", "100", "tokens=64"},
               {"default", "async,threads", "all", "2,500", ""},
               {"default", "threads", "one-core", "10000", ""},
               {"default", "threads", "one-core", "5000,10000", "futex-hash=65536"},
               {"default", "threads", "one-core", "5000", "channel=futex;futex-hash=65536"},
               {"full", "async,floor", "one-core", "1000000", ""},
               {"full", "threads", "one-core", "20000", "futex-hash=default|65536"},
               {"full", "threads", "all", "2,500", "channel=futex"},
               {"full", "async,threads", "free", "2,100,500,5000", ""}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 2,
    .tasks_default = 500,
    .run = run,
};
