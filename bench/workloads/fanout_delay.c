/* SPDX-License-Identifier: MIT
 *
 * A fan-out to backends that each take a drawn time to answer: waiting in parallel. It lasts as
 * long as the longest delay and not as their sum; `excess` is what it took beyond that.
 */
#include "fanout.h"

#include "base/parse.h"

static void run(struct wl_round *round)
{
    uint64_t longest_ns;
    struct tc_error err;
    if (tc_parse_duration(wl_param(round, "delay"), "delay", 10 * TC_NS_PER_S, &longest_ns, &err) <
        0)
        wl_wrong(round, "%s", err.text);
    if (longest_ns == 0)
        wl_wrong(round, "a delay of 0 is fanout-tcp");
    fanout_run(round, longest_ns);
}

const struct workload fanout_delay = {
    .name = "fanout-delay",
    .question = "how long does one request to N backends take that each need a while to answer?",
    .metrics = {WL_LOAD_METRICS, {.name = "excess", .unit = "ns", .histogram = true}},
    .params = {WL_LOAD_PARAMS,
               {"delay", "10ms,1ms,100us,...",
                "the longest that a backend takes, each drawn from 0 on"}},
    .sweeps = {{"default", "", "one-core", "100", ""},
               {"full", "", "one-core", "1000", ""},
               {"full", "", "one-core", "100", "delay=1ms"},
               {"full", "async,threads", "all", "100", ""}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 1,
    .tasks_default = 100,
    .run = run,
};
