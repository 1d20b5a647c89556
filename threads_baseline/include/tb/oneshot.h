/* SPDX-License-Identifier: MIT
 *
 * One word from one thread to another, or the news that it will not come, as rt/oneshot.h:
 *
 *     empty --send--> full --recv--> closed        empty --close--> closed
 *
 * Mutex and condition (tb/cond.h). Thread-safe but for init and destroy; the receiver may destroy
 * it as soon as it has the word. O(1). Waiting heeds the thread's scope (tb/scope.h).
 */
#ifndef TB_ONESHOT_H
#define TB_ONESHOT_H

#include "tb/cond.h"

struct tb_oneshot {
    pthread_mutex_t mutex; /* guards what follows */
    struct tb_cond changed;
    enum { TB_ONESHOT_EMPTY, TB_ONESHOT_FULL, TB_ONESHOT_CLOSED } state;
    bool awaited; /* a thread waits for the word */
    int64_t word; /* while full */
};

void tb_oneshot_init(struct tb_oneshot *oneshot);
void tb_oneshot_destroy(struct tb_oneshot *oneshot);

/* Sends the word: 0, or -EPIPE when the other side has closed or a word was sent before. */
int tb_oneshot_send(struct tb_oneshot *oneshot, int64_t word);

/* By the sender: no word will come. By the receiver: none is wanted. A word that was sent can still
 * be received. Closing twice is closing once. */
void tb_oneshot_close(struct tb_oneshot *oneshot);

/* Takes the word: 0; -EPIPE when none will come, or it was taken; -EBUSY when another thread waits
 * for it. */
int64_t tb_oneshot_recv(struct tb_oneshot *oneshot, int64_t *word);

#endif
