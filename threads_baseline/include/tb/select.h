/* SPDX-License-Identifier: MIT
 *
 * Waiting for several channels at once: the first that has a message, by one thread that sleeps on
 * all of them (futex_waitv(2)). The counterpart of selecting among receives; a thread can't wait
 * for two calls of other kinds at once, which is what it would take to select among any futures.
 */
#ifndef TB_SELECT_H
#define TB_SELECT_H

#include "tb/chan.h"

/* Receives from one of `count` channels (1 to 64): its index with the message in *message, or
 * -EPIPE when all are closed and empty, or a failure of the scope. Where several have a message
 * they take turns. Thread-safe, O(count). */
int64_t tb_select_recv(struct tb_chan *const *channels, unsigned count, int64_t *message);

#endif
