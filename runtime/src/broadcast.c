/* SPDX-License-Identifier: MIT
 *
 * The rare half of broadcasts: making, closing, freeing. Sending and receiving are in
 * rt/broadcast.h.
 */
#include "rt/broadcast.h"

#include <stdlib.h>

struct rt_broadcast *rt_broadcast_new(uint32_t capacity)
{
    MUST(capacity > 0 && capacity <= UINT32_C(1) << 30);
    uint32_t length = 1;
    while (length < capacity)
        length *= 2;
    struct rt_broadcast *broadcast = malloc(sizeof *broadcast + length * sizeof(int64_t));
    RT_SEE(rt__see_object(RT_BROADCASTS, broadcast ? 1 : 0));
    if (broadcast)
        *broadcast = (struct rt_broadcast){.capacity = capacity, .mask = length - 1};
    return broadcast;
}

void rt_broadcast_free(struct rt_broadcast *broadcast)
{
    MUST(!broadcast || !broadcast->waiters.first);
    RT_SEE(rt__see_object(RT_BROADCASTS, broadcast ? -1 : 0));
    free(broadcast);
}

void rt_broadcast_close(struct rt_broadcast *broadcast)
{
    broadcast->closed = true;
    rt_queue_wake_all(&broadcast->waiters);
}
