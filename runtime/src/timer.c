/* SPDX-License-Identifier: MIT
 *
 * The timing wheel (see wheel.h) and sleeping on it.
 */
#include "wheel.h"

#include "base/status.h"

#define HORIZON_TICKS  (UINT64_C(1) << (RT_WHEEL_BITS * RT_WHEEL_LEVELS))
#define TOP_SLOT_TICKS (UINT64_C(1) << (RT_WHEEL_BITS * (RT_WHEEL_LEVELS - 1)))

/* Deadlines that are compared in one slot, to know how long to sleep. */
enum { FEW = 16 };

static uint64_t tick_after(uint64_t ns)
{
    uint64_t tick = ns >> RT_TICK_SHIFT;
    return tick + ((tick << RT_TICK_SHIFT) != ns);
}

static void set_time(struct rt_wheel *wheel, uint64_t now_ns)
{
    wheel->now_ns = now_ns;
    wheel->now_tick = now_ns >> RT_TICK_SHIFT;
}

void rt__wheel_init(struct rt_wheel *wheel, uint64_t now_ns)
{
    set_time(wheel, now_ns);
    wheel->levels = 0;
    for (int level = 0; level < RT_WHEEL_LEVELS; level++) {
        wheel->occupied[level] = 0;
        for (int slot = 0; slot < RT_WHEEL_SLOTS; slot++)
            list_init(&wheel->slots[level][slot]);
    }
}

/* Where a timer belongs, seen from the wheel's time. */
static struct list *place(struct rt_wheel *wheel, const struct rt_timer *timer)
{
    uint64_t now = wheel->now_tick, tick = tick_after(timer->deadline_ns);
    /* A slot short of the horizon, so that a wrapped slot is never the one that time is in. */
    if (tick - now > HORIZON_TICKS - TOP_SLOT_TICKS)
        tick = now + HORIZON_TICKS - TOP_SLOT_TICKS;
    unsigned level =
        (63 - (unsigned)__builtin_clzll((tick ^ now) | (RT_WHEEL_SLOTS - 1))) / RT_WHEEL_BITS;
    if (level >= RT_WHEEL_LEVELS)
        level = RT_WHEEL_LEVELS - 1;
    unsigned slot = (tick >> (RT_WHEEL_BITS * level)) & (RT_WHEEL_SLOTS - 1);
    wheel->occupied[level] |= UINT64_C(1) << slot;
    wheel->levels |= 1u << level;
    return &wheel->slots[level][slot];
}

void rt__wheel_insert(struct rt_wheel *wheel, struct rt_timer *timer, struct rt_task *task)
{
    timer->wait.task = task;
    list_push_tail(place(wheel, timer), &timer->wait.link);
}

/* The first tick of the earliest slot that holds timers, or TC_NEVER. Clears bits of empty slots.
 */
static uint64_t next_tick(struct rt_wheel *wheel, struct list **found)
{
    while (wheel->levels) {
        unsigned level = (unsigned)__builtin_ctz(wheel->levels);
        unsigned shift = RT_WHEEL_BITS * level;
        unsigned here = (wheel->now_tick >> shift) & (RT_WHEEL_SLOTS - 1);
        while (wheel->occupied[level]) {
            uint64_t occupied = wheel->occupied[level];
            /* Slots behind `here` can only be in the top level and are a turn ahead. */
            uint64_t from_here = occupied >> here << here;
            unsigned slot = (unsigned)__builtin_ctzll(from_here ? from_here : occupied);
            if (list_empty(&wheel->slots[level][slot])) {
                wheel->occupied[level] &= ~(UINT64_C(1) << slot);
                continue;
            }
            uint64_t turn = wheel->now_tick >> shift >> RT_WHEEL_BITS;
            *found = &wheel->slots[level][slot];
            return (((turn + !from_here) << RT_WHEEL_BITS) + slot) << shift;
        }
        wheel->levels &= ~(1u << level);
    }
    return TC_NEVER;
}

/* The earliest tick of the timers in a slot that begins at `begin`, or that, when they are many.
 * Those beyond the horizon say nothing about what is in the slots behind this one. */
static uint64_t earliest_tick(const struct list *slot, uint64_t begin)
{
    uint64_t earliest = begin + TOP_SLOT_TICKS;
    int count = 0;
    for (const struct list *node = slot->next; node != slot; node = node->next) {
        uint64_t tick = tick_after(TC_CONTAINER_OF(node, struct rt_timer, wait.link)->deadline_ns);
        if (++count > FEW)
            return begin;
        earliest = tick < earliest ? tick : earliest;
    }
    return earliest;
}

uint64_t rt__wheel_next_ns(struct rt_wheel *wheel)
{
    struct list *slot;
    uint64_t begin = next_tick(wheel, &slot);
    if (begin == TC_NEVER)
        return TC_NEVER;
    return earliest_tick(slot, begin) << RT_TICK_SHIFT;
}

void rt__wheel_advance(struct rt_wheel *wheel, uint64_t now_ns)
{
    uint64_t target = now_ns >> RT_TICK_SHIFT, tick;
    struct list *slot;
    while ((tick = next_tick(wheel, &slot)) <= target) {
        /* A slot of a higher level begins where time may already be. */
        if (tick > wheel->now_tick)
            wheel->now_tick = tick;
        struct list met;
        list_init(&met);
        list_splice_tail(&met, slot);
        while (!list_empty(&met)) {
            struct rt_timer *timer = TC_CONTAINER_OF(met.next, struct rt_timer, wait.link);
            list_unlink(&timer->wait.link);
            if (tick_after(timer->deadline_ns) <= wheel->now_tick) {
                timer->wait.link.next = RT_GRANTED;
                rt_task_wake(timer->wait.task);
            } else {
                list_push_tail(place(wheel, timer), &timer->wait.link);
            }
        }
    }
    if (target > wheel->now_tick)
        wheel->now_tick = target;
    wheel->now_ns = now_ns;
}

uint64_t rt_timer_now_ns(struct rt_executor *executor)
{
    struct rt_wheel *wheel = executor->wheel;
    if (!rt__wheel_may_hold(wheel))
        set_time(wheel, rt_now_ns(executor));
    return wheel->now_ns;
}

void rt_timer_start(struct rt_timer *timer, struct rt_cx *cx, uint64_t deadline_ns)
{
    RT_SEE(rt__see_promise(cx));
    struct rt_executor *executor = cx->executor;
    uint64_t now_ns = rt_timer_now_ns(executor);
    if (TC_UNLIKELY(deadline_ns == TC_NEVER)) {
        rt_timer_init(timer);
        return;
    }
    timer->deadline_ns = deadline_ns > now_ns ? deadline_ns : now_ns + 1;
    rt__wheel_insert(executor->wheel, timer, cx->task);
}

rt_poll rt_sleep_until_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_timer *timer,
                            uint64_t deadline_ns)
{
    bool first = rt_wait_is_idle(wait);
    if (!first && rt_wait_is_granted(&timer->wait)) {
        rt_timer_init(timer);
        return 0;
    }
    if (rt_timer_now_ns(cx->executor) >= deadline_ns) {
        if (!first)
            rt_timer_stop(timer);
        return 0;
    }
    if (first) {
        wait->link.next = RT_GRANTED; /* started; the timer has a waiter of its own */
        rt_timer_start(timer, cx, deadline_ns);
    }
    return RT_PENDING;
}

void rt_sleep_until_drop(struct rt_wait *wait, struct rt_timer *timer, uint64_t deadline_ns)
{
    (void)deadline_ns;
    if (!rt_wait_is_idle(wait))
        rt_timer_stop(timer);
}
