/* SPDX-License-Identifier: MIT
 *
 * The twin of http_server.c with a thread a connection: the same protocol, limits, timeouts and
 * end, told in blocking calls. An idle connection waits in a scope that heeds the request to stop,
 * any other looks for it before it answers.
 *
 *     http_server_threads [--port N] [--connections N] [--grace-ms N] [--idle-ms N]
 *                         [--request-ms N]
 */
#include "http_app.h"
#include "service_threads.h"

/* What all connections share. */
struct site {
    struct http_service service;
    struct tb_cancel stop;
    uint64_t accepted, answered; /* atomic; the latter of connections that have ended */
};

struct serve {
    struct site *site;
    struct tb_io io; /* closed by us */
    struct http_connection *http;
    uint64_t deadline_ns;
    uint32_t turn; /* of the connection, that the deadline is for */
};

/* One deadline for each thing that is waited for, however many reads or writes it takes. */
static void set_deadline(struct serve *self)
{
    if (self->turn == self->http->turn)
        return;
    self->turn = self->http->turn;
    self->deadline_ns = tc_now_ns() + http_connection_patience(self->http);
}

static bool is_stopping(const struct site *site)
{
    return __atomic_load_n(&site->stop.requested, __ATOMIC_ACQUIRE);
}

/* Receives or sends what there is, or what fits. */
static int64_t move_bytes(struct serve *self, enum http_wants wants)
{
    size_t size;
    int64_t count;
    if (wants == HTTP_READ) {
        char *room = http_connection_room(self->http, &size);
        count = tb_read(&self->io, room, size);
        if (self->http->phase != HTTP_IDLE && is_stopping(self->site))
            http_connection_stop(self->http);
        if (count >= 0)
            http_connection_received(self->http, (size_t)count);
    } else {
        const char *output = http_connection_output(self->http, &size);
        count = tb_write(&self->io, output, size);
        if (count >= 0)
            http_connection_sent(self->http, (size_t)count);
    }
    return count;
}

/* A read or a write, in time. */
static void take_turn(struct serve *self, enum http_wants wants)
{
    bool idle = self->http->phase == HTTP_IDLE;
    struct tb_scope outer = tb_scope_enter(self->deadline_ns, idle ? &self->site->stop : NULL);
    int64_t count = move_bytes(self, wants);
    tb_scope_leave(outer);
    if (count == -ETIMEDOUT)
        http_connection_timed_out(self->http);
    else if (count == -ECANCELED && idle)
        http_connection_stop(self->http);
    else if (count < 0)
        http_connection_broken(self->http);
}

static void converse(struct serve *self)
{
    enum http_wants wants;
    while ((wants = http_connection_wants(self->http)) != HTTP_CLOSE) {
        set_deadline(self);
        if (wants == HTTP_SHUT) {
            tb_shutdown(&self->io, SHUT_WR);
            http_connection_shut(self->http);
        } else {
            take_turn(self, wants);
        }
    }
}

static int64_t serve(void *frame)
{
    struct serve *self = frame;
    self->http = malloc(http_connection_size(&self->site->service));
    if (self->http) {
        http_connection_init(self->http, &self->site->service);
        self->turn = self->http->turn - 1;
        converse(self);
        __atomic_fetch_add(&self->site->answered, self->http->answered, __ATOMIC_RELAXED);
    }
    tb_io_close(&self->io);
    free(self->http);
    return self->http ? 0 : -ENOMEM;
}

static int begin(struct tb_group *connections, void *context, struct tb_io io)
{
    struct serve frame = {.site = context, .io = io};
    int err = tb_group_spawn(connections, serve, &frame, sizeof frame);
    if (!err)
        __atomic_fetch_add(&frame.site->accepted, 1, __ATOMIC_RELAXED);
    return err;
}

int main(int argc, char **argv)
{
    struct options options = HTTP_DEFAULTS;
    struct site site = {.accepted = 0};
    struct service_threads service = {.begin = begin, .context = &site, .stop = &site.stop};
    read_options(&options, argc, argv, NULL);
    make_service(&site.service, &options);
    raise_descriptors();
    tb_cancel_init(&site.stop);
    int64_t result = service_run(&service, &options.service);
    tb_cancel_destroy(&site.stop);
    if (result < 0)
        return tell_failure(argv[0], &options.service, result);
    tell_served(site.answered, site.accepted);
    return 0;
}
