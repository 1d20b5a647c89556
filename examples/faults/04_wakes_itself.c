/* SPDX-License-Identifier: MIT
 *
 * Fault 4: a future that wakes itself at once and is polled again at once, until the time has come:
 * it waits by computing. The lectures' first two delays do that. It works, and takes a whole CPU.
 *
 * exit: 0
 * says: rt: busy wake: task #1 late (spawned in main at 04_wakes_itself.c:
 * says: woke itself in 100 of 100 wakes, at delay in late at 04_wakes_itself.c:
 */
#include "rt/rt.h"

static rt_poll delay_poll(struct rt_wait *wait, struct rt_cx *cx, uint64_t deadline_ns)
{
    (void)wait;
    if (rt_now_ns(cx->executor) >= deadline_ns)
        return 0;
    rt_waker_wake(rt_waker_of(cx));
    return RT_PENDING;
}

static void delay_drop(struct rt_wait *wait, uint64_t deadline_ns)
{
    (void)wait, (void)deadline_ns;
}

struct late {
    RT_FRAME;
    uint64_t deadline_ns;
};

static rt_poll late(void *frame, struct rt_cx *cx)
{
    struct late *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(delay, self->deadline_ns);
    RT_END(0);
}

int main(void)
{
    struct rt_handle handle;
    struct rt_executor *executor = rt_executor_new(NULL);
    uint64_t deadline_ns = tc_now_ns() + 50 * TC_NS_PER_MS;
    if (!executor || RT_SPAWN(executor, late, &handle, {.deadline_ns = deadline_ns}) < 0)
        return 2;
    int64_t result = rt_block_on(executor, handle);
    rt_executor_free(executor);
    return result < 0;
}
