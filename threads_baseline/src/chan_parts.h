/* SPDX-License-Identifier: MIT
 *
 * What a channel is made of, for the files that look inside: chan.c and select.c.
 */
#ifndef TB_CHAN_PARTS_H
#define TB_CHAN_PARTS_H

#include "tb/chan.h"
#include "tb/cond.h"

struct tb_chan {
    pthread_mutex_t mutex; /* guards all that follows */
    struct tb_cond has_place, has_message;
    uint32_t places; /* neither taken by a message nor reserved */
    uint32_t count;  /* messages */
    uint32_t head, tail, mask;
    bool closed;
    int64_t ring[];
};

/* With the mutex held and a message there: takes it. */
static inline int64_t tb__chan_take(struct tb_chan *chan)
{
    chan->count--;
    chan->places++;
    return chan->ring[chan->head++ & chan->mask];
}

#endif
