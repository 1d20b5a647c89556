/* SPDX-License-Identifier: MIT
 *
 * A small JSON Schema validator: one table row and one function a keyword. A first walk over the
 * schema refuses keywords that are not in the table, a second walks schema and document together
 * and stops at the first fault, because one sentence is all a person needs.
 *
 * Left out on purpose: remote references, formats, patterns, boolean schemas and whatever else our
 * schemas do not use.
 */
#include "schema_internal.h"

#include "utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What hangs below a keyword in the schema, for the walk that refuses unknown ones. */
enum below { NOTHING, A_SCHEMA, SCHEMAS_BY_NAME, SCHEMAS_IN_A_LIST };

static int check_value(const struct check *check, const tc_json *schema, const tc_json *document,
                       const struct place *place);

/* -- sentences -- */

static void append_place(char *to, size_t size, const struct place *place)
{
    char step[96] = "/";
    if (!place->parent)
        return;
    append_place(to, size, place->parent);
    if (place->key)
        tc_utf8_append_line(step, sizeof step, place->key);
    else
        snprintf(step, sizeof step, "/%zu", place->index);
    tc_utf8_append_line(to, size, step);
}

const char *tc__schema_place(const struct place *place, char *text, size_t size)
{
    text[0] = '\0';
    append_place(text, size, place);
    return text[0] ? text : "the top level";
}

const char *tc__schema_value(const tc_json *value, char *text, size_t size)
{
    double number;
    if (tcj_text(value, NULL)) {
        snprintf(text, size, "'");
        tc_utf8_append_line(text, size - 1, tcj_text(value, ""));
        strcat(text, "'");
    } else if (tcj_read_number(value, &number)) {
        snprintf(text, size, "%.15g", number);
    } else {
        snprintf(text, size, "%s", tcj_type_name(value));
    }
    return text;
}

int tc__schema_fault(const struct check *check, const struct place *place, const char *expected,
                     const tc_json *found)
{
    char where[256], what[80];
    return tc_fail(check->err, -EINVAL, "%s: at %s: expected %s, found %s", check->source,
                   tc__schema_place(place, where, sizeof where), expected,
                   tc__schema_value(found, what, sizeof what));
}

/* -- keywords with schemas below them, and those that name keys -- */

static int check_required(const struct check *check, const tc_json *schema, const tc_json *argument,
                          const tc_json *document, const struct place *place)
{
    char where[256];
    (void)schema;
    if (!tcj_is_object(document))
        return 0;
    for (size_t i = 0; i < tcj_size(argument); i++) {
        const char *key = tcj_text(tcj_at(argument, i), "");
        if (!tcj_get(document, key))
            return tc_fail(check->err, -EINVAL, "%s: at %s: the key '%s' is missing", check->source,
                           tc__schema_place(place, where, sizeof where), key);
    }
    return 0;
}

static int check_properties(const struct check *check, const tc_json *schema,
                            const tc_json *argument, const tc_json *document,
                            const struct place *place)
{
    int code = 0;
    (void)schema;
    for (void *it = tcj_first(document); it && code == 0; it = tcj_next(document, it)) {
        const tc_json *below = tcj_get(argument, tcj_key(it));
        struct place here = {place, tcj_key(it), 0};
        if (below)
            code = check_value(check, below, tcj_value(it), &here);
    }
    return code;
}

static int check_additional(const struct check *check, const tc_json *schema,
                            const tc_json *argument, const tc_json *document,
                            const struct place *place)
{
    const tc_json *named = tcj_get(schema, "properties");
    int code = 0;
    for (void *it = tcj_first(document); it && code == 0; it = tcj_next(document, it)) {
        struct place here = {place, tcj_key(it), 0};
        if (!tcj_get(named, tcj_key(it)))
            code = check_value(check, argument, tcj_value(it), &here);
    }
    return code;
}

static int check_items(const struct check *check, const tc_json *schema, const tc_json *argument,
                       const tc_json *document, const struct place *place)
{
    int code = 0;
    (void)schema;
    for (size_t i = 0; tcj_is_array(document) && i < tcj_size(document) && code == 0; i++) {
        struct place here = {place, NULL, i};
        code = check_value(check, argument, tcj_at(document, i), &here);
    }
    return code;
}

/* The sentence of the last alternative stands for all of them. */
static int check_any_of(const struct check *check, const tc_json *schema, const tc_json *argument,
                        const tc_json *document, const struct place *place)
{
    int code = 0;
    (void)schema;
    for (size_t i = 0; i < tcj_size(argument); i++) {
        code = check_value(check, tcj_at(argument, i), document, place);
        if (code == 0)
            return 0;
    }
    return code;
}

static const char ref_prefix[] = "#/$defs/";

static const tc_json *resolve(const tc_json *root, const tc_json *reference)
{
    const char *text = tcj_text(reference, "");
    if (strncmp(text, ref_prefix, sizeof ref_prefix - 1) != 0)
        return NULL;
    return tcj_get(tcj_get(root, "$defs"), text + sizeof ref_prefix - 1);
}

static int check_ref(const struct check *check, const tc_json *schema, const tc_json *argument,
                     const tc_json *document, const struct place *place)
{
    (void)schema;
    return check_value(check, resolve(check->root, argument), document, place);
}

static const struct keyword {
    const char *name;
    keyword_fn *apply; /* NULL for what only tells people */
    enum below below;
} keywords[] = {
    {"type", tc__check_type, NOTHING},
    {"const", tc__check_const, NOTHING},
    {"enum", tc__check_enum, NOTHING},
    {"minimum", tc__check_minimum, NOTHING},
    {"maximum", tc__check_maximum, NOTHING},
    {"minItems", tc__check_min_items, NOTHING},
    {"maxItems", tc__check_max_items, NOTHING},
    {"minLength", tc__check_min_length, NOTHING},
    {"required", check_required, NOTHING},
    {"anyOf", check_any_of, SCHEMAS_IN_A_LIST},
    {"properties", check_properties, SCHEMAS_BY_NAME},
    {"additionalProperties", check_additional, A_SCHEMA},
    {"items", check_items, A_SCHEMA},
    {"$ref", check_ref, NOTHING},
    {"$defs", NULL, SCHEMAS_BY_NAME},
    {"$schema", NULL, NOTHING},
    {"$id", NULL, NOTHING},
    {"title", NULL, NOTHING},
    {"description", NULL, NOTHING},
};

static int check_value(const struct check *check, const tc_json *schema, const tc_json *document,
                       const struct place *place)
{
    int code = 0;
    for (size_t i = 0; i < TC_COUNT_OF(keywords) && code == 0; i++) {
        const tc_json *argument = tcj_get(schema, keywords[i].name);
        if (argument && keywords[i].apply)
            code = keywords[i].apply(check, schema, argument, document, place);
    }
    return code;
}

/* -- the schema itself -- */

static const struct keyword *keyword_of(const char *name)
{
    for (size_t i = 0; i < TC_COUNT_OF(keywords); i++)
        if (strcmp(keywords[i].name, name) == 0)
            return &keywords[i];
    return NULL;
}

static int check_schema(const struct check *check, const tc_json *schema);

static int check_below(const struct check *check, enum below below, const tc_json *argument)
{
    int code = 0;
    if (below == A_SCHEMA)
        code = check_schema(check, argument);
    else if (below == SCHEMAS_BY_NAME)
        for (void *it = tcj_first(argument); it && code == 0; it = tcj_next(argument, it))
            code = check_schema(check, tcj_value(it));
    else if (below == SCHEMAS_IN_A_LIST)
        for (size_t i = 0; i < tcj_size(argument) && code == 0; i++)
            code = check_schema(check, tcj_at(argument, i));
    return code;
}

static int check_schema(const struct check *check, const tc_json *schema)
{
    int code = 0;
    if (!tcj_is_object(schema))
        return tc_fail(check->err, -EINVAL, "the schema holds %s where a schema is needed",
                       tcj_type_name(schema));
    for (void *it = tcj_first(schema); it && code == 0; it = tcj_next(schema, it)) {
        const struct keyword *keyword = keyword_of(tcj_key(it));
        if (!keyword)
            return tc_fail(check->err, -EINVAL,
                           "the schema uses the keyword '%s', which is not implemented here",
                           tcj_key(it));
        if (keyword->apply == check_ref && !resolve(check->root, tcj_value(it)))
            return tc_fail(check->err, -EINVAL, "the schema refers to '%s', which it does not have",
                           tcj_text(tcj_value(it), ""));
        code = check_below(check, keyword->below, tcj_value(it));
    }
    return code;
}

int tc_schema_check(const tc_json *schema, const tc_json *document, const char *source,
                    struct tc_error *err)
{
    struct check check = {schema, source, err};
    struct place top = {NULL, NULL, 0};
    int code = check_schema(&check, schema);
    return code < 0 ? code : check_value(&check, schema, document, &top);
}
