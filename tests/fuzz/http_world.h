/* SPDX-License-Identifier: MIT
 *
 * The whole server in one process: its connection task (examples/http_serve.h) on an executor, and
 * a peer on the same executor at the other end of a socket pair, who may be slow, may write and
 * read byte by byte, end its side, leave without reading, or stay for ever. Under epoll time is
 * virtual: it moves on when nothing is ready, so that an hour of slowness costs nothing and is the
 * same at every run. Under io_uring, whose completions come when they come, it is real, and nobody
 * is slow.
 */
#ifndef FUZZ_HTTP_WORLD_H
#define FUZZ_HTTP_WORLD_H

#include "rt/config.h"

#include "base/rng.h"

#include <stdbool.h>
#include <stddef.h>

enum { HEARD_MAX = 8192 };

/* How a peer behaves. */
struct manner {
    bool slow;
    size_t write_max, read_max; /* bytes at a time */
    enum { ENDS_SIDE, LEAVES, STAYS } end;
};

struct heard {
    char bytes[HEARD_MAX];
    size_t size; /* of all that the server said; more than HEARD_MAX was dropped */
};

struct http_world;

/* What is ready is polled in an order drawn from the seed. NULL where this reactor cannot be had.
 */
struct http_world *http_world_new(enum rt_reactor_kind reactor, uint64_t order_seed);

/* Frees it. False when something was left behind: a task, or a connection. */
bool http_world_free(struct http_world *world);

/* A manner that is possible in this world. */
struct manner http_world_manner(const struct http_world *world, struct tc_rng *rng);

/* One connection: the peer sends the input and hears the server. NULL, or what went wrong. */
const char *http_world_converse(struct http_world *world, const char *input, size_t size,
                                const struct manner *manner, struct tc_rng *rng,
                                struct heard *heard);

#endif
