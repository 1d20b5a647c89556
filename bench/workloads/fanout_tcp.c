/* SPDX-License-Identifier: MIT
 *
 * A fan-out to backends that answer at once: what the requests themselves cost.
 */
#include "fanout.h"

static void run(struct wl_round *round)
{
    fanout_run(round, 0);
}

const struct workload fanout_tcp = {
    .name = "fanout-tcp",
    .question = "how long does one request to N backends take until all have answered?",
    .metrics = {WL_LOAD_METRICS},
    .params = {WL_LOAD_PARAMS},
    .sweeps = {{"quick", "", "one-core", "10,100", ""},
               {"quick", "async,threads", "all", "100", ""},
               {"default", "", "one-core", "1,1000", ""},
               {"default", "", "one-core", "100", "load=open"},
               {"default", "async,threads", "all", "1000", ""}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 1,
    .tasks_default = 100,
    .run = run,
};
