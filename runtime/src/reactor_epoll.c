/* SPDX-License-Identifier: MIT
 *
 * Waiting for readiness with epoll, edge-triggered.
 *
 * A descriptor is registered the first time a task must wait for it, in that direction alone; a
 * second direction is added when it is first waited for. Both EPOLL_CTL_ADD and EPOLL_CTL_MOD look
 * at the descriptor's state and queue an event if it is already ready, so no edge falls between the
 * try and the registration. The event carries table index and generation.
 */
#include "epoll.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

struct epoll_reactor {
    struct rt_reactor base;
    int epoll_fd;
    bool no_pwait2; /* the kernel is older than 5.11: milliseconds will have to do */
    struct epoll_event events[RT_EVENTS_PER_WAIT];
};

/* What the event of the eventfd carries: no index has so many bits. */
#define NOTIFIED UINT64_MAX

static struct epoll_reactor *epoll_of(struct rt_reactor *reactor)
{
    return TC_CONTAINER_OF(reactor, struct epoll_reactor, base);
}

static bool begin(struct epoll_reactor *epoll)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = NOTIFIED};
    epoll->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    return rt__reactor_begin(&epoll->base, &rt__epoll_ops) && epoll->epoll_fd >= 0 &&
           epoll_ctl(epoll->epoll_fd, EPOLL_CTL_ADD, epoll->base.notify_fd, &event) == 0;
}

struct rt_reactor *rt__epoll_new(struct tc_error *error)
{
    struct epoll_reactor *epoll = calloc(1, sizeof *epoll);
    if (epoll && begin(epoll))
        return &epoll->base;
    int saved = errno;
    tc_fail(error, -saved,
            "epoll refuses a new reactor: %s; raise the limit on open files or memory",
            tc_errno_name(saved));
    if (epoll)
        rt__epoll_free(&epoll->base);
    errno = saved;
    return NULL;
}

void rt__epoll_free(struct rt_reactor *reactor)
{
    struct epoll_reactor *epoll = epoll_of(reactor);
    rt__reactor_close_all(reactor);
    rt__reactor_end(reactor);
    if (epoll->epoll_fd >= 0)
        close(epoll->epoll_fd);
    free(epoll);
}

/* Closing would do it too, unless the descriptor was duplicated: then the kernel would go on. */
void rt__epoll_forget(struct rt_io *io)
{
    if (io->watched)
        epoll_ctl(epoll_of(rt__reactor_of(io))->epoll_fd, EPOLL_CTL_DEL, io->fd, NULL);
}

bool rt__epoll_is_waited_for(const struct rt_io *io)
{
    return io->waiters[0] || io->waiters[1];
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
    if (epoll_ctl(epoll_of(rt__reactor_of(io))->epoll_fd, operation, io->fd, &event) < 0)
        return -errno;
    io->watched = (uint8_t)watched;
    return 0;
}

rt_poll rt__epoll_park(struct rt_io *io, unsigned direction, struct rt_wait *wait, struct rt_cx *cx)
{
    struct rt_wait **place = &io->waiters[direction == RT_WRITABLE];
    if (*place)
        return *place == wait ? RT_PENDING : -EBUSY;
    if (!(io->watched & direction)) {
        int err = watch(io, direction);
        if (err)
            return err;
    }
    RT_SEE(rt__see_promise(cx));
    wait->task = cx->task;
    *place = wait;
    rt__reactor_of(io)->parked++;
    return RT_PENDING;
}

void rt__epoll_drop(struct rt_wait *wait, struct rt_io *io, unsigned direction)
{
    struct rt_wait **place = &io->waiters[direction == RT_WRITABLE];
    if (*place != wait)
        return;
    *place = NULL;
    if (!(io->woken & direction)) {
        rt__reactor_of(io)->parked--;
        rt__reactor_of(io)->given_up = true;
    }
    io->woken &= (uint8_t)~direction;
}

static void wake(struct rt_io *io, unsigned direction)
{
    struct rt_wait *wait = io->waiters[direction == RT_WRITABLE];
    io->ready |= (uint8_t)direction;
    if (wait && !(io->woken & direction)) {
        rt_task_wake(wait->task);
        io->woken |= (uint8_t)direction;
        rt__reactor_of(io)->parked--;
    }
}

static void deliver(struct rt_reactor *reactor, const struct epoll_event *event)
{
    if (event->data.u64 == NOTIFIED)
        return;
    struct rt_io *io = rt__reactor_entry(reactor, (uint32_t)event->data.u64);
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
static int wait_for_events(struct epoll_reactor *epoll, uint64_t timeout_ns)
{
    if (timeout_ns == 0 || timeout_ns == TC_NEVER)
        return epoll_wait(epoll->epoll_fd, epoll->events, RT_EVENTS_PER_WAIT, timeout_ns ? -1 : 0);
    if (!epoll->no_pwait2) {
        struct timespec timeout = tc_timespec(timeout_ns);
        int count =
            epoll_pwait2(epoll->epoll_fd, epoll->events, RT_EVENTS_PER_WAIT, &timeout, NULL);
        if (count >= 0 || errno != ENOSYS)
            return count;
        epoll->no_pwait2 = true;
    }
    uint64_t ms = (timeout_ns + TC_NS_PER_MS - 1) / TC_NS_PER_MS;
    return epoll_wait(epoll->epoll_fd, epoll->events, RT_EVENTS_PER_WAIT,
                      ms > INT32_MAX ? INT32_MAX : (int)ms);
}

void rt__epoll_wait(struct rt_reactor *reactor, uint64_t deadline_ns)
{
    struct epoll_reactor *epoll = epoll_of(reactor);
    uint64_t timeout_ns = deadline_ns;
    if (deadline_ns != 0 && deadline_ns != TC_NEVER)
        timeout_ns = rt__timeout_ns(deadline_ns);
    int count = wait_for_events(epoll, timeout_ns);
    /* EINTR is an early return: the executor looks again at what is due and comes back. */
    MUST(count >= 0 || errno == EINTR);
    for (int i = 0; i < count; i++)
        deliver(reactor, &epoll->events[i]);
}
