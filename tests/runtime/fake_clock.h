/* SPDX-License-Identifier: MIT
 *
 * A clock that the test sets. CLOCK_MONOTONIC of this program is fake_now_ns, and waiting in epoll
 * with a timeout moves it there at once, so that an executor sleeps for hours in no time and the
 * tests know exactly what it asked for. To be included by one file of a program.
 */
#ifndef FAKE_CLOCK_H
#define FAKE_CLOCK_H

#include "base/clock.h"

#include <sys/epoll.h>
#include <sys/syscall.h>

static uint64_t fake_now_ns = 1000 * TC_NS_PER_S;

/* How often an executor has slept, in what way, and whether the kernel knows epoll_pwait2. */
static int sleeps_ns, sleeps_ms, looks;
static uint64_t slept_ns; /* in the last sleep */
static bool kernel_is_old;
static uint64_t oversleep_ns; /* every sleep ends this late */
static int interruptions;     /* how many of the next sleeps end at once, by a signal */

int clock_gettime(clockid_t clock, struct timespec *now)
{
    if (clock != CLOCK_MONOTONIC)
        return (int)syscall(SYS_clock_gettime, clock, now);
    *now = tc_timespec(fake_now_ns);
    return 0;
}

/* Nothing is ever ready in these tests: every wait runs into its timeout, or into a signal. */
static int pass(uint64_t timeout_ns)
{
    if (interruptions > 0) {
        interruptions--;
        errno = EINTR;
        return -1;
    }
    slept_ns = timeout_ns;
    fake_now_ns += timeout_ns + oversleep_ns;
    return 0;
}

int epoll_pwait2(int fd, struct epoll_event *events, int count, const struct timespec *timeout,
                 const sigset_t *mask)
{
    (void)fd, (void)events, (void)count, (void)mask;
    if (kernel_is_old) {
        errno = ENOSYS;
        return -1;
    }
    sleeps_ns++;
    return pass((uint64_t)timeout->tv_sec * TC_NS_PER_S + (uint64_t)timeout->tv_nsec);
}

int epoll_wait(int fd, struct epoll_event *events, int count, int timeout_ms)
{
    (void)fd, (void)events, (void)count;
    if (timeout_ms < 0)
        fail_msg("a wait without end in a world where nothing happens");
    if (timeout_ms == 0) {
        looks++;
        return 0;
    }
    sleeps_ms++;
    return pass((uint64_t)timeout_ms * TC_NS_PER_MS);
}

#endif
