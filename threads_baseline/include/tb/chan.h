/* SPDX-License-Identifier: MIT
 *
 * Bounded channels of 64-bit words between threads: a ring under a mutex, and a condition for each
 * side (tb/cond.h, which also says what the conditions are made of). A side is signalled only while
 * somebody waits there, and after the mutex is released, so that the woken thread does not run into
 * it.
 *
 * All calls but those that make and free are thread-safe and O(1), less the time that they wait.
 * What waits heeds the thread's scope (tb/scope.h): -ETIMEDOUT, -ECANCELED, with nothing sent or
 * received.
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

/* Waits for a place and sends. 0, or -EPIPE when closed. */
int64_t tb_chan_send(struct tb_chan *chan, int64_t message);

/* Waits for a message and receives it. 0, or -EPIPE when closed and empty. */
int64_t tb_chan_recv(struct tb_chan *chan, int64_t *message);

/* Waits for a place and keeps it, to be committed to or given back: 0, or -EPIPE when closed. */
int64_t tb_chan_reserve(struct tb_chan *chan);

/* Sends into a reserved place. Cannot fail, not even on a channel that was closed meanwhile. */
void tb_chan_commit(struct tb_chan *chan, int64_t message);

/* Gives a reserved place back. */
void tb_chan_unreserve(struct tb_chan *chan);

/* Without waiting: 0, -EAGAIN when it would have to wait, or -EPIPE as above. */
int tb_chan_try_send(struct tb_chan *chan, int64_t message);
int tb_chan_try_recv(struct tb_chan *chan, int64_t *message);

#endif
