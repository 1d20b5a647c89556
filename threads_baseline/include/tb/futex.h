/* SPDX-License-Identifier: MIT
 *
 * A bare futex word between threads: what mutexes and conditions are made of, without them. Wake
 * it with tc_futex_wake().
 */
#ifndef TB_FUTEX_H
#define TB_FUTEX_H

#include "base/futex.h"

/* Waits until *word is not `value`: 0. Does not sleep when it already is not. Thread-safe. */
static inline int64_t tb_futex_wait(const uint32_t *word, uint32_t value)
{
    while (__atomic_load_n(word, __ATOMIC_ACQUIRE) == value)
        tc_futex_wait(word, value, TC_NEVER);
    return 0;
}

#endif
