/* SPDX-License-Identifier: MIT
 *
 * An HTTP client whose fetches are tasks: all targets are fetched at the same time, one deadline
 * holds for the whole of each, and the payloads are written in the order of the command line.
 *
 *     http_get PORT [--bytewise] TARGET...
 */
#include "http_fetch.h"

#include "rt/rt.h"

struct get {
    RT_FRAME;
    struct fetch *fetch;
    const struct sockaddr_in *address;
    struct rt_io *io;
    struct rt_timeout timeout;
    uint64_t deadline_ns;
    size_t sent;
    int64_t count;
};

static rt_poll get(void *frame, struct rt_cx *cx)
{
    struct get *self = frame;
    struct fetch *fetch = self->fetch;
    RT_BEGIN(self, cx);
    self->deadline_ns = rt_now_ns(cx->executor) + PATIENCE_NS;
    RT_TRY(rt_timeout, &self->timeout, self->deadline_ns, rt_connect,
           (const struct sockaddr *)self->address, sizeof *self->address, &self->io);
    for (; self->sent < fetch->request_size; self->sent += (size_t)self->count)
        RT_TRY_INTO(self->count, rt_timeout, &self->timeout, self->deadline_ns, rt_write, self->io,
                    fetch->request + self->sent, next_piece(fetch, self->sent));
    shutdown(rt_io_fd(self->io), SHUT_WR);
    do {
        RT_TRY_INTO(self->count, rt_timeout, &self->timeout, self->deadline_ns, rt_read, self->io,
                    fetch->reply + fetch->size, REPLY_MAX - fetch->size);
        fetch->size += (size_t)self->count;
    } while (self->count > 0);
    RT_END_FINALLY(0, { rt_io_close(self->io); });
}

int main(int argc, char **argv)
{
    struct fetches fetches;
    read_arguments(&fetches, argc, argv);
    struct rt_handle *handles = calloc((size_t)fetches.count, sizeof *handles);
    struct rt_executor *executor = rt_executor_new(NULL);
    MUST(handles && executor);
    for (int i = 0; i < fetches.count; i++)
        fetches.items[i].error = RT_SPAWN(
            executor, get, &handles[i], {.fetch = &fetches.items[i], .address = &fetches.address});
    for (int i = 0; i < fetches.count; i++)
        if (!fetches.items[i].error)
            fetches.items[i].error = rt_block_on(executor, handles[i]);
    rt_executor_free(executor);
    free(handles);
    return tell_all(&fetches);
}
