/* SPDX-License-Identifier: MIT
 *
 * The textbook bounded buffer (Hoare, "Monitors", CACM 17, 1974) on pthread mutex and conditions.
 */
#include "tb/chan.h"

#include "base/status.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct tb_chan {
    pthread_mutex_t mutex; /* guards all that follows */
    pthread_cond_t has_place, has_message;
    uint32_t senders, receivers; /* how many wait */
    uint32_t capacity, count;
    uint32_t head, tail, mask;
    bool closed;
    int64_t ring[];
};

struct tb_chan *tb_chan_new(uint32_t capacity)
{
    MUST(capacity > 0 && capacity <= UINT32_C(1) << 30);
    uint32_t length = 1;
    while (length < capacity)
        length *= 2;
    struct tb_chan *chan = malloc(sizeof *chan + length * sizeof chan->ring[0]);
    if (!chan)
        return NULL;
    *chan = (struct tb_chan){.capacity = capacity, .mask = length - 1};
    MUST(pthread_mutex_init(&chan->mutex, NULL) == 0);
    MUST(pthread_cond_init(&chan->has_place, NULL) == 0);
    MUST(pthread_cond_init(&chan->has_message, NULL) == 0);
    return chan;
}

void tb_chan_free(struct tb_chan *chan)
{
    if (!chan)
        return;
    pthread_cond_destroy(&chan->has_message);
    pthread_cond_destroy(&chan->has_place);
    pthread_mutex_destroy(&chan->mutex);
    free(chan);
}

void tb_chan_close(struct tb_chan *chan)
{
    pthread_mutex_lock(&chan->mutex);
    chan->closed = true;
    pthread_mutex_unlock(&chan->mutex);
    pthread_cond_broadcast(&chan->has_place);
    pthread_cond_broadcast(&chan->has_message);
}

int64_t tb_chan_send(struct tb_chan *chan, int64_t message)
{
    pthread_mutex_lock(&chan->mutex);
    while (chan->count == chan->capacity && !chan->closed) {
        chan->senders++;
        pthread_cond_wait(&chan->has_place, &chan->mutex);
        chan->senders--;
    }
    if (chan->closed) {
        pthread_mutex_unlock(&chan->mutex);
        return -EPIPE;
    }
    chan->ring[chan->tail++ & chan->mask] = message;
    chan->count++;
    bool wake = chan->receivers > 0;
    pthread_mutex_unlock(&chan->mutex);
    if (wake)
        pthread_cond_signal(&chan->has_message);
    return 0;
}

int64_t tb_chan_recv(struct tb_chan *chan, int64_t *message)
{
    pthread_mutex_lock(&chan->mutex);
    while (chan->count == 0 && !chan->closed) {
        chan->receivers++;
        pthread_cond_wait(&chan->has_message, &chan->mutex);
        chan->receivers--;
    }
    if (chan->count == 0) {
        pthread_mutex_unlock(&chan->mutex);
        return -EPIPE;
    }
    *message = chan->ring[chan->head++ & chan->mask];
    chan->count--;
    bool wake = chan->senders > 0;
    pthread_mutex_unlock(&chan->mutex);
    if (wake)
        pthread_cond_signal(&chan->has_place);
    return 0;
}
