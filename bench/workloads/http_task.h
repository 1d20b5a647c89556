/* SPDX-License-Identifier: MIT
 *
 * An HTTP connection in the words of the models: a task that moves the bytes which
 * http/connection.h wants moved. The floor has the parts without the task.
 */
#ifndef HTTP_TASK_H
#define HTTP_TASK_H

#include "http/connection.h"

#include <stdlib.h>
#include <sys/socket.h>

/* Of one connection, on a cache line of its own. */
struct place {
    _Alignas(64) struct http_connection *http;
    uint64_t answered; /* atomic: the driver reads it meanwhile */
};

/* False when memory is short. */
static inline bool place_open(struct place *place, const struct http_service *service)
{
    place->http = malloc(http_connection_size(service));
    if (place->http)
        http_connection_init(place->http, service);
    return place->http;
}

static inline void place_close(struct place *place)
{
    free(place->http);
}

/* `count` bytes have come, or an error: a peer that resets its connection has ended it. */
static inline void place_received(struct place *place, int64_t count)
{
    if (count < 0)
        http_connection_broken(place->http);
    else
        http_connection_received(place->http, (size_t)count);
    __atomic_store_n(&place->answered, place->http->answered, __ATOMIC_RELAXED);
}

static inline void place_sent(struct place *place, int64_t count)
{
    if (count < 0)
        http_connection_broken(place->http);
    else
        http_connection_sent(place->http, (size_t)count);
}

#ifndef MODEL_FLOOR

/* Serves until the connection ends, and closes both. */
TASK(http_task, {
    struct place *place;
    io_t io;
    char *room;
    const char *output;
    size_t size;
    int64_t count;
})
{
    TASK_BEGIN;
    for (;;) {
        enum http_wants wants = http_connection_wants(self->place->http);
        if (wants == HTTP_READ) {
            self->room = http_connection_room(self->place->http, &self->size);
            AWAIT_INTO(self->count, io_read(self->io, self->room, self->size));
            place_received(self->place, self->count);
        } else if (wants == HTTP_WRITE) {
            self->output = http_connection_output(self->place->http, &self->size);
            AWAIT_INTO(self->count, io_write(self->io, self->output, self->size));
            place_sent(self->place, self->count);
        } else if (wants == HTTP_SHUT) {
            shutdown(io_fd(self->io), SHUT_WR);
            http_connection_shut(self->place->http);
        } else {
            break;
        }
    }
    io_close(&self->io);
    place_close(self->place);
    TASK_END;
}

#endif

#endif
