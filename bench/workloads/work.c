/* SPDX-License-Identifier: MIT
 *
 * switch-channel with computation: a value goes round a ring of N tasks joined by one-slot
 * channels, and whoever holds it computes for W nanoseconds before passing it on. Against W one
 * sees where the cost of a switch stops mattering.
 *
 * The result says how many steps of the computation that was (`steps`) and what they took
 * (`computation`). The state of the generator is the value that goes round, so that the answer
 * proves that all of it was computed: a whole lap is one step of another such generator.
 *
 * Machines change speed for seconds at a time. So after each sample the computation is timed alone,
 * for a quarter as long, and `overhead` is what a hop took beyond it at that very moment.
 */
#include "model.h"

#include "computation.h"

enum { ALONE_SHARE = 4 };

struct hop {
    uint64_t steps;
    struct affine lap; /* what a whole lap does to the value */
};

static inline int64_t hop_apply(const struct hop *hop, int64_t value)
{
    return compute(value, hop->steps);
}

static inline int64_t hop_lap(const struct hop *hop, int64_t value)
{
    return affine_apply(hop->lap, value);
}

/* The computation alone is timed, then both are recorded. */
static void hop_record(struct wl_round *round, const struct hop *hop, uint64_t elapsed_ns,
                       uint64_t hops)
{
    uint64_t times = hops / ALONE_SHARE + 1;
    int64_t value = 1;
    uint64_t start_ns = tc_now_ns();
    for (uint64_t i = 0; i < times; i++)
        value = compute(value, hop->steps);
    double alone_ns = (double)(tc_now_ns() - start_ns) / (double)times;
    MUST(value >= 0);
    wl_record_extra(round, "overhead", (double)elapsed_ns / (double)hops - alone_ns);
    wl_record_extra(round, "computation", alone_ns);
    wl_record_extra(round, "steps", (double)hop->steps);
    wl_record(round, elapsed_ns, hops);
}

#include "value_ring.h"

static void run(struct wl_round *round)
{
    struct hop hop = {.steps = computation_steps(round, "work")};
    hop.lap = computation_repeated(hop.steps, wl_tasks(round));
    value_ring_run(round, &hop, 1);
}

const struct workload work = {
    .name = "work",
    .question = "how much work between two waits makes the cost of a switch not matter?",
    .metrics = {{.name = "hop", .unit = "ns"},
                {.name = "overhead", .unit = "ns"},
                {.name = "computation", .unit = "ns"},
                {.name = "steps", .unit = "count"}},
    .params = {{"work", "0ns,100ns,1us,3us,10us,30us,100us,300us,1ms,...",
                "computation a hop; calibrated when the round begins"}},
    .sweeps = {{"quick", "async,threads", "one-core", "100", "work=1us|100us"},
               {"default", "async,threads,floor", "one-core", "100", "work=0ns|1us|10us|100us"},
               {"full", "async,threads,floor", "one-core", "100", "work=100ns|3us|30us|300us|1ms"},
               {"full", "async,threads", "free", "100", "work=0ns|1us|10us|100us|300us|1ms"}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 2,
    .tasks_default = 100,
    .run = run,
};
