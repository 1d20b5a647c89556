/* SPDX-License-Identifier: MIT
 *
 * A connection of an HTTP server as an async function: it moves the bytes that http/connection.h
 * wants moved, and keeps the time. In a file of its own for the fuzzer, which talks to it through a
 * socket pair.
 */
#ifndef HTTP_SERVE_H
#define HTTP_SERVE_H

#include "http/connection.h"
#include "rt/rt.h"

#include <stdlib.h>

/* What all connections of a server share. */
struct site {
    struct http_service service;
    struct list open;  /* of struct serve */
    uint64_t accepted; /* connections that were begun */
    uint64_t answered; /* requests on those that have ended */
};

struct serve {
    RT_FRAME;
    struct site *site;
    struct rt_io *io; /* closed by us */
    struct http_connection *http;
    struct list link;
    struct rt_timeout timeout;
    uint64_t deadline_ns;
    uint32_t turn; /* of the connection, that the deadline is for */
    char *room;
    const char *output;
    size_t size;
    int64_t count;
};

static inline bool serve_begin(struct serve *self)
{
    self->http = malloc(http_connection_size(&self->site->service));
    if (!self->http)
        return false;
    http_connection_init(self->http, &self->site->service);
    self->turn = self->http->turn - 1;
    self->site->accepted++;
    list_push_tail(&self->site->open, &self->link);
    return true;
}

static inline void serve_end(struct serve *self)
{
    rt_io_close(self->io);
    if (!self->http)
        return;
    self->site->answered += self->http->answered;
    list_unlink(&self->link);
    free(self->http);
}

/* One deadline for each thing that is waited for, however many reads or writes it takes. */
static inline void set_deadline(struct serve *self, struct rt_cx *cx)
{
    if (self->turn == self->http->turn)
        return;
    self->turn = self->http->turn;
    self->deadline_ns = rt_timer_now_ns(cx->executor) + http_connection_patience(self->http);
}

static rt_poll serve(void *frame, struct rt_cx *cx)
{
    struct serve *self = frame;
    RT_BEGIN(self, cx);
    if (!serve_begin(self))
        RT_RETURN(-ENOMEM);
    for (;;) {
        enum http_wants wants = http_connection_wants(self->http);
        set_deadline(self, cx);
        if (wants == HTTP_READ) {
            self->room = http_connection_room(self->http, &self->size);
            RT_AWAIT_INTO(self->count, rt_timeout, &self->timeout, self->deadline_ns, rt_read,
                          self->io, self->room, self->size);
            if (self->count >= 0)
                http_connection_received(self->http, (size_t)self->count);
        } else if (wants == HTTP_WRITE) {
            self->output = http_connection_output(self->http, &self->size);
            RT_AWAIT_INTO(self->count, rt_timeout, &self->timeout, self->deadline_ns, rt_write,
                          self->io, self->output, self->size);
            if (self->count >= 0)
                http_connection_sent(self->http, (size_t)self->count);
        } else if (wants == HTTP_SHUT) {
            shutdown(rt_io_fd(self->io), SHUT_WR);
            http_connection_shut(self->http);
        } else {
            break;
        }
        if (self->count == -ETIMEDOUT)
            http_connection_timed_out(self->http);
        else if (self->count < 0)
            http_connection_broken(self->http);
    }
    RT_END_FINALLY(0, { serve_end(self); });
}

/* Idle connections end now, the others after their next answer. The tasks of the idle ones wait to
 * read: with the receiving side shut, what has come already is read and then the end. */
static inline void serve_stop_all(struct site *site)
{
    for (struct list *node = site->open.next; node != &site->open; node = node->next) {
        struct serve *serve = TC_CONTAINER_OF(node, struct serve, link);
        http_connection_stop(serve->http);
        if (http_connection_wants(serve->http) == HTTP_SHUT)
            shutdown(rt_io_fd(serve->io), SHUT_RD);
    }
}

#endif
