/* SPDX-License-Identifier: MIT
 *
 * One reading of the machine in three states: its value, {"absent": true} or {"not_permitted":
 * true} (see harness/environment.h). `root` is put before every path: "" for this machine, a folder
 * that stands in for it in tests. What is returned is the caller's; memory that runs out aborts.
 */
#ifndef HARNESS_READING_H
#define HARNESS_READING_H

#include "harness/json.h"

tc_json *tc_reading_absent(void);
/* Absent or not permitted, by the errno of a failed open or read. */
tc_json *tc_reading_failed(int error);

/* A whole file (at most `size` - 1 bytes), ended by a NUL. 0 or a negative errno value. */
int tc_reading_file(const char *root, const char *path, char *text, size_t size);

/* The file's first line without blanks around it; as a string, or as a number when it is one. */
tc_json *tc_reading_line(const char *root, const char *path);

/* What follows "KEY:" or "KEY" and blanks at the start of a line of the file; absent if there is no
 * such line. A string, or a number with a unit of kB as bytes. */
tc_json *tc_reading_field(const char *root, const char *path, const char *key);

/* A number at the start of the text, "unlimited" for max and -1, else the text. */
tc_json *tc_reading_value(const char *text);

#endif
