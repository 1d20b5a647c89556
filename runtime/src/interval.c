/* SPDX-License-Identifier: MIT
 *
 * Periodic timers (see rt/interval.h): a sleep whose deadline moves on with each tick.
 */
#include "rt/interval.h"

int rt_interval_init(struct rt_interval *interval, uint64_t first_ns, uint64_t period_ns,
                     enum rt_missed missed)
{
    if (period_ns == 0)
        return -EINVAL;
    *interval = (struct rt_interval){.next_ns = first_ns, .period_ns = period_ns, .missed = missed};
    return 0;
}

static uint64_t later(uint64_t time_ns, uint64_t by_ns)
{
    return by_ns < TC_NEVER - time_ns ? time_ns + by_ns : TC_NEVER;
}

/* Moves on to the next tick; how many are left out. */
static rt_poll move_on(struct rt_interval *interval, uint64_t now_ns)
{
    uint64_t late_ns = now_ns > interval->next_ns ? now_ns - interval->next_ns : 0;
    uint64_t missed = late_ns / interval->period_ns;
    if (interval->missed == RT_MISSED_DELAY) {
        interval->next_ns = later(now_ns, interval->period_ns);
        return (rt_poll)missed;
    }
    if (interval->missed == RT_MISSED_BURST)
        missed = 0;
    interval->next_ns =
        later(interval->next_ns + missed * interval->period_ns, interval->period_ns);
    return (rt_poll)missed;
}

rt_poll rt_interval_tick_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_interval *interval)
{
    rt_poll result = rt_sleep_until_poll(wait, cx, &interval->timer, interval->next_ns);
    return result == RT_PENDING ? result : move_on(interval, rt_now_ns(cx->executor));
}

void rt_interval_tick_drop(struct rt_wait *wait, struct rt_interval *interval)
{
    rt_sleep_until_drop(wait, &interval->timer, interval->next_ns);
}
