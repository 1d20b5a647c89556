/* SPDX-License-Identifier: MIT
 *
 * The newest word, for any number of observers, as rt/watch.h: sending replaces it, and each
 * observer is told that there is one it has not seen. A slow observer skips what was replaced,
 * never goes back, and always sees the last.
 *
 * Mutex and condition (tb/cond.h). Thread-safe but for init and destroy; an observer is used by one
 * thread at a time. Sending is O(observers that wait). Waiting heeds the thread's scope.
 */
#ifndef TB_WATCH_H
#define TB_WATCH_H

#include "tb/cond.h"

struct tb_watch {
    pthread_mutex_t mutex; /* guards what follows */
    struct tb_cond changed;
    uint64_t version; /* how often it was sent */
    int64_t word;
    bool closed;
};

struct tb_watch_receiver {
    struct tb_watch *watch;
    uint64_t seen; /* the version it was told of last */
};

void tb_watch_init(struct tb_watch *watch, int64_t word);
void tb_watch_destroy(struct tb_watch *watch);

/* An observer that has seen what the word is now. */
void tb_watch_subscribe(struct tb_watch *watch, struct tb_watch_receiver *receiver);

/* Replaces the word: 0, or -EPIPE when closed. */
int tb_watch_send(struct tb_watch *watch, int64_t word);

/* There will be no other word. Observers still see the last one. */
void tb_watch_close(struct tb_watch *watch);

/* The newest word that this observer has not seen: 0; -EPIPE when it has seen the last one. */
int64_t tb_watch_changed(struct tb_watch_receiver *receiver, int64_t *word);

#endif
