/* SPDX-License-Identifier: MIT
 *
 * Broadcasts on a mutex and a condition.
 */
#include "tb/broadcast.h"

#include "tb/cond.h"

#include "base/status.h"

#include <errno.h>
#include <stdlib.h>

struct tb_broadcast {
    pthread_mutex_t mutex; /* guards all that follows */
    struct tb_cond changed;
    uint64_t sent; /* how many words, ever; masked on use */
    uint64_t capacity;
    uint32_t mask;
    bool closed;
    int64_t ring[];
};

struct tb_broadcast *tb_broadcast_new(uint32_t capacity)
{
    MUST(capacity > 0 && capacity <= UINT32_C(1) << 30);
    uint32_t length = 1;
    while (length < capacity)
        length *= 2;
    struct tb_broadcast *broadcast = malloc(sizeof *broadcast + length * sizeof broadcast->ring[0]);
    if (!broadcast)
        return NULL;
    *broadcast = (struct tb_broadcast){.capacity = capacity, .mask = length - 1};
    MUST(pthread_mutex_init(&broadcast->mutex, NULL) == 0);
    tb_cond_init(&broadcast->changed);
    return broadcast;
}

void tb_broadcast_free(struct tb_broadcast *broadcast)
{
    if (!broadcast)
        return;
    tb_cond_destroy(&broadcast->changed);
    pthread_mutex_destroy(&broadcast->mutex);
    free(broadcast);
}

static void release_and_wake(struct tb_broadcast *broadcast)
{
    unsigned due = tb_cond_due(&broadcast->changed);
    pthread_mutex_unlock(&broadcast->mutex);
    tb_cond_wake_all(&broadcast->changed, due);
}

void tb_broadcast_close(struct tb_broadcast *broadcast)
{
    pthread_mutex_lock(&broadcast->mutex);
    broadcast->closed = true;
    release_and_wake(broadcast);
}

void tb_broadcast_subscribe(struct tb_broadcast *broadcast, struct tb_broadcast_receiver *receiver)
{
    pthread_mutex_lock(&broadcast->mutex);
    *receiver = (struct tb_broadcast_receiver){broadcast, broadcast->sent};
    pthread_mutex_unlock(&broadcast->mutex);
}

void tb_broadcast_unsubscribe(struct tb_broadcast_receiver *receiver)
{
    receiver->broadcast = NULL; /* nothing counts them */
}

int tb_broadcast_send(struct tb_broadcast *broadcast, int64_t word)
{
    pthread_mutex_lock(&broadcast->mutex);
    if (broadcast->closed) {
        pthread_mutex_unlock(&broadcast->mutex);
        return -EPIPE;
    }
    broadcast->ring[broadcast->sent++ & broadcast->mask] = word;
    release_and_wake(broadcast);
    return 0;
}

/* With the mutex held. */
static int64_t take_word(struct tb_broadcast *broadcast, uint64_t *next, int64_t *word)
{
    int err = 0;
    while (broadcast->sent == *next && !broadcast->closed && !err)
        err = tb_cond_wait(&broadcast->changed, &broadcast->mutex);
    uint64_t behind = broadcast->sent - *next;
    if (behind == 0)
        return broadcast->closed ? -EPIPE : err;
    if (behind > broadcast->capacity) {
        uint64_t lost = behind - broadcast->capacity;
        *next += lost;
        return (int64_t)lost;
    }
    *word = broadcast->ring[(*next)++ & broadcast->mask];
    return 0;
}

int64_t tb_broadcast_recv(struct tb_broadcast_receiver *receiver, int64_t *word)
{
    struct tb_broadcast *broadcast = receiver->broadcast;
    pthread_mutex_lock(&broadcast->mutex);
    int64_t result = take_word(broadcast, &receiver->next, word);
    pthread_mutex_unlock(&broadcast->mutex);
    return result;
}
