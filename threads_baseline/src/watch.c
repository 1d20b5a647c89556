/* SPDX-License-Identifier: MIT
 *
 * Watches on a mutex and a condition.
 */
#include "tb/watch.h"

#include "base/status.h"

#include <errno.h>

void tb_watch_init(struct tb_watch *watch, int64_t word)
{
    MUST(pthread_mutex_init(&watch->mutex, NULL) == 0);
    tb_cond_init(&watch->changed);
    watch->version = 0;
    watch->word = word;
    watch->closed = false;
}

void tb_watch_destroy(struct tb_watch *watch)
{
    tb_cond_destroy(&watch->changed);
    pthread_mutex_destroy(&watch->mutex);
}

void tb_watch_subscribe(struct tb_watch *watch, struct tb_watch_receiver *receiver)
{
    pthread_mutex_lock(&watch->mutex);
    *receiver = (struct tb_watch_receiver){watch, watch->version};
    pthread_mutex_unlock(&watch->mutex);
}

static void release_and_wake(struct tb_watch *watch)
{
    unsigned due = tb_cond_due(&watch->changed);
    pthread_mutex_unlock(&watch->mutex);
    tb_cond_wake_all(&watch->changed, due);
}

int tb_watch_send(struct tb_watch *watch, int64_t word)
{
    pthread_mutex_lock(&watch->mutex);
    if (watch->closed) {
        pthread_mutex_unlock(&watch->mutex);
        return -EPIPE;
    }
    watch->word = word;
    watch->version++;
    release_and_wake(watch);
    return 0;
}

void tb_watch_close(struct tb_watch *watch)
{
    pthread_mutex_lock(&watch->mutex);
    watch->closed = true;
    release_and_wake(watch);
}

int64_t tb_watch_changed(struct tb_watch_receiver *receiver, int64_t *word)
{
    struct tb_watch *watch = receiver->watch;
    int err = 0;
    pthread_mutex_lock(&watch->mutex);
    while (watch->version == receiver->seen && !watch->closed && !err)
        err = tb_cond_wait(&watch->changed, &watch->mutex);
    if (watch->version != receiver->seen) {
        receiver->seen = watch->version;
        *word = watch->word;
        err = 0;
    } else if (watch->closed) {
        err = -EPIPE;
    }
    pthread_mutex_unlock(&watch->mutex);
    return err;
}
