/* SPDX-License-Identifier: MIT
 *
 * The server and its peer; see http_world.h.
 */
#include "http_world.h"
#include "http_serve.h"
#include "talk.h"

#include <sys/socket.h>

/* Of the virtual clock. */
enum { NAPS = 6 };
#define IDLE_NS    (20 * TC_NS_PER_S)
#define REQUEST_NS (10 * TC_NS_PER_S)

struct http_world {
    struct rt_clock clock; /* first: what the executor is given */
    uint64_t now_ns;
    bool is_virtual;
    struct rt_executor *executor;
    struct site site;
    struct echo echo;
};

static uint64_t virtual_now(struct rt_clock *clock)
{
    return ((struct http_world *)clock)->now_ns;
}

static void virtual_idle(struct rt_clock *clock, uint64_t deadline_ns)
{
    ((struct http_world *)clock)->now_ns = deadline_ns;
}

struct http_world *http_world_new(enum rt_reactor_kind reactor, uint64_t order_seed)
{
    struct http_world *world = calloc(1, sizeof *world);
    MUST(world);
    world->clock = (struct rt_clock){.now_ns = virtual_now, .idle_until = virtual_idle};
    world->now_ns = TC_NS_PER_S;
    world->is_virtual = reactor == RT_REACTOR_EPOLL;
    struct rt_config config = {.reactor = reactor,
                               .order_seed = order_seed,
                               .clock = world->is_virtual ? &world->clock : NULL};
    world->executor = rt_executor_new(&config);
    if (!world->executor) {
        free(world);
        return NULL;
    }
    world->site.service =
        (struct http_service){.limits = LIMITS,
                              .answer = echo,
                              .context = &world->echo,
                              .patience = {IDLE_NS, REQUEST_NS, REQUEST_NS, REQUEST_NS / 2}};
    list_init(&world->site.open);
    return world;
}

bool http_world_free(struct http_world *world)
{
    bool is_clean = world->executor->live == 0 && list_empty(&world->site.open);
    rt_executor_free(world->executor);
    free(world);
    return is_clean;
}

struct manner http_world_manner(const struct http_world *world, struct tc_rng *rng)
{
    return (struct manner){.slow = world->is_virtual && tc_rng_below(rng, 4) == 0,
                           .write_max = (size_t)1 << tc_rng_below(rng, 13),
                           .read_max = (size_t)1 << tc_rng_below(rng, 13),
                           .end = tc_rng_below(rng, 4) ? ENDS_SIDE
                                  : world->is_virtual  ? LEAVES + (int)tc_rng_below(rng, 2)
                                                       : LEAVES};
}

/* -- the peer -- */

struct peer {
    RT_FRAME;
    struct rt_io *io; /* closed by us */
    const char *input;
    size_t size, at, piece;
    const struct manner *manner;
    struct tc_rng *rng;
    struct heard *heard;
    struct rt_timer timer;
    uint64_t nap_ns;
    int64_t count;
    char buffer[HEARD_MAX];
};

static void hear(struct peer *self)
{
    struct heard *heard = self->heard;
    for (int64_t i = 0; i < self->count; i++, heard->size++)
        if (heard->size < HEARD_MAX)
            heard->bytes[heard->size] = self->buffer[i];
}

/* Now and then long enough to be given up. */
static bool naps(struct peer *self)
{
    self->nap_ns = tc_rng_below(self->rng, 3 * REQUEST_NS);
    return self->manner->slow && tc_rng_below(self->rng, NAPS) == 0;
}

static void choose_piece(struct peer *self)
{
    size_t left = self->size - self->at;
    self->piece = 1 + tc_rng_below(self->rng, self->manner->write_max);
    if (self->piece > left)
        self->piece = left;
}

static rt_poll peer(void *frame, struct rt_cx *cx)
{
    struct peer *self = frame;
    RT_BEGIN(self, cx);
    for (; self->at < self->size; self->at += (size_t)self->count) {
        choose_piece(self);
        RT_TRY_INTO(self->count, rt_write, self->io, self->input + self->at, self->piece);
        if (naps(self))
            RT_AWAIT(rt_sleep, &self->timer, self->nap_ns);
        else if (tc_rng_below(self->rng, 2))
            RT_AWAIT(rt_yield);
    }
    if (self->manner->end == LEAVES)
        RT_RETURN(0);
    if (self->manner->end == ENDS_SIDE)
        shutdown(rt_io_fd(self->io), SHUT_WR);
    do {
        RT_TRY_INTO(self->count, rt_read, self->io, self->buffer, self->manner->read_max);
        hear(self);
        if (naps(self))
            RT_AWAIT(rt_sleep, &self->timer, self->nap_ns);
    } while (self->count > 0);
    RT_END_FINALLY(0, { rt_io_close(self->io); });
}

const char *http_world_converse(struct http_world *world, const char *input, size_t size,
                                const struct manner *manner, struct tc_rng *rng,
                                struct heard *heard)
{
    int ends[2];
    struct rt_io *ios[2];
    struct rt_handle server, client;
    MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    for (int i = 0; i < 2; i++)
        MUST(rt_io_open(world->executor, ends[i], &ios[i]) == 0);
    heard->size = 0;
    uint64_t accepted = world->site.accepted;
    MUST(RT_SPAWN(world->executor, serve, &server, {.site = &world->site, .io = ios[0]}) == 0);
    MUST(RT_SPAWN(world->executor, peer, &client,
                  {.io = ios[1],
                   .input = input,
                   .size = size,
                   .manner = manner,
                   .rng = rng,
                   .heard = heard}) == 0);
    if (rt_block_on(world->executor, client) == -EDEADLK)
        return "the peer waits for ever";
    if (rt_block_on(world->executor, server) != 0)
        return "the server does not end";
    return world->site.accepted == accepted + 1 ? NULL : "it was not served";
}
