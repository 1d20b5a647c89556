/* SPDX-License-Identifier: MIT
 *
 * What http_server.c and http_server_threads.c share, so that each shows only how it waits: the
 * command line, and what is served.
 *
 *     GET /          a fixed JSON document
 *     POST /echo     the body of the request, in the type that it came in
 *
 * Limits are those of http_service_defaults() but for the options; a head that is too long, a body
 * that is too long and whatever is malformed get their status from http/connection.h.
 */
#ifndef HTTP_APP_H
#define HTTP_APP_H

#include "http/connection.h"

#include "service.h"

struct options {
    struct service_options service;
    uint64_t idle_ms, request_ms;
};

#define HTTP_DEFAULTS                                                       \
    {                                                                       \
        .service = SERVICE_DEFAULTS, .idle_ms = 60000, .request_ms = 10000, \
    }

static inline bool target_is(const struct http_call *call, const char *target)
{
    struct http_span span = call->request->target;
    return span.size == strlen(target) && memcmp(call->bytes + span.at, target, span.size) == 0;
}

static inline void answer_json(const struct http_call *call, struct http_response *response)
{
    static const char json[] = "{\"message\":\"Hello, world!\"}\n";
    if (call->request->method != HTTP_GET && call->request->method != HTTP_HEAD_METHOD) {
        http_response_fault(response, 405);
        response->allow = "GET, HEAD";
        return;
    }
    response->type = "application/json";
    response->body = json;
    response->size = sizeof json - 1;
}

static inline void answer_echo(const struct http_call *call, struct http_response *response)
{
    if (call->request->method != HTTP_POST) {
        http_response_fault(response, 405);
        response->allow = "POST";
        return;
    }
    response->type = "application/octet-stream";
    response->body = call->body;
    response->size = call->body_size;
}

static inline void answer(void *context, const struct http_call *call,
                          struct http_response *response)
{
    (void)context;
    if (target_is(call, "/"))
        answer_json(call, response);
    else if (target_is(call, "/echo"))
        answer_echo(call, response);
    else
        http_response_fault(response, 404);
}

/* `more` is an option that one of the servers has beside; or NULL. */
static inline void read_options(struct options *options, int argc, char **argv,
                                const struct service_number *more)
{
    struct service_number numbers[6] = {SERVICE_NUMBERS(&options->service),
                                        {"--idle-ms", 1, 3600000, &options->idle_ms},
                                        {"--request-ms", 1, 3600000, &options->request_ms}};
    if (more)
        numbers[5] = *more;
    read_numbers(numbers, more ? 6 : 5, argc, argv);
}

static inline void make_service(struct http_service *service, const struct options *options)
{
    *service = (struct http_service){.answer = answer};
    http_service_defaults(service);
    service->patience.idle_ns = options->idle_ms * TC_NS_PER_MS;
    service->patience.request_ns = options->request_ms * TC_NS_PER_MS;
    service->patience.write_ns = options->request_ms * TC_NS_PER_MS;
}

static inline void tell_served(uint64_t answered, uint64_t accepted)
{
    printf("%llu requests on %llu connections\n", (unsigned long long)answered,
           (unsigned long long)accepted);
}

#endif
