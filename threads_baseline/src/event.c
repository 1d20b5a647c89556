/* SPDX-License-Identifier: MIT
 *
 * Events on a mutex and a condition; the latch counts without the mutex until the last arrival.
 */
#include "tb/event.h"

#include "base/status.h"

void tb_event_init(struct tb_event *event)
{
    MUST(pthread_mutex_init(&event->mutex, NULL) == 0);
    tb_cond_init(&event->changed);
    event->set = false;
    event->sets = 0;
}

void tb_event_destroy(struct tb_event *event)
{
    tb_cond_destroy(&event->changed);
    pthread_mutex_destroy(&event->mutex);
}

/* The wake stands inside the mutex, unlike in channels: a waiter may destroy the event as soon
 * as it has seen it set, which it can't before the mutex is released. */
void tb_event_set(struct tb_event *event)
{
    pthread_mutex_lock(&event->mutex);
    event->set = true;
    event->sets++;
    tb_cond_wake_all(&event->changed, tb_cond_due(&event->changed));
    pthread_mutex_unlock(&event->mutex);
}

void tb_event_reset(struct tb_event *event)
{
    pthread_mutex_lock(&event->mutex);
    event->set = false;
    pthread_mutex_unlock(&event->mutex);
}

int64_t tb_event_wait(struct tb_event *event)
{
    pthread_mutex_lock(&event->mutex);
    /* A woken thread may come too late to see the event set: that it was is enough. */
    uint64_t sets = event->sets;
    int err = 0;
    while (!event->set && event->sets == sets && !err)
        err = tb_cond_wait(&event->changed, &event->mutex);
    if (event->set || event->sets != sets)
        err = 0;
    pthread_mutex_unlock(&event->mutex);
    return err;
}

void tb_event_one_init(struct tb_event_one *event)
{
    tb_event_init(&event->event);
}

void tb_event_one_destroy(struct tb_event_one *event)
{
    tb_event_destroy(&event->event);
}

void tb_event_one_set(struct tb_event_one *event)
{
    pthread_mutex_lock(&event->event.mutex);
    event->event.set = true;
    unsigned due = tb_cond_due(&event->event.changed);
    pthread_mutex_unlock(&event->event.mutex);
    tb_cond_wake_one(&event->event.changed, due); /* outside, as in channels */
}

int64_t tb_event_one_wait(struct tb_event_one *event)
{
    int err = 0;
    pthread_mutex_lock(&event->event.mutex);
    while (!event->event.set && !err)
        err = tb_cond_wait(&event->event.changed, &event->event.mutex);
    if (event->event.set)
        err = 0;
    event->event.set = false;
    pthread_mutex_unlock(&event->event.mutex);
    return err;
}

void tb_latch_init(struct tb_latch *latch, uint64_t expected)
{
    tb_event_init(&latch->open);
    latch->open.set = expected == 0;
    __atomic_store_n(&latch->missing, expected, __ATOMIC_RELAXED);
}

void tb_latch_destroy(struct tb_latch *latch)
{
    tb_event_destroy(&latch->open);
}

void tb_latch_reset(struct tb_latch *latch, uint64_t expected)
{
    /* The mutex waits for the last arrival to be out of its broadcast. */
    pthread_mutex_lock(&latch->open.mutex);
    latch->open.set = expected == 0;
    __atomic_store_n(&latch->missing, expected, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&latch->open.mutex);
}

void tb_latch_arrive(struct tb_latch *latch)
{
    /* Release: what this thread did before arriving is seen by whoever the latch lets through.
     * Acquire, for the last one: it sets the event on behalf of all earlier arrivals. */
    uint64_t before = __atomic_fetch_sub(&latch->missing, 1, __ATOMIC_ACQ_REL);
    MUST(before > 0);
    if (before == 1)
        tb_event_set(&latch->open);
}

int64_t tb_latch_wait(struct tb_latch *latch)
{
    return tb_event_wait(&latch->open);
}
