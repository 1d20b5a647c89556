/* SPDX-License-Identifier: MIT
 *
 * What http_get.c and http_get_threads.c share, so that each shows only how it waits: the command
 * line, the request, and what is made of the reply. The client of the lectures: it connects, writes
 * all, shuts its sending side down and reads to the end.
 */
#ifndef HTTP_FETCH_H
#define HTTP_FETCH_H

#include "http/reply.h"

#include "base/clock.h"
#include "base/parse.h"
#include "base/status.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REQUEST_MAX = 2048, REPLY_MAX = 1 << 20 };

/* For the whole of a fetch. */
#define PATIENCE_NS (5 * TC_NS_PER_S)

struct fetch {
    const char *target;
    char request[REQUEST_MAX];
    size_t request_size, step; /* bytes that are written at a time: all, or one */
    char *reply;               /* of REPLY_MAX bytes */
    size_t size;
    int64_t error;
};

struct fetches {
    struct sockaddr_in address;
    struct fetch *items;
    int count;
};

static inline void fetch_init(struct fetch *fetch, const char *target, bool bytewise)
{
    fetch->target = target;
    int size = snprintf(fetch->request, REQUEST_MAX,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", target);
    fetch->request_size = (size_t)size;
    fetch->step = bytewise ? 1 : (size_t)size;
    fetch->reply = malloc(REPLY_MAX);
    if (!fetch->reply || size >= REQUEST_MAX) {
        fprintf(stderr, "http_get: a target is longer than %d bytes, or memory is short\n",
                REQUEST_MAX);
        exit(2);
    }
}

/* PORT [--bytewise] TARGET... */
static inline void read_arguments(struct fetches *fetches, int argc, char **argv)
{
    struct tc_error err = {.text = "expects PORT [--bytewise] TARGET..."};
    bool bytewise = argc > 2 && strcmp(argv[2], "--bytewise") == 0;
    int first = bytewise ? 3 : 2;
    uint64_t port;
    if (argc <= first || tc_parse_count(argv[1], "PORT", 1, 65535, &port, &err) < 0) {
        fprintf(stderr, "%s: %s\n", argv[0], err.text);
        exit(2);
    }
    fetches->address = (struct sockaddr_in){.sin_family = AF_INET,
                                            .sin_port = htons((uint16_t)port),
                                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    fetches->count = argc - first;
    fetches->items = calloc((size_t)fetches->count, sizeof *fetches->items);
    MUST(fetches->items);
    for (int i = 0; i < fetches->count; i++)
        fetch_init(&fetches->items[i], argv[first + i], bytewise);
}

/* How many bytes are to be written next. */
static inline size_t next_piece(const struct fetch *fetch, size_t sent)
{
    size_t left = fetch->request_size - sent;
    return left < fetch->step ? left : fetch->step;
}

/* The payload within the reply, moved to its front: its size, or -EBADMSG when the reply is not
 * whole. */
static inline int64_t take_payload(struct fetch *fetch, struct http_reply *reply)
{
    struct http_limits limits = {8192, 65536, 100, REPLY_MAX};
    struct http_body body;
    int64_t head = http_reply_parse(reply, &limits, fetch->reply, fetch->size);
    if (head <= 0 || http_body_begin(&body, &reply->head, &limits) < 0)
        return -EBADMSG;
    size_t size = fetch->size - (size_t)head;
    if (!reply->head.chunked && !reply->head.has_length) {
        memmove(fetch->reply, fetch->reply + head, size);
        return (int64_t)size;
    }
    if (http_body_take(&body, &limits, fetch->reply, fetch->reply + head, size) != (int64_t)size ||
        !body.done)
        return -EBADMSG;
    return body.payload;
}

/* Writes the payload to standard output; 1 with a sentence when it is not what was asked for. */
static inline int tell(struct fetch *fetch)
{
    struct http_reply reply = {.status = 0};
    int64_t size = fetch->error ? fetch->error : take_payload(fetch, &reply);
    if (size < 0) {
        fprintf(stderr, "%s: %s\n", fetch->target,
                size == -EBADMSG ? "the reply is not whole, or is none" : strerror((int)-size));
        return 1;
    }
    fwrite(fetch->reply, 1, (size_t)size, stdout);
    if (reply.status == 200)
        return 0;
    fprintf(stderr, "%s: the status is %d\n", fetch->target, reply.status);
    return 1;
}

/* Tells all and frees them: the exit code. */
static inline int tell_all(struct fetches *fetches)
{
    int failed = 0;
    for (int i = 0; i < fetches->count; i++) {
        failed |= tell(&fetches->items[i]);
        free(fetches->items[i].reply);
    }
    free(fetches->items);
    return failed;
}

#endif
