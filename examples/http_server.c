/* SPDX-License-Identifier: MIT
 *
 * An HTTP/1.1 server in which each connection is a task, all on one thread: keep-alive and
 * pipelining, limits and timeouts (http_serve.h), and an end that lets everybody finish
 * (service_tasks.h): idle connections end at once, the others after their next answer.
 *
 *     http_server [--port N] [--connections N] [--grace-ms N] [--idle-ms N] [--request-ms N]
 *                 [--uring 1]
 */
#include "http_app.h"
#include "http_serve.h"
#include "service_tasks.h"

static int begin(struct rt_group *connections, void *context, struct rt_io *io)
{
    return RT_SPAWN_INTO(connections, serve, {.site = context, .io = io});
}

static void ending(void *context)
{
    serve_stop_all(context);
}

int main(int argc, char **argv)
{
    struct options options = HTTP_DEFAULTS;
    struct tc_error why = {.text = "no executor: no memory or descriptors"};
    struct site site = {.accepted = 0};
    uint64_t uring = 0;
    const struct service_number more = {"--uring", 0, 1, &uring};
    const struct service_tasks service = {.begin = begin, .ending = ending, .context = &site};
    read_options(&options, argc, argv, &more);
    make_service(&site.service, &options);
    list_init(&site.open);
    raise_descriptors();
    struct rt_config config = {.reactor = uring ? RT_REACTOR_URING : RT_REACTOR_EPOLL,
                               .error = &why};
    struct rt_executor *executor = rt_executor_new(&config);
    if (!executor)
        refuse(argv[0], why.text);
    int64_t result = service_run(executor, &service, &options.service);
    rt_executor_free(executor);
    if (result < 0)
        return tell_failure(argv[0], &options.service, result);
    tell_served(site.answered, site.accepted);
    return 0;
}
