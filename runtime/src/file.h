/* SPDX-License-Identifier: MIT
 *
 * What the reactors know of files: one call, told to whoever makes it. The io_uring reactor hands
 * it to the kernel (uring_file.c), the epoll reactor to the blocking pool (file.c).
 */
#ifndef RT_FILE_CALL_H
#define RT_FILE_CALL_H

#include "rt/file.h"

struct rt_file {
    int fd;
    unsigned users; /* calls that are out, given up or not: the descriptor must stay */
    bool closing;
};

enum rt_file_what { RT_FILE_OPEN, RT_FILE_READ, RT_FILE_WRITE, RT_FILE_SYNC };

struct rt_file_call {
    enum rt_file_what what;
    struct rt_file *file; /* NULL for an open */
    int flags;
    mode_t mode;
    uint64_t offset;
    size_t size;    /* of the body: the path with its end, or the bytes */
    const void *in; /* the body that goes there, or NULL */
    void *out;      /* where the body goes that comes back, or NULL */
};

/* Counts a call that goes out. */
static inline void rt__file_use(struct rt_file *file)
{
    if (file)
        file->users++;
}

/* A call is over. `result` is what nobody took of it: an open file is closed again. */
void rt__file_discard(enum rt_file_what what, struct rt_file *file, int64_t result);

/* Undoes rt__file_use(). */
void rt__file_release(struct rt_file *file);

rt_poll rt__uring_file_poll(struct rt_wait *wait, struct rt_cx *cx,
                            const struct rt_file_call *call);
void rt__uring_file_drop(struct rt_wait *wait, struct rt_reactor *reactor);
rt_poll rt__pool_file_poll(struct rt_wait *wait, struct rt_cx *cx, const struct rt_file_call *call);
void rt__pool_file_drop(struct rt_wait *wait, struct rt_reactor *reactor);

#endif
