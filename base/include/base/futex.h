/* SPDX-License-Identifier: MIT
 *
 * futex(2), private to the process: sleeping until a word changes, in so many words.
 *
 * A wait may end for no reason, so callers stand in a loop around what they wait for. Waking is
 * allowed on memory that is gone: at worst it wakes somebody else for no reason, which is why a
 * waker may let go of an object first and wake its waiters then.
 */
#ifndef BASE_FUTEX_H
#define BASE_FUTEX_H

#include "base/clock.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Sleeps while *word is `expected`, until woken or until `deadline_ns` (TC_NEVER for none) on
 * CLOCK_MONOTONIC. 0, -EAGAIN when the word was another, -EINTR, or -ETIMEDOUT. Thread-safe. */
static inline int tc_futex_wait(const uint32_t *word, uint32_t expected, uint64_t deadline_ns)
{
    struct timespec deadline = tc_timespec(deadline_ns);
    long result = syscall(SYS_futex, word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected,
                          deadline_ns == TC_NEVER ? NULL : &deadline, NULL, FUTEX_BITSET_MATCH_ANY);
    return result < 0 ? -errno : 0;
}

/* Wakes at most `count` threads that sleep on the word (INT_MAX: all). Thread-safe. */
static inline void tc_futex_wake(const uint32_t *word, int count)
{
    syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, count, NULL, NULL, 0);
}

#endif
