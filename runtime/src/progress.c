/* SPDX-License-Identifier: MIT
 *
 * Reading and writing whole: as many reads or writes as it takes, each begun afresh.
 */
#include "rt/io.h"

rt_poll rt_read_exact_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *io, void *buffer,
                           size_t size, struct rt_progress *progress)
{
    rt_poll count = 0;
    while (progress->done < size) {
        count = rt_read_poll(wait, cx, io, (char *)buffer + progress->done, size - progress->done);
        if (count == RT_PENDING)
            return RT_PENDING;
        if (count <= 0)
            break;
        RT_SEE(rt__see_progress(cx));
        progress->done += (size_t)count;
        rt_wait_init(wait);
    }
    size_t done = progress->done;
    progress->done = 0;
    return count < 0 ? count : (rt_poll)done;
}

void rt_read_exact_drop(struct rt_wait *wait, struct rt_io *io, void *buffer, size_t size,
                        struct rt_progress *progress)
{
    rt_read_drop(wait, io, (char *)buffer + progress->done, size - progress->done);
}

rt_poll rt_write_all_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *io,
                          const void *buffer, size_t size, struct rt_progress *progress)
{
    rt_poll count = 0;
    while (progress->done < size) {
        count = rt_write_poll(wait, cx, io, (const char *)buffer + progress->done,
                              size - progress->done);
        if (count == RT_PENDING)
            return RT_PENDING;
        if (count < 0)
            break;
        RT_SEE(rt__see_progress(cx));
        progress->done += (size_t)count;
        rt_wait_init(wait);
    }
    progress->done = 0;
    return count < 0 ? count : (rt_poll)size;
}

void rt_write_all_drop(struct rt_wait *wait, struct rt_io *io, const void *buffer, size_t size,
                       struct rt_progress *progress)
{
    rt_write_drop(wait, io, (const char *)buffer + progress->done, size - progress->done);
}
