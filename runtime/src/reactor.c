/* SPDX-License-Identifier: MIT
 *
 * What both reactors are made of: the table of descriptors, and the eventfd through which another
 * thread ends a wait. Which of the two it is, is decided once, when the executor is created.
 */
#include "reactor.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct rt_reactor *rt__reactor_new(enum rt_reactor_kind kind, struct tc_error *error)
{
    return kind == RT_REACTOR_URING ? rt__uring_new(error) : rt__epoll_new(error);
}

void rt__reactor_free(struct rt_reactor *reactor)
{
    reactor->ops->free(reactor);
}

bool rt__reactor_begin(struct rt_reactor *reactor, const struct rt_reactor_ops *ops)
{
    reactor->ops = ops;
    reactor->notify_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return reactor->notify_fd >= 0;
}

void rt__reactor_end(struct rt_reactor *reactor)
{
    for (size_t block = 0; block << RT_IO_BLOCK_BITS < reactor->used; block++)
        free(reactor->blocks[block]);
    free(reactor->blocks);
    if (reactor->notify_fd >= 0)
        close(reactor->notify_fd);
}

/* Both reactors watch the eventfd for edges, so nobody has to read it back to zero: it would take
 * 2^64 notifications to fill it. */
void rt__reactor_notify(struct rt_reactor *reactor)
{
    uint64_t one = 1;
    ssize_t written;
    do
        written = write(reactor->notify_fd, &one, sizeof one);
    while (written < 0 && errno == EINTR);
    MUST(written == sizeof one);
}

void rt__reactor_close_all(struct rt_reactor *reactor)
{
    for (size_t i = 0; i < reactor->used; i++) {
        struct rt_io *io = rt__reactor_entry(reactor, i);
        if (io->fd < 0)
            continue;
        reactor->ops->forget(io);
        close(io->fd);
        RT_SEE(rt__see_object(RT_IOS, -1));
        io->fd = -1;
    }
}

/* An entry that was never used, its block allocated if need be. */
static struct rt_io *fresh_entry(struct rt_reactor *reactor)
{
    size_t block = reactor->used >> RT_IO_BLOCK_BITS;
    if ((reactor->used & (RT_IO_BLOCK_SIZE - 1)) == 0) {
        struct rt_io_block **blocks = realloc(reactor->blocks, (block + 1) * sizeof *blocks);
        if (!blocks)
            return NULL;
        reactor->blocks = blocks;
        blocks[block] = aligned_alloc(64, sizeof **blocks);
        if (!blocks[block])
            return NULL;
        memset(blocks[block], 0, sizeof **blocks);
        blocks[block]->reactor = reactor;
    }
    struct rt_io *io = rt__reactor_entry(reactor, reactor->used);
    io->index = (uint32_t)reactor->used++;
    return io;
}

struct rt_io *rt__reactor_add(struct rt_reactor *reactor, int fd)
{
    struct rt_io *io = reactor->free;
    if (io)
        reactor->free = io->next_free;
    else if (!(io = fresh_entry(reactor)))
        return NULL;
    RT_SEE(rt__see_object(RT_IOS, 1));
    *io = (struct rt_io){.fd = fd,
                         .generation = io->generation,
                         .index = io->index,
                         .ready = RT_READABLE | RT_WRITABLE};
    return io;
}

int rt__reactor_add_stream(struct rt_reactor *reactor, int fd, bool is_inet, struct rt_io **io)
{
    struct rt_io *added = rt__reactor_add(reactor, fd);
    if (!added) {
        close(fd);
        return -ENOMEM;
    }
    added->is_socket = added->is_stream = true;
    added->is_inet = is_inet;
    *io = added;
    return 0;
}

void rt__reactor_remove(struct rt_io *io)
{
    struct rt_reactor *reactor = rt__reactor_of(io);
    RT_SEE(rt__see_object(RT_IOS, -1));
    io->fd = -1;
    io->generation++;
    io->next_free = reactor->free;
    reactor->free = io;
}

uint64_t rt__timeout_ns(uint64_t deadline_ns)
{
    uint64_t now_ns = tc_now_ns();
    return deadline_ns > now_ns ? deadline_ns - now_ns : 0;
}
