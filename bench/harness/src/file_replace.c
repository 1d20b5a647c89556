/* SPDX-License-Identifier: MIT
 *
 * Replacing files whole.
 *
 * A regular file is replaced by write-to-temporary, fsync, rename, fsync of the folder; a symbolic
 * link keeps pointing at what is replaced. Anything else that has a name (a terminal, a pipe,
 * /dev/null) is written to as it is: renaming over it would destroy it.
 */
#include "harness/file_replace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

struct content {
    int (*write)(const void *what, FILE *stream);
    const void *what;
};

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
static int write_and_close(const struct content *content, int fd)
{
    FILE *stream = fdopen(fd, "w");
    if (!stream) {
        int code = -errno;
        close(fd);
        return code;
    }
    int code = content->write(content->what, stream);
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

/* How much of the file's name its temporary one carries. */
enum { BASE_KEPT = 150 };

/* A temporary file in the same folder, hence the same file system. Not mkstemp(): that gives mode
 * 0600, and a result is an ordinary file under the umask. */
static int open_temporary(const char *folder, const char *base, char *temporary, size_t size)
{
    for (int tries = 0; tries < 100; tries++) {
        unsigned long long random = 0;
        if (getrandom(&random, sizeof random, 0) < 0)
            random = (unsigned long long)getpid() * 1000 + (unsigned)tries;
        int length =
            snprintf(temporary, size, "%s/.%.*s.%016llx.tmp", folder, BASE_KEPT, base, random);
        if (length < 0 || (size_t)length >= size)
            return -ENAMETOOLONG;
        int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST)
            return fd >= 0 ? fd : -errno;
    }
    return -EEXIST;
}

/* Folder and last part of a path; `copy`, of PATH_MAX bytes, holds the folder. */
static int split_path(const char *path, char *copy, const char **folder, const char **base)
{
    const char *slash = strrchr(path, '/');
    if (strlen(path) >= PATH_MAX)
        return -ENAMETOOLONG;
    *base = slash ? slash + 1 : path;
    *folder = dirname(strcpy(copy, path));
    return 0;
}

static int replace_file(const struct content *content, const char *path)
{
    char copy[PATH_MAX], temporary[PATH_MAX];
    const char *folder, *base;
    int fd = split_path(path, copy, &folder, &base);
    if (fd == 0)
        fd = open_temporary(folder, base, temporary, sizeof temporary);
    if (fd < 0)
        return fd;
    int code = write_and_close(content, fd);
    if (code == 0 && rename(temporary, path) != 0)
        code = -errno;
    if (code < 0) {
        unlink(temporary);
        return code;
    }
    return sync_folder(folder);
}

/* Whether open_temporary() makes such names for `base`. */
static bool is_temporary(const char *name, const char *base)
{
    size_t kept = strnlen(base, BASE_KEPT);
    return name[0] == '.' && strncmp(name + 1, base, kept) == 0 && name[1 + kept] == '.' &&
           strspn(name + 2 + kept, "0123456789abcdef") == 16 &&
           strcmp(name + 2 + kept + 16, ".tmp") == 0;
}

void tc_file_sweep(const char *path)
{
    char target[PATH_MAX], copy[PATH_MAX];
    const char *folder, *base;
    if (split_path(realpath(path, target) ? target : path, copy, &folder, &base) < 0)
        return;
    DIR *entries = opendir(folder);
    for (struct dirent *entry; entries && (entry = readdir(entries));)
        if (is_temporary(entry->d_name, base))
            unlinkat(dirfd(entries), entry->d_name, 0);
    if (entries)
        closedir(entries);
}

static int write_in_place(const struct content *content, const char *path)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    return fd < 0 ? -errno : write_and_close(content, fd);
}

int tc_file_replace(const char *path, int (*write)(const void *what, FILE *stream),
                    const void *what, struct tc_error *err)
{
    const struct content content = {write, what};
    char target[PATH_MAX];
    struct stat st;
    int code;
    if (strcmp(path, "-") == 0) {
        code = write(what, stdout);
        return code < 0 ? explain_write(code, "standard output", err) : 0;
    }
    bool exists = stat(path, &st) == 0;
    if (exists && S_ISDIR(st.st_mode))
        code = -EISDIR;
    else if (exists && !S_ISREG(st.st_mode))
        code = write_in_place(&content, path);
    else if (exists && realpath(path, target))
        code = replace_file(&content, target);
    else
        code = replace_file(&content, path);
    return code < 0 ? explain_write(code, path, err) : 0;
}
