/* SPDX-License-Identifier: MIT
 *
 * Taking and releasing FILE.lock. The file is removed on release, so a lock may be taken on a file
 * that is no longer the one of that name: after locking, both are compared, and if they differ it
 * is tried again with the new one.
 */
#include "harness/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_still_there(int fd, const char *path)
{
    struct stat held, named;
    return fstat(fd, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino &&
           held.st_dev == named.st_dev;
}

static struct flock whole_file(void)
{
    return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
}

static int explain_busy(int fd, const char *path, struct tc_error *err)
{
    struct flock held = whole_file();
    char who[64] = "";
    if (fcntl(fd, F_GETLK, &held) == 0 && held.l_type != F_UNLCK && held.l_pid > 0)
        snprintf(who, sizeof who, " (process %d)", (int)held.l_pid);
    return tc_fail(err, -EBUSY,
                   "another run%s is writing to '%s'; wait until it has ended, or name another "
                   "file",
                   who, path);
}

static int open_and_lock(struct tc_lock *lock, const char *path, struct tc_error *err)
{
    struct flock wanted = whole_file();
    lock->fd = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (lock->fd < 0)
        return tc_fail(err, -errno,
                       "'%s' cannot be written: %s; name a file in a folder that exists and that "
                       "you may write to",
                       path, strerror(errno));
    if (fcntl(lock->fd, F_SETLK, &wanted) == 0 || (errno != EAGAIN && errno != EACCES))
        return 0;
    return explain_busy(lock->fd, path, err);
}

int tc_lock_take(struct tc_lock *lock, const char *path, struct tc_error *err)
{
    char *target = realpath(path, NULL);
    *lock = (struct tc_lock){.fd = -1};
    MUST(asprintf(&lock->path, "%s.lock", target ? target : path) >= 0);
    free(target);
    for (;;) {
        int code = open_and_lock(lock, path, err);
        if (code < 0) {
            if (lock->fd >= 0)
                close(lock->fd);
            lock->fd = -1;
            return code;
        }
        if (is_still_there(lock->fd, lock->path))
            break;
        close(lock->fd);
    }
    return 0;
}

void tc_lock_release(struct tc_lock *lock)
{
    if (lock->fd >= 0) {
        unlink(lock->path);
        close(lock->fd);
    }
    free(lock->path);
    *lock = (struct tc_lock){.fd = -1};
}
