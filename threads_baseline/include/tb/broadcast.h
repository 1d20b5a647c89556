/* SPDX-License-Identifier: MIT
 *
 * Every receiver gets every word, as rt/broadcast.h: a ring that the sender never waits for, and a
 * cursor a receiver. A receiver that has fallen behind by more than the capacity is told how many
 * words it has lost and goes on with the oldest that is left.
 *
 * Mutex and condition (tb/cond.h). All calls but those that make and free are thread-safe; a
 * receiver is used by one thread at a time. Receiving is O(1), sending O(receivers that wait).
 * Waiting heeds the thread's scope (tb/scope.h), with no word taken.
 */
#ifndef TB_BROADCAST_H
#define TB_BROADCAST_H

#include <stdint.h>

struct tb_broadcast;

struct tb_broadcast_receiver {
    struct tb_broadcast *broadcast;
    uint64_t next; /* the word to receive next, of those ever sent */
};

/* Keeps `capacity` words (1 to 2^30), or NULL when memory is short. */
struct tb_broadcast *tb_broadcast_new(uint32_t capacity);

/* Nobody may be using it. NULL is ignored. */
void tb_broadcast_free(struct tb_broadcast *broadcast);

/* No more words: receivers get what is left for them, then -EPIPE. */
void tb_broadcast_close(struct tb_broadcast *broadcast);

/* From now on the receiver gets what is sent; no more. */
void tb_broadcast_subscribe(struct tb_broadcast *broadcast, struct tb_broadcast_receiver *receiver);
void tb_broadcast_unsubscribe(struct tb_broadcast_receiver *receiver);

/* Sends to all receivers that there are: 0, or -EPIPE when closed. Never waits for one. */
int tb_broadcast_send(struct tb_broadcast *broadcast, int64_t word);

/* 0 with the next word; k > 0 when k words were lost to this receiver, without a word; -EPIPE when
 * closed and all seen. */
int64_t tb_broadcast_recv(struct tb_broadcast_receiver *receiver, int64_t *word);

#endif
