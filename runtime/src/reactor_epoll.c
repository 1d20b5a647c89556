/* SPDX-License-Identifier: MIT
 *
 * The reactor on epoll, edge-triggered.
 *
 * A descriptor is registered the first time a task must wait for it, in that direction alone; a
 * second direction is added when it is first waited for. Both EPOLL_CTL_ADD and EPOLL_CTL_MOD look
 * at the descriptor's state and queue an event if it is already ready, so no edge falls between the
 * try and the registration. The event carries table index and generation.
 */
#include "reactor.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { BLOCK_BITS = 8, BLOCK_SIZE = 1 << BLOCK_BITS };

/* Entries never move. The block knows the reactor, so that an entry need not. */
struct io_block {
    _Alignas(64) struct rt_io entries[BLOCK_SIZE];
    struct rt_reactor *reactor;
};

struct rt_reactor {
    int epoll_fd;
    bool no_pwait2; /* the kernel is older than 5.11: milliseconds will have to do */
    size_t parked;
    struct io_block **blocks;
    size_t used; /* entries that were ever taken */
    struct rt_io *free;
    struct epoll_event events[RT_EVENTS_PER_WAIT];
};

struct rt_reactor *rt__reactor_new(void)
{
    struct rt_reactor *reactor = calloc(1, sizeof *reactor);
    if (!reactor)
        return NULL;
    reactor->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (reactor->epoll_fd < 0) {
        free(reactor);
        return NULL;
    }
    return reactor;
}

static struct rt_io *entry(struct rt_reactor *reactor, size_t index)
{
    return &reactor->blocks[index >> BLOCK_BITS]->entries[index & (BLOCK_SIZE - 1)];
}

static struct rt_reactor *reactor_of(struct rt_io *io)
{
    struct rt_io *first = io - (io->index & (BLOCK_SIZE - 1));
    return TC_CONTAINER_OF(first, struct io_block, entries)->reactor;
}

void rt__reactor_free(struct rt_reactor *reactor)
{
    for (size_t i = 0; i < reactor->used; i++)
        if (entry(reactor, i)->fd >= 0)
            close(entry(reactor, i)->fd);
    for (size_t block = 0; block << BLOCK_BITS < reactor->used; block++)
        free(reactor->blocks[block]);
    free(reactor->blocks);
    close(reactor->epoll_fd);
    free(reactor);
}

/* An entry that was never used, its block allocated if need be. */
static struct rt_io *fresh_entry(struct rt_reactor *reactor)
{
    size_t block = reactor->used >> BLOCK_BITS;
    if ((reactor->used & (BLOCK_SIZE - 1)) == 0) {
        struct io_block **blocks = realloc(reactor->blocks, (block + 1) * sizeof *blocks);
        if (!blocks)
            return NULL;
        reactor->blocks = blocks;
        blocks[block] = aligned_alloc(64, sizeof **blocks);
        if (!blocks[block])
            return NULL;
        memset(blocks[block], 0, sizeof **blocks);
        blocks[block]->reactor = reactor;
    }
    struct rt_io *io = entry(reactor, reactor->used);
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
    io->fd = fd;
    io->ready = RT_READABLE | RT_WRITABLE;
    io->watched = io->woken = 0;
    io->hung_up = false;
    io->waiters[0] = io->waiters[1] = NULL;
    return io;
}

void rt__reactor_remove(struct rt_io *io)
{
    struct rt_reactor *reactor = reactor_of(io);
    /* Closing would do it too, unless the descriptor was duplicated: then the kernel would go on.
     */
    if (io->watched)
        epoll_ctl(reactor->epoll_fd, EPOLL_CTL_DEL, io->fd, NULL);
    io->fd = -1;
    io->generation++;
    io->next_free = reactor->free;
    reactor->free = io;
}

/* Asks the kernel about one more direction. */
static int watch(struct rt_io *io, unsigned direction)
{
    unsigned watched = io->watched | direction;
    struct epoll_event event = {
        .events = EPOLLET | (watched & RT_READABLE ? EPOLLIN | EPOLLRDHUP : 0) |
                  (watched & RT_WRITABLE ? EPOLLOUT : 0),
        .data.u64 = (uint64_t)io->generation << 32 | io->index,
    };
    int operation = io->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl(reactor_of(io)->epoll_fd, operation, io->fd, &event) < 0)
        return -errno;
    io->watched = (uint8_t)watched;
    return 0;
}

rt_poll rt__reactor_park(struct rt_io *io, unsigned direction, struct rt_wait *wait,
                         struct rt_cx *cx)
{
    struct rt_wait **place = &io->waiters[direction == RT_WRITABLE];
    if (*place)
        return *place == wait ? RT_PENDING : -EBUSY;
    if (!(io->watched & direction)) {
        int err = watch(io, direction);
        if (err)
            return err;
    }
    wait->task = cx->task;
    *place = wait;
    reactor_of(io)->parked++;
    return RT_PENDING;
}

void rt__reactor_unpark(struct rt_io *io, unsigned direction, struct rt_wait *wait)
{
    struct rt_wait **place = &io->waiters[direction == RT_WRITABLE];
    if (*place != wait)
        return;
    *place = NULL;
    if (!(io->woken & direction))
        reactor_of(io)->parked--;
    io->woken &= (uint8_t)~direction;
}

size_t rt__reactor_parked(const struct rt_reactor *reactor)
{
    return reactor->parked;
}

static void wake(struct rt_io *io, unsigned direction)
{
    struct rt_wait *wait = io->waiters[direction == RT_WRITABLE];
    io->ready |= (uint8_t)direction;
    if (wait && !(io->woken & direction)) {
        rt_task_wake(wait->task);
        io->woken |= (uint8_t)direction;
        reactor_of(io)->parked--;
    }
}

static void deliver(struct rt_reactor *reactor, const struct epoll_event *event)
{
    struct rt_io *io = entry(reactor, (uint32_t)event->data.u64);
    if (io->generation != (uint32_t)(event->data.u64 >> 32))
        return;
    if (event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        io->hung_up = true;
    if (event->events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        wake(io, RT_READABLE);
    if (event->events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
        wake(io, RT_WRITABLE);
}

/* epoll_pwait2 takes nanoseconds; where it is missing, milliseconds rounded up. */
static int wait_for_events(struct rt_reactor *reactor, uint64_t timeout_ns)
{
    if (timeout_ns == 0 || timeout_ns == TC_NEVER)
        return epoll_wait(reactor->epoll_fd, reactor->events, RT_EVENTS_PER_WAIT,
                          timeout_ns ? -1 : 0);
    if (!reactor->no_pwait2) {
        struct timespec timeout = tc_timespec(timeout_ns);
        int count =
            epoll_pwait2(reactor->epoll_fd, reactor->events, RT_EVENTS_PER_WAIT, &timeout, NULL);
        if (count >= 0 || errno != ENOSYS)
            return count;
        reactor->no_pwait2 = true;
    }
    uint64_t ms = (timeout_ns + TC_NS_PER_MS - 1) / TC_NS_PER_MS;
    return epoll_wait(reactor->epoll_fd, reactor->events, RT_EVENTS_PER_WAIT,
                      ms > INT32_MAX ? INT32_MAX : (int)ms);
}

void rt__reactor_wait(struct rt_reactor *reactor, uint64_t deadline_ns)
{
    uint64_t timeout_ns = deadline_ns;
    if (deadline_ns != 0 && deadline_ns != TC_NEVER) {
        uint64_t now_ns = tc_now_ns();
        timeout_ns = deadline_ns > now_ns ? deadline_ns - now_ns : 0;
    }
    int count = wait_for_events(reactor, timeout_ns);
    /* EINTR is an early return: the executor looks again at what is due and comes back. */
    MUST(count >= 0 || errno == EINTR);
    for (int i = 0; i < count; i++)
        deliver(reactor, &reactor->events[i]);
}
