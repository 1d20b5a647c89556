/* SPDX-License-Identifier: MIT
 *
 * Fault 3: a future that stores its waker, as it should, and nobody who fires it. The lectures'
 * second Delay does that (and keeps the first waker only, where the latest is the right one).
 *
 * exit: 1
 * says: rt: deadlock: all 1 tasks wait
 * says: task #1 late (spawned in main at 03_waker_never_fired.c:
 * says: waits for delay in late at 03_waker_never_fired.c:
 * says: it gave its waker away, which nobody has used
 */
#include "rt/rt.h"

struct delay {
    struct rt_waker waker;
    uint64_t deadline_ns;
};

static rt_poll delay_poll(struct rt_wait *wait, struct rt_cx *cx, struct delay *delay)
{
    (void)wait;
    if (rt_now_ns(cx->executor) >= delay->deadline_ns)
        return 0;
    delay->waker = rt_waker_of(cx); /* a timer would have to know it too: rt_sleep */
    return RT_PENDING;
}

static void delay_drop(struct rt_wait *wait, struct delay *delay)
{
    (void)wait, (void)delay;
}

struct late {
    RT_FRAME;
    struct delay delay;
};

static rt_poll late(void *frame, struct rt_cx *cx)
{
    struct late *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(delay, &self->delay);
    RT_END(0);
}

int main(void)
{
    struct rt_handle handle;
    struct rt_executor *executor = rt_executor_new(NULL);
    if (!executor ||
        RT_SPAWN(executor, late, &handle, {.delay.deadline_ns = tc_now_ns() + TC_NS_PER_S}) < 0)
        return 2;
    int64_t result = rt_block_on(executor, handle);
    rt_executor_free(executor);
    return result < 0;
}
