/* SPDX-License-Identifier: MIT
 *
 * Bounded channels of 64-bit words between threads: a ring under a mutex, and a condition for each
 * side. A side is signalled only while somebody waits there, and after the mutex is released, so
 * that the woken thread does not run into it.
 */
#ifndef TB_CHAN_H
#define TB_CHAN_H

#include <stdint.h>

struct tb_chan;

/* A channel that holds `capacity` messages (1 to 2^30), or NULL when memory is short. */
struct tb_chan *tb_chan_new(uint32_t capacity);

/* Nobody may be using it. NULL is ignored. */
void tb_chan_free(struct tb_chan *chan);

/* No more messages: waiting and later senders get -EPIPE; receivers get what is left, then -EPIPE.
 */
void tb_chan_close(struct tb_chan *chan);

/* Waits for a place and sends. 0, or -EPIPE when closed. Thread-safe. */
int64_t tb_chan_send(struct tb_chan *chan, int64_t message);

/* Waits for a message and receives it. 0, or -EPIPE when closed and empty. Thread-safe. */
int64_t tb_chan_recv(struct tb_chan *chan, int64_t *message);

#endif
