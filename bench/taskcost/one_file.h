/* SPDX-License-Identifier: MIT
 *
 * The arguments of the commands that read one result file, and the file read.
 */
#ifndef TASKCOST_ONE_FILE_H
#define TASKCOST_ONE_FILE_H

#include "harness/results.h"

struct one_file {
    const char *path;
    bool markdown;
    struct tc_results *results; /* free with tc_results_free() */
};

/* Reads "COMMAND FILE [--markdown]" and loads the file. EXIT_DONE, or what to exit with after the
 * sentence was printed; then nothing needs to be freed. */
int one_file_open(int argc, char **argv, struct one_file *file);

/* The same for a command without --markdown. */
int one_file_open_plain(int argc, char **argv, struct one_file *file);

/* The same as the first for a command whose text is published: refuses what was slowed down. */
int one_file_open_published(int argc, char **argv, struct one_file *file);

/* Keeps figures that were slowed down on purpose (run --inject) out of what is published: EXIT_DONE
 * when they were not, else EXIT_USAGE_ERROR after the sentence. */
int one_file_refuse_injected(const char *command, const char *path,
                             const struct tc_results *results);

#endif
