/* SPDX-License-Identifier: MIT
 *
 * Regular files: the counterparts of rt/file.h, one system call each.
 */
#ifndef TB_FILE_H
#define TB_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A plain value; copying is moving. Any number of threads may use it at a time. */
struct tb_file {
    int fd;
};

/* The most that one read or write moves; more is a short count. */
#define TB_FILE_BYTES_MAX (1u << 20)

/* Opens `path` with open(2)'s flags and mode, close-on-exec. 0 or a negative errno value. */
int64_t tb_file_open(const char *path, int flags, mode_t mode, struct tb_file *file);
void tb_file_close(struct tb_file *file);

/* At most `size` bytes at `offset`: the count, which may be short, or a negative errno value. */
int64_t tb_file_read(struct tb_file *file, void *buffer, size_t size, uint64_t offset);
int64_t tb_file_write(struct tb_file *file, const void *buffer, size_t size, uint64_t offset);

/* fsync(2). 0 or a negative errno value. */
int64_t tb_file_sync(struct tb_file *file);

#endif
