/* SPDX-License-Identifier: MIT
 *
 * The json.h interface over jansson: values, parsing and the text layout. A tc_json is a json_t
 * under another name, so that no other file needs jansson's header. Files are json_file.c.
 *
 * Layout: objects and lists of objects are indented; what holds only numbers and text (samples,
 * histograms, small leaf objects) stays on one line, so that a document of thousands of samples can
 * still be read and diffed.
 */
#include "harness/json.h"

#include "utf8.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Significant digits of a real. A sample is good to six at best; ten keep any rounding out of
 * sight and a file at half the size of seventeen. */
enum { REAL_DIGITS = 10, LEAF_OBJECT_MAX = 100 };

#define DUMP_FLAGS (JSON_ENCODE_ANY | JSON_REAL_PRECISION(REAL_DIGITS))

/* Whole numbers up to here are exact in a double. */
#define EXACT_LIMIT 9007199254740992.0

static json_t *in(const tc_json *value)
{
    return (json_t *)(uintptr_t)value;
}

static tc_json *out(json_t *value)
{
    return (tc_json *)value;
}

static tc_json *made(json_t *value)
{
    MUST(value);
    return out(value);
}

/* -- making -- */

tc_json *tcj_object(void)
{
    return made(json_object());
}

tc_json *tcj_array(void)
{
    return made(json_array());
}

tc_json *tcj_string(const char *value)
{
    if (!value)
        return tcj_null();
    json_t *string = json_string(value);
    if (string)
        return out(string);
    size_t length;
    char *clean = tc_utf8_clean(value, strlen(value), &length);
    string = json_stringn(clean, length);
    free(clean);
    return made(string);
}

tc_json *tcj_integer(int64_t value)
{
    return made(json_integer(value));
}

tc_json *tcj_number(double value)
{
    if (!isfinite(value))
        return tcj_null();
    if (value == trunc(value) && fabs(value) <= EXACT_LIMIT)
        return tcj_integer((int64_t)value); /* 1012 rather than 1012.0 */
    return made(json_real(value));
}

tc_json *tcj_bool(bool value)
{
    return made(json_boolean(value));
}

tc_json *tcj_null(void)
{
    return made(json_null());
}

tc_json *tcj_keep(tc_json *value)
{
    return out(json_incref(in(value)));
}

void tcj_free(tc_json *value)
{
    json_decref(in(value));
}

void tcj_set(tc_json *object, const char *key, tc_json *value)
{
    MUST(value);
    if (json_object_set(in(object), key, in(value)) != 0) {
        size_t length;
        char *clean = tc_utf8_clean(key, strlen(key), &length);
        MUST(json_object_set(in(object), clean, in(value)) == 0);
        free(clean);
    }
    tcj_free(value);
}

void tcj_append(tc_json *array, tc_json *value)
{
    MUST(json_array_append_new(in(array), in(value)) == 0);
}

/* -- reading -- */

tc_json *tcj_get(const tc_json *object, const char *key)
{
    return out(json_object_get(in(object), key));
}

tc_json *tcj_at(const tc_json *array, size_t index)
{
    return out(json_array_get(in(array), index));
}

size_t tcj_size(const tc_json *container)
{
    return json_is_array(in(container)) ? json_array_size(in(container))
                                        : json_object_size(in(container));
}

const char *tcj_text(const tc_json *value, const char *fallback)
{
    return json_is_string(in(value)) ? json_string_value(in(value)) : fallback;
}

bool tcj_read_number(const tc_json *value, double *to)
{
    if (!json_is_number(in(value)))
        return false;
    *to = json_number_value(in(value));
    return true;
}

bool tcj_read_integer(const tc_json *value, int64_t *to)
{
    if (json_is_integer(in(value))) {
        *to = json_integer_value(in(value));
        return true;
    }
    /* 3.0 is a whole number too: other languages print it so. */
    double real = json_is_real(in(value)) ? json_real_value(in(value)) : NAN;
    if (!(fabs(real) <= EXACT_LIMIT) || real != trunc(real))
        return false;
    *to = (int64_t)real;
    return true;
}

bool tcj_read_bool(const tc_json *value, bool *to)
{
    if (!json_is_boolean(in(value)))
        return false;
    *to = json_is_true(in(value));
    return true;
}

bool tcj_is_object(const tc_json *value)
{
    return json_is_object(in(value));
}

bool tcj_is_array(const tc_json *value)
{
    return json_is_array(in(value));
}

bool tcj_is_null(const tc_json *value)
{
    return json_is_null(in(value));
}

const char *tcj_type_name(const tc_json *value)
{
    static const char *const names[] = {
        [JSON_OBJECT] = "object",   [JSON_ARRAY] = "array", [JSON_STRING] = "string",
        [JSON_INTEGER] = "integer", [JSON_REAL] = "number", [JSON_TRUE] = "boolean",
        [JSON_FALSE] = "boolean",   [JSON_NULL] = "null"};
    return value ? names[json_typeof(in(value))] : "nothing";
}

bool tcj_equal(const tc_json *a, const tc_json *b)
{
    return json_equal(in(a), in(b));
}

void *tcj_first(const tc_json *object)
{
    return json_object_iter(in(object));
}

void *tcj_next(const tc_json *object, void *iterator)
{
    return json_object_iter_next(in(object), iterator);
}

const char *tcj_key(void *iterator)
{
    return json_object_iter_key(iterator);
}

tc_json *tcj_value(void *iterator)
{
    return out(json_object_iter_value(iterator));
}

/* -- parsing -- */

/* jansson quotes the text it stumbled over, which may be anything: keep the sentence on a line. */
static void make_printable(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || (unsigned char)*text >= 0x7f)
            *text = '?';
}

static bool stumbled_over_non_finite(const char *error_text)
{
    static const char *const words[] = {"'NaN", "'nan", "'Infinity", "'inf", "'-'", "'Inf"};
    for (size_t i = 0; i < TC_COUNT_OF(words); i++)
        if (strstr(error_text, words[i]))
            return true;
    return false;
}

static void explain(json_error_t *error, const char *source, struct tc_error *err)
{
    enum json_error_code code = json_error_code(error);
    make_printable(error->text);
    if (code == json_error_premature_end_of_input)
        tc_fail(err, -EINVAL,
                "%s: the text ends too soon, at line %d: it is truncated or empty, expected a "
                "whole JSON document",
                source, error->line);
    else if (code == json_error_invalid_syntax && stumbled_over_non_finite(error->text))
        tc_fail(err, -EINVAL,
                "%s: line %d, column %d: NaN and infinities are not JSON: an undefined figure must "
                "be null",
                source, error->line, error->column);
    else
        tc_fail(err, -EINVAL, "%s: line %d, column %d: not the JSON that was expected: %s", source,
                error->line, error->column, error->text);
}

tc_json *tcj_parse(const char *text, size_t length, const char *source, struct tc_error *err)
{
    json_error_t error;
    size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY;
    json_t *value = json_loadb(text, length, flags, &error);
    if (!value && json_error_code(&error) == json_error_invalid_utf8) {
        size_t clean_length;
        char *clean = tc_utf8_clean(text, length, &clean_length);
        value = json_loadb(clean, clean_length, flags, &error);
        free(clean);
    }
    if (!value)
        explain(&error, source, err);
    return out(value);
}

/* -- writing -- */

static bool holds_no_object(const json_t *value)
{
    size_t i;
    json_t *item;
    if (json_is_object(value))
        return false;
    json_array_foreach(value, i, item) if (!holds_no_object(item)) return false;
    return true;
}

/* An object of plain values that is short enough for a line. */
static bool is_leaf_object(const json_t *value)
{
    const char *key;
    json_t *item;
    size_t width = 0;
    if (!json_is_object(value))
        return false;
    json_object_foreach((json_t *)(uintptr_t)value, key, item)
    {
        if (json_is_object(item) || json_is_array(item))
            return false;
        width += strlen(key) + (json_is_string(item) ? json_string_length(item) : REAL_DIGITS) + 6;
    }
    return width <= LEAF_OBJECT_MAX;
}

static void indent_to(FILE *stream, int depth)
{
    fprintf(stream, "\n%*s", depth * 2, "");
}

static void write_value(const json_t *value, FILE *stream, int depth);

static void write_array(const json_t *array, FILE *stream, int depth)
{
    size_t i;
    json_t *item;
    putc('[', stream);
    json_array_foreach(array, i, item)
    {
        if (i > 0)
            putc(',', stream);
        indent_to(stream, depth + 1);
        write_value(item, stream, depth + 1);
    }
    indent_to(stream, depth);
    putc(']', stream);
}

static void write_object(json_t *object, FILE *stream, int depth)
{
    const char *key, *separator = "";
    json_t *item;
    putc('{', stream);
    json_object_foreach(object, key, item)
    {
        json_t *name = json_string(key);
        MUST(name);
        fputs(separator, stream);
        indent_to(stream, depth + 1);
        json_dumpf(name, stream, DUMP_FLAGS);
        fputs(": ", stream);
        write_value(item, stream, depth + 1);
        json_decref(name);
        separator = ",";
    }
    indent_to(stream, depth);
    putc('}', stream);
}

static void write_value(const json_t *value, FILE *stream, int depth)
{
    if (is_leaf_object(value))
        json_dumpf(value, stream, DUMP_FLAGS);
    else if (holds_no_object(value))
        json_dumpf(value, stream, DUMP_FLAGS | JSON_COMPACT);
    else if (json_is_array(value))
        write_array(value, stream, depth);
    else
        write_object((json_t *)(uintptr_t)value, stream, depth);
}

int tcj_write(const tc_json *value, FILE *stream)
{
    errno = 0;
    write_value(in(value), stream, 0);
    putc('\n', stream);
    if (fflush(stream) != 0 || ferror(stream))
        return errno ? -errno : -EIO;
    return 0;
}
