/* SPDX-License-Identifier: MIT
 *
 * The keywords of JSON Schema that look at one value: its type, its size, what it may be.
 */
#include "schema_internal.h"

#include "utf8.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool has_type(const tc_json *document, const char *type)
{
    int64_t integer;
    if (strcmp(type, "integer") == 0)
        return tcj_read_integer(document, &integer);
    if (strcmp(type, "number") == 0 && strcmp(tcj_type_name(document), "integer") == 0)
        return true;
    return strcmp(tcj_type_name(document), type) == 0;
}

int tc__check_type(const struct check *check, const tc_json *schema, const tc_json *argument,
                   const tc_json *document, const struct place *place)
{
    char expected[128] = "";
    (void)schema;
    if (tcj_text(argument, NULL))
        return has_type(document, tcj_text(argument, ""))
                   ? 0
                   : tc__schema_fault(check, place, tcj_text(argument, ""), document);
    for (size_t i = 0; i < tcj_size(argument); i++) {
        const char *type = tcj_text(tcj_at(argument, i), "");
        if (has_type(document, type))
            return 0;
        size_t used = strlen(expected);
        snprintf(expected + used, sizeof expected - used, "%s%s", i ? " or " : "", type);
    }
    return tc__schema_fault(check, place, expected, document);
}

int tc__check_const(const struct check *check, const tc_json *schema, const tc_json *argument,
                    const tc_json *document, const struct place *place)
{
    char expected[80];
    (void)schema;
    if (tcj_equal(argument, document))
        return 0;
    return tc__schema_fault(check, place, tc__schema_value(argument, expected, sizeof expected),
                            document);
}

int tc__check_enum(const struct check *check, const tc_json *schema, const tc_json *argument,
                   const tc_json *document, const struct place *place)
{
    char expected[256] = "one of", one[80];
    (void)schema;
    for (size_t i = 0; i < tcj_size(argument); i++) {
        if (tcj_equal(tcj_at(argument, i), document))
            return 0;
        size_t used = strlen(expected);
        snprintf(expected + used, sizeof expected - used, "%s%s", i ? ", " : " ",
                 tc__schema_value(tcj_at(argument, i), one, sizeof one));
    }
    return tc__schema_fault(check, place, expected, document);
}

static int check_range(const struct check *check, const tc_json *argument, const tc_json *document,
                       const struct place *place, const char *word, int sign)
{
    double limit = 0, number;
    char expected[64];
    tcj_read_number(argument, &limit);
    if (!tcj_read_number(document, &number) || sign * (number - limit) >= 0)
        return 0;
    snprintf(expected, sizeof expected, "at %s %.17g", word, limit);
    return tc__schema_fault(check, place, expected, document);
}

int tc__check_minimum(const struct check *check, const tc_json *schema, const tc_json *argument,
                      const tc_json *document, const struct place *place)
{
    (void)schema;
    return check_range(check, argument, document, place, "least", 1);
}

int tc__check_maximum(const struct check *check, const tc_json *schema, const tc_json *argument,
                      const tc_json *document, const struct place *place)
{
    (void)schema;
    return check_range(check, argument, document, place, "most", -1);
}

static int check_size(const struct check *check, const tc_json *argument, const tc_json *document,
                      const struct place *place, int sign)
{
    int64_t limit = 0;
    char expected[64];
    tcj_read_integer(argument, &limit);
    if (!tcj_is_array(document) || sign * ((int64_t)tcj_size(document) - limit) >= 0)
        return 0;
    snprintf(expected, sizeof expected, "at %s %d items", sign > 0 ? "least" : "most", (int)limit);
    return tc__schema_fault(check, place, expected, document);
}

int tc__check_min_items(const struct check *check, const tc_json *schema, const tc_json *argument,
                        const tc_json *document, const struct place *place)
{
    (void)schema;
    return check_size(check, argument, document, place, 1);
}

int tc__check_max_items(const struct check *check, const tc_json *schema, const tc_json *argument,
                        const tc_json *document, const struct place *place)
{
    (void)schema;
    return check_size(check, argument, document, place, -1);
}

int tc__check_min_length(const struct check *check, const tc_json *schema, const tc_json *argument,
                         const tc_json *document, const struct place *place)
{
    int64_t limit = 0, length = 0;
    const char *text = tcj_text(document, NULL);
    (void)schema;
    if (!text)
        return 0;
    tcj_read_integer(argument, &limit);
    for (const char *end = text + strlen(text); text < end; length++)
        tc_utf8_next(&text, end);
    return length >= limit ? 0 : tc__schema_fault(check, place, "a longer string", document);
}
