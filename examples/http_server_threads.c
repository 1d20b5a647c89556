/* SPDX-License-Identifier: MIT
 *
 * The twin of http_server.c with a thread a connection: the same protocol, limits, timeouts and
 * end, told in blocking calls.
 *
 *     http_server_threads [--port N] [--connections N] [--idle-ms N] [--request-ms N]
 *                         [--grace-ms N]
 *
 * Where a task is dropped at its await, a thread is asked: an idle connection waits in a scope that
 * heeds the request to stop, any other looks for it before it answers.
 */
#include "http_app.h"

#include "tb/tb.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

/* What all connections share. */
struct site {
    struct http_service service;
    struct tb_group connections;
    struct tb_cancel stop;
    struct tb_io listener;
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
    int64_t count = tb_wait_fd(self->io.fd, wants == HTTP_READ ? POLLIN : POLLOUT);
    if (count < 0)
        return count;
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
            shutdown(self->io.fd, SHUT_WR);
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

/* -- accepting, until told to stop -- */

static int64_t accept_one(struct site *site)
{
    struct serve frame = {.site = site};
    int64_t err = tb_group_room(&site->connections);
    if (!err)
        err = tb_wait_fd(site->listener.fd, POLLIN);
    if (!err)
        err = tb_accept(&site->listener, &frame.io);
    if (err)
        return err;
    __atomic_fetch_add(&site->accepted, 1, __ATOMIC_RELAXED);
    err = tb_group_spawn(&site->connections, serve, &frame, sizeof frame);
    if (err)
        tb_io_close(&frame.io);
    return err;
}

static int64_t accept_all(void *frame)
{
    struct site *site = *(struct site **)frame;
    int64_t err = 0;
    tb_scope_enter(TC_NEVER, &site->stop);
    while (err != -ECANCELED) {
        err = accept_one(site);
        if (err == 0 || err == -EAGAIN) /* the peer has gone again */
            continue;
        tb_sleep_until(tc_now_ns() + PAUSE_NS);
    }
    return 0;
}

static int64_t serve_until_signal(struct site *site, const struct tb_spawner *spawner,
                                  const struct options *options, const sigset_t *signals)
{
    struct tb_handle acceptor;
    int signal;
    int64_t err = tb_spawn(spawner, accept_all, &site, sizeof site, &acceptor);
    if (err)
        return err;
    sigwait(signals, &signal);
    tb_cancel_request(&site->stop);
    tb_join(acceptor);
    tb_io_close(&site->listener);
    struct tb_scope outer = tb_scope_enter(tc_now_ns() + options->grace_ms * TC_NS_PER_MS, NULL);
    tb_group_wait(&site->connections);
    tb_scope_leave(outer);
    tb_group_abort(&site->connections);
    return 0;
}

/* The listener must not block either, or a peer that has gone again leaves us waiting there. */
static int64_t run(struct site *site, const struct tb_spawner *spawner,
                   const struct options *options)
{
    sigset_t signals = block_signals();
    struct sockaddr_in address = local_address(options);
    int64_t err =
        tb_listen((struct sockaddr *)&address, sizeof address, SOMAXCONN, &site->listener);
    if (err)
        return err;
    fcntl(site->listener.fd, F_SETFL, O_NONBLOCK);
    tell_address(site->listener.fd);
    tb_group_init(&site->connections, spawner, options->connections);
    tb_cancel_init(&site->stop);
    err = serve_until_signal(site, spawner, options, &signals);
    tb_group_destroy(&site->connections);
    tb_cancel_destroy(&site->stop);
    return err;
}

int main(int argc, char **argv)
{
    struct options options = {
        .connections = 10000, .idle_ms = 60000, .request_ms = 10000, .grace_ms = 5000};
    struct site site = {.accepted = 0};
    struct tb_spawner spawner;
    read_options(&options, argc, argv);
    make_service(&site.service, &options);
    raise_descriptors();
    tb_spawner_init(&spawner, &(struct tb_config){.stack_bytes = 64 << 10});
    int64_t result = run(&site, &spawner, &options);
    tb_spawner_destroy(&spawner);
    return tell_end(argv[0], &options, result, site.answered, site.accepted);
}
