/* SPDX-License-Identifier: MIT
 *
 * A hierarchical timing wheel (Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", SOSP
 * 1987), lazy: 6 levels of 64 slots, one bit a slot that says "may hold timers". Cancelling is an
 * unlink that leaves the bit behind; whoever next looks at the slot clears it.
 *
 * A timer lies at the level of the highest bit group in which its tick differs from the current
 * one. When time enters a slot of a higher level, its timers move down. Insert and cancel are O(1);
 * a timer moves down at most five times. Timers further away than 2^36 ticks (19 hours) wait in the
 * top level and are put back when they are met early.
 */
#ifndef RT_WHEEL_H
#define RT_WHEEL_H

#include "rt/timer.h"

enum { RT_WHEEL_LEVELS = 6, RT_WHEEL_BITS = 6, RT_WHEEL_SLOTS = 1 << RT_WHEEL_BITS };

struct rt_wheel {
    uint64_t now_ns; /* of the last look for due timers, see rt__wheel_now_ns() */
    uint64_t now_tick;
    unsigned
        levels; /* a bit for each level that may hold timers: none, and there is no look at it */
    uint64_t occupied[RT_WHEEL_LEVELS];
    struct list slots[RT_WHEEL_LEVELS][RT_WHEEL_SLOTS];
};

void rt__wheel_init(struct rt_wheel *wheel, uint64_t now_ns);

/* Links the timer; its wait must be idle and its deadline later than the wheel's time. */
void rt__wheel_insert(struct rt_wheel *wheel, struct rt_timer *timer, struct rt_task *task);

/* Wakes all timers due at `now_ns`, in the order of their ticks. */
void rt__wheel_advance(struct rt_wheel *wheel, uint64_t now_ns);

/* When to look again: never later than the earliest deadline's tick; TC_NEVER when there is none.
 * Of a slot of a higher level the deadlines are compared, as long as they are few; where they are
 * many it is when the slot begins, so that a crowd that is far away is met a few times before. */
uint64_t rt__wheel_next_ns(struct rt_wheel *wheel);

/* Whether there may be timers: if not, there is no need to look, and nobody keeps the time. */
static inline bool rt__wheel_may_hold(const struct rt_wheel *wheel)
{
    return wheel->levels != 0;
}

#endif
