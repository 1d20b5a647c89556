/* SPDX-License-Identifier: MIT
 *
 * Reading JSON documents whole; writing them is file_replace.c's.
 */
#include "harness/file_replace.h"
#include "harness/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Far above any run's results; keeps an endless device from eating the memory. */
#define READ_LIMIT ((size_t)1 << 30)

/* -- reading -- */

struct buffer {
    char *bytes;
    size_t length, room;
};

static int read_all(int fd, struct buffer *buffer)
{
    for (;;) {
        if (buffer->length == buffer->room) {
            buffer->room = buffer->room ? buffer->room * 2 : 1 << 16;
            if (buffer->room > READ_LIMIT)
                return -EFBIG;
            buffer->bytes = realloc(buffer->bytes, buffer->room);
            MUST(buffer->bytes);
        }
        ssize_t got = read(fd, buffer->bytes + buffer->length, buffer->room - buffer->length);
        if (got == 0)
            return 0;
        if (got > 0)
            buffer->length += (size_t)got;
        else if (errno != EINTR)
            return -errno;
    }
}

static void explain_read(int code, const char *path, struct tc_error *err)
{
    if (code == -ENOENT)
        tc_fail(err, code, "%s: there is no such file, expected a JSON document", path);
    else if (code == -EISDIR)
        tc_fail(err, code, "%s: this is a folder, expected a JSON file", path);
    else if (code == -EFBIG)
        tc_fail(err, code, "%s: more than %zu MiB, expected a JSON document", path,
                READ_LIMIT >> 20);
    else
        tc_fail(err, code, "%s: cannot be read: %s", path, strerror(-code));
}

tc_json *tcj_load(const char *path, struct tc_error *err)
{
    bool standard = strcmp(path, "-") == 0;
    const char *name = standard ? "standard input" : path;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    struct buffer buffer = {0};
    tc_json *value = NULL;
    int code = fd < 0 ? -errno : read_all(fd, &buffer);
    if (code < 0)
        explain_read(code, name, err);
    else
        value = tcj_parse(buffer.bytes, buffer.length, name, err);
    if (!standard && fd >= 0)
        close(fd);
    free(buffer.bytes);
    return value;
}

/* -- writing -- */

static int write_value(const void *value, FILE *stream)
{
    return tcj_write(value, stream);
}

int tcj_save(const tc_json *value, const char *path, struct tc_error *err)
{
    return tc_file_replace(path, write_value, value, err);
}
