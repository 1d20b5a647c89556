/* SPDX-License-Identifier: MIT
 *
 * The twin of service_tasks.h: a server whose connections are threads. Where a task is dropped at
 * its await, a thread is asked: `stop` is what the connections may heed in their scopes, and who
 * has not ended by the end of the grace is asked in every wait.
 */
#ifndef SERVICE_THREADS_H
#define SERVICE_THREADS_H

#include "service.h"

#include "tb/tb.h"

struct service_threads {
    /* Starts the thread of a connection in the group; it closes `io`. 0 or a negative errno value,
     * with `io` left alone. */
    int (*begin)(struct tb_group *connections, void *context, struct tb_io io);
    void *context;
    struct tb_cancel *stop;
    struct tb_group connections; /* the rest is private */
    struct tb_io listener;
};

static inline int64_t accept_one(struct service_threads *service)
{
    struct tb_io io;
    int64_t err = tb_group_room(&service->connections);
    if (!err)
        err = tb_accept(&service->listener, &io);
    if (err)
        return err;
    err = service->begin(&service->connections, service->context, io);
    if (err)
        tb_io_close(&io);
    return err;
}

static inline int64_t accept_all(void *frame)
{
    struct service_threads *service = *(struct service_threads **)frame;
    int64_t err = 0;
    tb_scope_enter(TC_NEVER, service->stop);
    while (err != -ECANCELED) {
        err = accept_one(service);
        if (err)
            tb_sleep_until(tc_now_ns() + PAUSE_NS);
    }
    return 0;
}

static inline int64_t serve_until_signal(struct service_threads *service,
                                         const struct tb_spawner *spawner,
                                         const struct service_options *options,
                                         const sigset_t *signals)
{
    struct tb_handle acceptor;
    int signal;
    int64_t err = tb_spawn(spawner, accept_all, &service, sizeof service, &acceptor);
    if (err)
        return err;
    sigwait(signals, &signal);
    tb_cancel_request(service->stop);
    tb_join(acceptor);
    tb_io_close(&service->listener);
    struct tb_scope outer = tb_scope_enter(tc_now_ns() + options->grace_ms * TC_NS_PER_MS, NULL);
    tb_group_wait(&service->connections);
    tb_scope_leave(outer);
    tb_group_abort(&service->connections);
    return 0;
}

/* Serves until a signal ends it: 0, or a negative errno value when it could not begin. */
static inline int64_t service_run(struct service_threads *service,
                                  const struct service_options *options)
{
    struct tb_spawner spawner;
    sigset_t signals = block_signals();
    struct sockaddr_in address = local_address(options);
    int64_t err =
        tb_listen((struct sockaddr *)&address, sizeof address, SOMAXCONN, &service->listener);
    if (err)
        return err;
    tell_address(service->listener.fd);
    tb_spawner_init(&spawner, &(struct tb_config){.stack_bytes = 64 << 10});
    tb_group_init(&service->connections, &spawner, options->connections);
    err = serve_until_signal(service, &spawner, options, &signals);
    tb_group_destroy(&service->connections);
    tb_spawner_destroy(&spawner);
    return err;
}

#endif
