/* SPDX-License-Identifier: MIT
 *
 * JSON documents and files: reading whole, replacing whole.
 *
 * A regular file is replaced by write-to-temporary, fsync, rename, fsync of the folder; a symbolic
 * link keeps pointing at what is replaced. Anything else that has a name (a terminal, a pipe,
 * /dev/null) is written to as it is: renaming over it would destroy it.
 */
#include "harness/json.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
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

static const char *remedy_for(int code)
{
    switch (-code) {
    case ENOENT:
    case ENOTDIR:
        return "create its folder first, or choose another place";
    case EACCES:
    case EPERM:
        return "choose a place that you may write to";
    case EROFS:
        return "the file system is read-only, choose another place";
    case ENOSPC:
    case EDQUOT:
        return "free some space, or choose another place";
    case EFBIG:
        return "raise the limit on the size of files (ulimit -f), or choose another file system";
    case EISDIR:
        return "it is a folder, name a file in it";
    default:
        return "choose another place";
    }
}

static int explain_write(int code, const char *path, struct tc_error *err)
{
    return tc_fail(err, code, "%s: cannot be written: %s: %s", path, strerror(-code),
                   remedy_for(code));
}

/* Writes, syncs and closes `fd`, whatever happens. */
static int write_and_close(const tc_json *value, int fd)
{
    FILE *stream = fdopen(fd, "w");
    if (!stream) {
        int code = -errno;
        close(fd);
        return code;
    }
    int code = tcj_write(value, stream);
    /* What can't be synced (a pipe, a terminal) says EINVAL and has nothing to lose. */
    if (code == 0 && fsync(fd) != 0 && errno != EINVAL && errno != EROFS)
        code = -errno;
    if (fclose(stream) != 0 && code == 0)
        code = -errno;
    return code;
}

static int sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return 0; /* a folder one may write to but not read: the file itself is synced */
    int code = fsync(fd) != 0 && errno != EINVAL ? -errno : 0;
    close(fd);
    return code;
}

/* A temporary file in the same folder, hence the same file system. Not mkstemp(): that gives mode
 * 0600, and a result is an ordinary file under the umask. */
static int open_temporary(const char *folder, char *temporary, size_t size)
{
    for (int tries = 0; tries < 100; tries++) {
        unsigned long long random = 0;
        if (getrandom(&random, sizeof random, 0) < 0)
            random = (unsigned long long)getpid() * 1000 + (unsigned)tries;
        int length = snprintf(temporary, size, "%s/.taskcost-%016llx.tmp", folder, random);
        if (length < 0 || (size_t)length >= size)
            return -ENAMETOOLONG;
        int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST)
            return fd >= 0 ? fd : -errno;
    }
    return -EEXIST;
}

static int replace_file(const tc_json *value, const char *path)
{
    char copy[PATH_MAX], temporary[PATH_MAX];
    if (strlen(path) >= sizeof copy)
        return -ENAMETOOLONG;
    const char *folder = dirname(strcpy(copy, path));
    int fd = open_temporary(folder, temporary, sizeof temporary);
    if (fd < 0)
        return fd;
    int code = write_and_close(value, fd);
    if (code == 0 && rename(temporary, path) != 0)
        code = -errno;
    if (code < 0) {
        unlink(temporary);
        return code;
    }
    return sync_folder(folder);
}

static int write_in_place(const tc_json *value, const char *path)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    return fd < 0 ? -errno : write_and_close(value, fd);
}

int tcj_save(const tc_json *value, const char *path, struct tc_error *err)
{
    char target[PATH_MAX];
    struct stat st;
    int code;
    if (strcmp(path, "-") == 0) {
        code = tcj_write(value, stdout);
        return code < 0 ? explain_write(code, "standard output", err) : 0;
    }
    bool exists = stat(path, &st) == 0;
    if (exists && S_ISDIR(st.st_mode))
        code = -EISDIR;
    else if (exists && !S_ISREG(st.st_mode))
        code = write_in_place(value, path);
    else if (exists && realpath(path, target))
        code = replace_file(value, target);
    else
        code = replace_file(value, path);
    return code < 0 ? explain_write(code, path, err) : 0;
}
