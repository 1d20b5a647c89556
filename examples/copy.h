/* SPDX-License-Identifier: MIT
 *
 * What the four copy_*.c share, so that each shows only how it waits: the command line (pairs of
 * paths, all copied at the same time) and how an end is told. Paths may be files, named pipes and
 * devices; a descriptor that the shell has opened is /dev/fd/N.
 */
#ifndef COPY_H
#define COPY_H

#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER_SIZE = 1024 };

struct pair {
    const char *from_path, *to_path;
    int from, to;
};

/* Opens the next pair of the command line; false when there is none. Exits when it can't. */
static inline bool next_pair(struct pair *pair, char ***argv)
{
    if (!**argv)
        return false;
    pair->from_path = (*argv)[0];
    pair->to_path = (*argv)[1];
    pair->from = open(pair->from_path, O_RDONLY | O_CLOEXEC);
    if (pair->from < 0) {
        fprintf(stderr, "%s: %s\n", pair->from_path, strerror(errno));
        exit(2);
    }
    pair->to = open(pair->to_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (pair->to < 0) {
        fprintf(stderr, "%s: %s\n", pair->to_path, strerror(errno));
        exit(2);
    }
    *argv += 2;
    return true;
}

/* Checks the command line; `argv` is at the first path afterwards. The number of pairs. */
static inline int count_pairs(int argc, char ***argv)
{
    if (argc < 3 || argc % 2 == 0) {
        fprintf(stderr, "%s: expects pairs of paths: FROM TO [FROM TO]...\n", **argv);
        exit(2);
    }
    signal(SIGPIPE, SIG_IGN); /* a reader that is gone is an error like any other */
    ++*argv;
    return argc / 2;
}

/* Tells how a copy ended: with so many bytes, or a negative errno value. 1 if it failed. */
static inline int tell(const struct pair *pair, int64_t result)
{
    if (result < 0)
        fprintf(stderr, "%s to %s: %s\n", pair->from_path, pair->to_path, strerror((int)-result));
    else
        printf("%s to %s: %lld bytes\n", pair->from_path, pair->to_path, (long long)result);
    return result < 0;
}

static inline void *must_allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory) {
        fprintf(stderr, "no memory for %zu copies\n", count);
        exit(2);
    }
    return memory;
}

#endif
