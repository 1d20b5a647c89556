/* SPDX-License-Identifier: MIT
 *
 * Files, blocking. EINTR is retried: no caller of ours wants it.
 */
#include "tb/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int64_t tb_file_open(const char *path, int flags, mode_t mode, struct tb_file *file)
{
    do
        file->fd = open(path, flags | O_CLOEXEC, mode);
    while (file->fd < 0 && errno == EINTR);
    return file->fd < 0 ? -errno : 0;
}

void tb_file_close(struct tb_file *file)
{
    close(file->fd);
    file->fd = -1;
}

static size_t at_most(size_t size)
{
    return size < TB_FILE_BYTES_MAX ? size : TB_FILE_BYTES_MAX;
}

int64_t tb_file_read(struct tb_file *file, void *buffer, size_t size, uint64_t offset)
{
    ssize_t count;
    do
        count = pread(file->fd, buffer, at_most(size), (off_t)offset);
    while (count < 0 && errno == EINTR);
    return count < 0 ? -errno : count;
}

int64_t tb_file_write(struct tb_file *file, const void *buffer, size_t size, uint64_t offset)
{
    ssize_t count;
    do
        count = pwrite(file->fd, buffer, at_most(size), (off_t)offset);
    while (count < 0 && errno == EINTR);
    return count < 0 ? -errno : count;
}

int64_t tb_file_sync(struct tb_file *file)
{
    int err;
    do
        err = fsync(file->fd);
    while (err < 0 && errno == EINTR);
    return err < 0 ? -errno : 0;
}
