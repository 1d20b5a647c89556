/* SPDX-License-Identifier: MIT
 *
 * Fault 6: a server that answers without having read the request. The kernel resets a connection
 * that is closed with unread bytes, and the client may lose the answer. (The lectures' server also
 * writes once and trusts that all was taken: rt_write says how much it was.)
 *
 * exit: 0
 * says: rt: unread: a connection is closed with 18 bytes unread
 * says: the client's next read: Connection reset by peer
 */
#include "rt/rt.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct serve {
    RT_FRAME;
    struct rt_io *client;
    int64_t count;
};

static rt_poll serve(void *frame, struct rt_cx *cx)
{
    static const char answer[] = "HTTP/1.1 204 No Content\r\n\r\n";
    struct serve *self = frame;
    RT_BEGIN(self, cx);
    RT_TRY_INTO(self->count, rt_write, self->client, answer, sizeof answer - 1);
    RT_END_FINALLY(0, { rt_io_close(self->client); });
}

int main(void)
{
    static const char request[] = "GET / HTTP/1.1\r\n\r\n";
    char bytes[100];
    int ends[2];
    struct rt_io *client;
    struct rt_handle handle;
    struct rt_executor *executor = rt_executor_new(NULL);
    if (!executor || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0 ||
        write(ends[1], request, sizeof request - 1) < 0 ||
        rt_io_open(executor, ends[0], &client) < 0 ||
        RT_SPAWN(executor, serve, &handle, {.client = client}) < 0)
        return 2;
    rt_block_on(executor, handle);
    while (read(ends[1], bytes, sizeof bytes) > 0) {
    }
    printf("the client's next read: %s\n", strerror(errno));
    rt_executor_free(executor);
    return 0;
}
