/* SPDX-License-Identifier: MIT
 *
 * Regular files. They are always "ready", so waiting for readiness says nothing about them: with
 * the io_uring reactor the kernel does the work, with the epoll reactor a thread of the blocking
 * pool. Offsets are given, so several tasks may use one file at a time.
 *
 * The runtime owns the memory that is read into or written from; a task may be dropped meanwhile. A
 * write that is given up may have been made, in part or whole. Pipes, sockets and terminals are for
 * rt/io.h. Belongs to one executor's thread.
 */
#ifndef RT_FILE_H
#define RT_FILE_H

#include "rt/executor.h"

#include <sys/types.h>

struct rt_file;

/* The most that one read or write moves; more is a short count. */
#define RT_FILE_BYTES_MAX (1u << 20)

/* Awaitable: opens `path` with open(2)'s flags and mode, close-on-exec, into *file, which
 * rt_file_close() frees. 0 or a negative errno value. */
rt_poll rt_file_open_poll(struct rt_wait *wait, struct rt_cx *cx, const char *path, int flags,
                          mode_t mode, struct rt_file **file);
void rt_file_open_drop(struct rt_wait *wait, const char *path, int flags, mode_t mode,
                       struct rt_file **file);

/* Awaitable: reads at most `size` bytes at `offset`. The count, which may be short, 0 at the end,
 * or a negative errno value. */
rt_poll rt_file_read_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_file *file,
                          void *buffer, size_t size, uint64_t offset);
void rt_file_read_drop(struct rt_wait *wait, struct rt_file *file, void *buffer, size_t size,
                       uint64_t offset);

/* Awaitable: writes at most `size` bytes at `offset`. The count, which may be short, or a negative
 * errno value. */
rt_poll rt_file_write_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_file *file,
                           const void *buffer, size_t size, uint64_t offset);
void rt_file_write_drop(struct rt_wait *wait, struct rt_file *file, const void *buffer, size_t size,
                        uint64_t offset);

/* Awaitable: fsync(2). 0 or a negative errno value. */
rt_poll rt_file_sync_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_file *file);
void rt_file_sync_drop(struct rt_wait *wait, struct rt_file *file);

/* Closes the file, or lets the last operation do it that was given up and still runs. Nobody may
 * await one. NULL is ignored. Does not wait. */
void rt_file_close(struct rt_file *file);

/* The descriptor, still owned by `file`. */
int rt_file_fd(const struct rt_file *file);

#endif
