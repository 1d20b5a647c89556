/* SPDX-License-Identifier: MIT
 *
 * A byte round a ring of tasks through Unix socket pairs: the published "brigade" of 500.
 */
#include "byte_ring.h"

#include <errno.h>

static int make_socket_pair(int fds[2])
{
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0 ? -errno : 0;
}

static void run(struct wl_round *round)
{
    byte_ring_run(round, make_socket_pair, true);
}

const struct workload switch_socket = {
    .name = "switch-socket",
    .question = "what does it cost to wake another task with a byte through a socket?",
    .metrics = {{.name = "switch", .unit = "ns"}},
    .params = {RING_PARAMS},
    .sweeps = {{"quick", "async,async-uring,floor", "one-core", "500", ""},
               {"quick", "threads", "one-core,free", "500", "stack=1MiB"},
               {"quick", "threads", "one-core", "500", "stack=1MiB;policy=batch"},
               {"quick", "async,floor", "free", "500", ""},
               {"default", "", "one-core", "2,100,5000", "stack=1MiB"},
               {"full", "", "one-core", "10,1000", "stack=1MiB"},
               {"full", "", "one-core", "100", "stack=1MiB;tokens=64"},
               {"default", "async", "all", "500", ""},
               {"default", "threads", "all", "500", "stack=1MiB"},
               {"full", "", "one-core", "9000", "stack=1MiB"},
               {"full", "async,threads", "all", "2", "stack=1MiB"},
               {"full", "async,threads", "free", "2,100,500,5000", "stack=1MiB"}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 2,
    .tasks_default = 500,
    .run = run,
};
