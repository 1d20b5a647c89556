/* SPDX-License-Identifier: MIT
 *
 * A file is replaced whole or not at all: whoever reads it, at any moment and after any crash,
 * finds the old content or the new one.
 */
#ifndef HARNESS_FILE_REPLACE_H
#define HARNESS_FILE_REPLACE_H

#include "base/status.h"

#include <stdio.h>

/* Replaces `path` by what `write` writes to the stream: into a temporary file beside it that is
 * synced and renamed over it, then the folder is synced. `path` may also be "-" for standard
 * output. `write` returns 0 or a negative errno value; so does this, with a sentence that names the
 * path and a remedy. */
int tc_file_replace(const char *path, int (*write)(const void *what, FILE *stream),
                    const void *what, struct tc_error *err);

/* Removes what a process that was killed while it replaced `path` has left beside it. For the one
 * writer of that file. */
void tc_file_sweep(const char *path);

#endif
