/* SPDX-License-Identifier: MIT
 *
 * The textbook bounded buffer (Hoare, "Monitors", CACM 17, 1974) on a mutex and two conditions.
 */
#include "chan_parts.h"

#include "base/status.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

struct tb_chan *tb_chan_new(uint32_t capacity)
{
    MUST(capacity > 0 && capacity <= UINT32_C(1) << 30);
    uint32_t length = 1;
    while (length < capacity)
        length *= 2;
    struct tb_chan *chan = malloc(sizeof *chan + length * sizeof chan->ring[0]);
    if (!chan)
        return NULL;
    *chan = (struct tb_chan){.places = capacity, .mask = length - 1};
    MUST(pthread_mutex_init(&chan->mutex, NULL) == 0);
    tb_cond_init(&chan->has_place);
    tb_cond_init(&chan->has_message);
    return chan;
}

void tb_chan_free(struct tb_chan *chan)
{
    if (!chan)
        return;
    tb_cond_destroy(&chan->has_message);
    tb_cond_destroy(&chan->has_place);
    pthread_mutex_destroy(&chan->mutex);
    free(chan);
}

void tb_chan_close(struct tb_chan *chan)
{
    pthread_mutex_lock(&chan->mutex);
    chan->closed = true;
    unsigned senders = tb_cond_due(&chan->has_place);
    unsigned receivers = tb_cond_due(&chan->has_message);
    pthread_mutex_unlock(&chan->mutex);
    tb_cond_wake_all(&chan->has_place, senders);
    tb_cond_wake_all(&chan->has_message, receivers);
}

/* -- with the mutex held -- */

static int take_place(struct tb_chan *chan, bool may_wait)
{
    int err = may_wait ? 0 : -EAGAIN;
    while (chan->places == 0 && !chan->closed && !err)
        err = tb_cond_wait(&chan->has_place, &chan->mutex);
    if (chan->closed)
        return -EPIPE;
    if (chan->places == 0)
        return err;
    chan->places--;
    return 0;
}

static int take_message(struct tb_chan *chan, bool may_wait, int64_t *message)
{
    int err = may_wait ? 0 : -EAGAIN;
    while (chan->count == 0 && !chan->closed && !err)
        err = tb_cond_wait(&chan->has_message, &chan->mutex);
    if (chan->count == 0)
        return chan->closed ? -EPIPE : err;
    *message = tb__chan_take(chan);
    return 0;
}

static void put(struct tb_chan *chan, int64_t message)
{
    chan->ring[chan->tail++ & chan->mask] = message;
    chan->count++;
}

/* -- releasing it, and waking whom the change concerns -- */

static void release_with_message(struct tb_chan *chan)
{
    unsigned due = tb_cond_due(&chan->has_message);
    pthread_mutex_unlock(&chan->mutex);
    tb_cond_wake_one(&chan->has_message, due);
}

static void release_with_place(struct tb_chan *chan)
{
    unsigned due = tb_cond_due(&chan->has_place);
    pthread_mutex_unlock(&chan->mutex);
    tb_cond_wake_one(&chan->has_place, due);
}

static int send(struct tb_chan *chan, bool may_wait, int64_t message)
{
    pthread_mutex_lock(&chan->mutex);
    int err = take_place(chan, may_wait);
    if (err) {
        pthread_mutex_unlock(&chan->mutex);
        return err;
    }
    put(chan, message);
    release_with_message(chan);
    return 0;
}

static int receive(struct tb_chan *chan, bool may_wait, int64_t *message)
{
    pthread_mutex_lock(&chan->mutex);
    int err = take_message(chan, may_wait, message);
    if (err) {
        pthread_mutex_unlock(&chan->mutex);
        return err;
    }
    release_with_place(chan);
    return 0;
}

/* -- for the caller -- */

int64_t tb_chan_send(struct tb_chan *chan, int64_t message)
{
    return send(chan, true, message);
}

int tb_chan_try_send(struct tb_chan *chan, int64_t message)
{
    return send(chan, false, message);
}

int64_t tb_chan_recv(struct tb_chan *chan, int64_t *message)
{
    return receive(chan, true, message);
}

int tb_chan_try_recv(struct tb_chan *chan, int64_t *message)
{
    return receive(chan, false, message);
}

int64_t tb_chan_reserve(struct tb_chan *chan)
{
    pthread_mutex_lock(&chan->mutex);
    int err = take_place(chan, true);
    pthread_mutex_unlock(&chan->mutex);
    return err;
}

void tb_chan_commit(struct tb_chan *chan, int64_t message)
{
    pthread_mutex_lock(&chan->mutex);
    put(chan, message);
    release_with_message(chan);
}

void tb_chan_unreserve(struct tb_chan *chan)
{
    pthread_mutex_lock(&chan->mutex);
    chan->places++;
    release_with_place(chan);
}
