/* SPDX-License-Identifier: MIT
 *
 * One writer a file: whoever wants to write FILE over a longer time holds FILE.lock meanwhile. The
 * lock is a record lock, fcntl(2)'s, so that the kernel lets go of it however the holder ends, and
 * that no child has it: flock(2)'s would outlive a killed holder for as long as a child of its was
 * on its way to exec. A file FILE.lock that a killed holder left behind locks nothing. On a file
 * system that cannot lock, everybody gets it.
 */
#ifndef HARNESS_LOCK_H
#define HARNESS_LOCK_H

#include "base/status.h"

struct tc_lock {
    int fd;     /* -1 when nothing is held */
    char *path; /* of the lock */
};

/* Takes the lock of `path` (a symbolic link's target), without waiting; once a process, as a record
 * lock is gone with the first descriptor that is closed. -EBUSY when another process
 * has it, with a sentence that names that process; another negative errno value when FILE.lock
 * can't be made. Release with tc_lock_release() in either case. */
int tc_lock_take(struct tc_lock *lock, const char *path, struct tc_error *err);

/* Removes FILE.lock and lets go. Nothing when nothing is held. */
void tc_lock_release(struct tc_lock *lock);

#endif
