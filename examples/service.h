/* SPDX-License-Identifier: MIT
 *
 * What every server among the examples needs, with tasks or with threads: its command line, the
 * signals that end it, its address, and what it says at the end.
 */
#ifndef SERVICE_H
#define SERVICE_H

#include "base/clock.h"
#include "base/parse.h"
#include "base/status.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* After accepting has failed, most likely for want of descriptors, which others will give back. */
#define PAUSE_NS (50 * TC_NS_PER_MS)

/* How many may be connected at once, and how long they may take to end when the server does. */
struct service_options {
    uint64_t port, connections, grace_ms;
};

#define SERVICE_DEFAULTS                        \
    {                                           \
        .connections = 10000, .grace_ms = 5000, \
    }

/* A number on the command line: "--name N". */
struct service_number {
    const char *name;
    uint64_t min, max, *value;
};

static inline _Noreturn void refuse(const char *program, const char *sentence)
{
    fprintf(stderr, "%s: %s\n", program, sentence);
    exit(2);
}

static inline _Noreturn void refuse_option(const char *program,
                                           const struct service_number *numbers, size_t count)
{
    fprintf(stderr, "%s: expects", program);
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, " [%s N]", numbers[i].name);
    fputc('\n', stderr);
    exit(2);
}

static inline void read_numbers(const struct service_number *numbers, size_t count, int argc,
                                char **argv)
{
    for (int i = 1; i < argc; i += 2) {
        struct tc_error err;
        size_t n = 0;
        while (n < count && strcmp(numbers[n].name, argv[i]) != 0)
            n++;
        if (n == count || i + 1 == argc)
            refuse_option(argv[0], numbers, count);
        if (tc_parse_count(argv[i + 1], argv[i], numbers[n].min, numbers[n].max, numbers[n].value,
                           &err) < 0)
            refuse(argv[0], err.text);
    }
}

/* The options of every server, for the table of one. */
#define SERVICE_NUMBERS(options)                                \
    {"--port", 0, 65535, &(options)->port},                     \
        {"--connections", 1, 1000000, &(options)->connections}, \
    {                                                           \
        "--grace-ms", 1, 3600000, &(options)->grace_ms          \
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

static inline struct sockaddr_in local_address(const struct service_options *options)
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

/* Tells of a server that could not serve: the exit code. */
static inline int tell_failure(const char *program, const struct service_options *options,
                               int64_t error)
{
    fprintf(stderr, "%s: cannot serve on 127.0.0.1:%llu: %s; choose another --port\n", program,
            (unsigned long long)options->port, strerror((int)-error));
    return 2;
}

#endif
