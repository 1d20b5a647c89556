/* SPDX-License-Identifier: MIT
 *
 * JSON as the suite needs it: the one place that knows jansson.
 *
 * What it adds to jansson: NaN and infinities are never written (the key gets null, so that nothing
 * vanishes) and never read; bad UTF-8 is replaced rather than refused; duplicate keys are refused;
 * files are replaced whole or not at all. Values are reference counted: whatever a tcj_ function
 * "takes" is owned by the container afterwards, also on failure; whatever it returns from inside a
 * container is borrowed. Running out of memory aborts: there is nothing sensible left to report.
 * Not thread-safe per value.
 */
#ifndef HARNESS_JSON_H
#define HARNESS_JSON_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct tc_json tc_json;

/* -- making -- */
tc_json *tcj_object(void);
tc_json *tcj_array(void);
tc_json *tcj_string(const char *value); /* NULL makes null */
tc_json *tcj_integer(int64_t value);
tc_json *tcj_number(double value); /* NaN and infinities make null */
tc_json *tcj_bool(bool value);
tc_json *tcj_null(void);
tc_json *tcj_keep(tc_json *value); /* one more reference */
void tcj_free(tc_json *value);     /* one reference fewer; NULL is ignored */

/* Sets a key (takes `value`) / appends to an array (takes `value`). */
void tcj_set(tc_json *object, const char *key, tc_json *value);
void tcj_append(tc_json *array, tc_json *value);

/* -- reading: all tolerate NULL and the wrong type, and then give the fallback -- */
tc_json *tcj_get(const tc_json *object, const char *key); /* or NULL */
tc_json *tcj_at(const tc_json *array, size_t index);      /* or NULL */
size_t tcj_size(const tc_json *container);                /* array or object */
const char *tcj_text(const tc_json *value, const char *fallback);
bool tcj_read_number(const tc_json *value, double *out); /* integers too */
bool tcj_read_integer(const tc_json *value, int64_t *out);
bool tcj_read_bool(const tc_json *value, bool *out);
bool tcj_is_object(const tc_json *value);
bool tcj_is_array(const tc_json *value);
bool tcj_is_null(const tc_json *value);
/* "object", "array", "string", "integer", "number", "boolean", "null" */
const char *tcj_type_name(const tc_json *value);
bool tcj_equal(const tc_json *a, const tc_json *b);

/* The members of an object in insertion order: for (it = tcj_first(o); it; it = tcj_next(o, it)).
 */
void *tcj_first(const tc_json *object);
void *tcj_next(const tc_json *object, void *iterator);
const char *tcj_key(void *iterator);
tc_json *tcj_value(void *iterator);

/* -- text and files -- */

/* Parses exactly one value; on failure NULL and a sentence that names `source`, line and column. */
tc_json *tcj_parse(const char *text, size_t length, const char *source, struct tc_error *err);

/* Reads a file ("-" is standard input). On failure NULL and a sentence that names the file. */
tc_json *tcj_load(const char *path, struct tc_error *err);

/* Writes to a stream, indented, with a final newline. 0 or a negative errno value. */
int tcj_write(const tc_json *value, FILE *stream);

/* Replaces `path` whole: writes a temporary file beside it, syncs it, renames it over, syncs the
 * folder. A reader, or a crash at any moment, sees the old file or the new one. `path` may also be
 * "-" for standard output. 0 or a negative errno value with a sentence. */
int tcj_save(const tc_json *value, const char *path, struct tc_error *err);

#endif
