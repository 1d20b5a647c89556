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

#include "base/clock.h"
#include "base/parse.h"
#include "base/socket.h"
#include "base/status.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* After accepting has failed, most likely for want of descriptors, which others will give back. */
#define PAUSE_NS (50 * TC_NS_PER_MS)

struct options {
    uint64_t port, connections, idle_ms, request_ms, grace_ms;
    const char *reactor;
};

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

/* -- the command line -- */

static inline _Noreturn void refuse(const char *program, const char *sentence)
{
    fprintf(stderr, "%s: %s\n", program, sentence);
    exit(2);
}

static inline void read_options(struct options *options, int argc, char **argv)
{
    const struct {
        const char *name;
        uint64_t min, max, *value;
    } numbers[] = {
        {"--port", 0, 65535, &options->port},
        {"--connections", 1, 1000000, &options->connections},
        {"--idle-ms", 1, 3600000, &options->idle_ms},
        {"--request-ms", 1, 3600000, &options->request_ms},
        {"--grace-ms", 1, 3600000, &options->grace_ms},
    };
    for (int i = 1; i < argc; i += 2) {
        struct tc_error err;
        size_t n = 0;
        if (options->reactor && strcmp(argv[i], "--reactor") == 0 && i + 1 < argc) {
            options->reactor = argv[i + 1];
            continue;
        }
        while (n < TC_COUNT_OF(numbers) && strcmp(numbers[n].name, argv[i]) != 0)
            n++;
        if (n == TC_COUNT_OF(numbers) || i + 1 == argc)
            refuse(argv[0], "expects --port N, --connections N, --idle-ms N, --request-ms N or "
                            "--grace-ms N");
        if (tc_parse_count(argv[i + 1], argv[i], numbers[n].min, numbers[n].max, numbers[n].value,
                           &err) < 0)
            refuse(argv[0], err.text);
    }
}

static inline void make_service(struct http_service *service, const struct options *options)
{
    *service = (struct http_service){.answer = answer};
    http_service_defaults(service);
    service->patience.idle_ns = options->idle_ms * TC_NS_PER_MS;
    service->patience.request_ns = options->request_ms * TC_NS_PER_MS;
    service->patience.write_ns = options->request_ms * TC_NS_PER_MS;
}

/* A connection is a descriptor. */
static inline void raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* SIGINT and SIGTERM, which from now on are waited for. */
static inline sigset_t block_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    return set;
}

static inline struct sockaddr_in local_address(const struct options *options)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)options->port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static inline void tell_address(int listener_fd)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    if (getsockname(listener_fd, (struct sockaddr *)&address, &length) == 0)
        printf("listening on 127.0.0.1:%u\n", ntohs(address.sin_port));
    fflush(stdout);
}

/* The exit code, and what there is to say at the end. */
static inline int tell_end(const char *program, const struct options *options, int64_t result,
                           uint64_t answered, uint64_t accepted)
{
    if (result < 0) {
        fprintf(stderr, "%s: cannot serve on 127.0.0.1:%llu: %s; choose another --port\n", program,
                (unsigned long long)options->port, strerror((int)-result));
        return 2;
    }
    printf("%llu requests on %llu connections\n", (unsigned long long)answered,
           (unsigned long long)accepted);
    return 0;
}

#endif
