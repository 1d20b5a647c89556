/* SPDX-License-Identifier: MIT
 *
 * Fault 9: an await in a function that is not asynchronous. Only what is polled can say "not yet":
 * a plain function has no frame to come back to.
 *
 * says: rt__wait
 */
#include "rt/rt.h"

int64_t receive(struct rt_chan *in);
int64_t receive(struct rt_chan *in)
{
    int64_t word = 0;
    RT_AWAIT(rt_chan_recv, in, &word);
    return word;
}
