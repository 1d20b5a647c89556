/* SPDX-License-Identifier: MIT
 *
 * A byte round a ring of tasks through connections over loopback TCP, each used in one direction
 * and with TCP_NODELAY: what the network's own code adds to switch-socket.
 */
#include "byte_ring.h"

#include "base/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

/* Connected to `address`, where somebody listens. */
static int connected(const struct sockaddr_in *address)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, (const struct sockaddr *)address, sizeof *address) < 0) {
        int err = -errno;
        close(fd);
        return err;
    }
    tc_socket_set_nodelay(fd, AF_INET);
    return fd;
}

/* A listener a pair, so that no two connections of a minute share their ports, however many of them
 * the kernel remembers as closed: the writing end closes first and keeps only its own. */
static int make_tcp_pair(int fds[2])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = tc_socket_listen((struct sockaddr *)&address, length, 1, 0);
    if (listener < 0)
        return listener;
    MUST(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
    int err = fds[1] = connected(&address);
    if (err >= 0) {
        fds[0] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        err = fds[0] < 0 ? -errno : 0;
    }
    close(listener);
    return err;
}

static void run(struct wl_round *round)
{
    byte_ring_run(round, make_tcp_pair, true);
}

const struct workload switch_tcp = {
    .name = "switch-tcp",
    .question = "what does it cost to wake another task with a byte over loopback TCP?",
    .metrics = {{.name = "switch", .unit = "ns"}},
    .params = {RING_PARAMS},
    .sweeps = {{"default", "", "one-core", "100", "stack=1MiB"},
               {"default", "async,threads", "free", "100", "stack=1MiB"},
               {"full", "", "one-core", "2,1000", "stack=1MiB"},
               {"full", "", "one-core", "100", "stack=1MiB;tokens=64"}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 2,
    .tasks_default = 100,
    .run = run,
};
