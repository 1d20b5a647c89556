/* SPDX-License-Identifier: MIT
 *
 * A connection without a socket: bytes in, in pieces of any size, and all that it says in return.
 */
#ifndef TALK_H
#define TALK_H

#include "requests.h"

#include "base/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The target and the body, in brackets: what was understood of a request. */
struct echo {
    char text[256];
    uint32_t calls;
};

static inline void echo(void *context, const struct http_call *call, struct http_response *response)
{
    struct echo *echo = context;
    struct http_span target = call->request->target;
    size_t size = target.size < 100 ? target.size : 100;
    char *to = echo->text;
    MUST(call->body_size <= LIMITS.body_bytes);
    to = mempcpy(to, call->bytes + target.at, size);
    *to++ = '|';
    to = mempcpy(to, call->body, call->body_size);
    response->type = "text/plain";
    response->body = echo->text;
    response->size = (size_t)(to - echo->text);
    if (response->size > LIMITS.body_bytes)
        response->size = LIMITS.body_bytes;
    echo->calls++;
}

struct talk {
    struct http_service service;
    struct echo echo;
    struct http_connection *connection;
    char said[8192]; /* the first bytes of what it has said, and a NUL */
    size_t size;
    size_t take; /* how many bytes are taken of it at a time; 0: all */
    bool shut, closed;
};

static inline void talk_begin(struct talk *talk)
{
    *talk = (struct talk){.service = {.limits = LIMITS, .answer = echo}};
    talk->service.context = &talk->echo;
    talk->service.patience = (struct http_patience){1, 2, 3, 4};
    talk->connection = malloc(http_connection_size(&talk->service));
    MUST(talk->connection);
    http_connection_init(talk->connection, &talk->service);
}

static inline void talk_end(struct talk *talk)
{
    free(talk->connection);
}

/* Does what the connection wants until it wants to read or has closed. */
static inline void talk_listen(struct talk *talk)
{
    for (;;) {
        enum http_wants wants = http_connection_wants(talk->connection);
        if (wants == HTTP_WRITE) {
            size_t size, room = sizeof talk->said - 1 - talk->size;
            const char *bytes = http_connection_output(talk->connection, &size);
            MUST(size > 0 && !talk->shut);
            if (talk->take && size > talk->take)
                size = talk->take;
            memcpy(talk->said + talk->size, bytes, size < room ? size : room);
            talk->size += size < room ? size : room;
            http_connection_sent(talk->connection, size);
        } else if (wants == HTTP_SHUT) {
            talk->shut = true;
            http_connection_shut(talk->connection);
        } else {
            talk->closed = wants == HTTP_CLOSE;
            return;
        }
    }
}

/* Sends `size` bytes in pieces of `step`, as long as it reads. */
static inline void talk_send(struct talk *talk, const char *bytes, size_t size, size_t step)
{
    for (size_t done = 0; done < size && !talk->closed;) {
        size_t room, piece = size - done < step ? size - done : step;
        char *to = http_connection_room(talk->connection, &room);
        if (piece > room)
            piece = room;
        memcpy(to, bytes + done, piece);
        http_connection_received(talk->connection, piece);
        done += piece;
        talk_listen(talk);
    }
}

/* Says that no more will come. */
static inline void talk_hang_up(struct talk *talk)
{
    if (!talk->closed)
        http_connection_received(talk->connection, 0);
    talk_listen(talk);
}

/* The status of the first answer, 0 without one. */
static inline int talk_status(const struct talk *talk)
{
    return talk->size ? atoi(talk->said + strlen("HTTP/1.1 ")) : 0;
}

#endif
