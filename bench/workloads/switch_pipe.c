/* SPDX-License-Identifier: MIT
 *
 * A byte round a ring of tasks through pipes. With two tasks it is the ping-pong of
 * `perf bench sched pipe -T`, of which one operation is two hops.
 */
#include "byte_ring.h"

#include <errno.h>
#include <fcntl.h>

static int make_pipe(int fds[2])
{
    return pipe2(fds, O_CLOEXEC) < 0 ? -errno : 0;
}

static void run(struct wl_round *round)
{
    byte_ring_run(round, make_pipe, false);
}

const struct workload switch_pipe = {
    .name = "switch-pipe",
    .question = "what does it cost to wake another task with a byte through a pipe?",
    .metrics = {{.name = "switch", .unit = "ns"}},
    .params = {RING_PARAMS},
    .sweeps = {{"quick", "", "one-core", "2,500", ""},
               {"quick", "threads", "free", "2", ""},
               {"default", "", "one-core", "100,5000", ""},
               {"full", "", "one-core", "10,1000", ""},
               {"default", "", "one-core", "100", "tokens=64"},
               {"default", "async,threads", "free", "2,500", ""},
               {"full", "", "one-core", "9000", ""},
               {"full", "async,threads", "all", "2,500", ""},
               {"full", "async,threads", "free", "2,100,500,5000", ""}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 2,
    .tasks_default = 2,
    .run = run,
};
