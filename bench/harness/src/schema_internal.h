/* SPDX-License-Identifier: MIT
 *
 * What the two halves of the validator share: where a check stands, and the keywords that look at
 * one value only.
 */
#ifndef SCHEMA_INTERNAL_H
#define SCHEMA_INTERNAL_H

#include "harness/schema.h"

/* A place in the document, as a chain from the root that lives on the stack. */
struct place {
    const struct place *parent;
    const char *key; /* or NULL for an index */
    size_t index;
};

struct check {
    const tc_json *root; /* the whole schema, for $ref */
    const char *source;
    struct tc_error *err;
};

typedef int keyword_fn(const struct check *check, const tc_json *schema, const tc_json *argument,
                       const tc_json *document, const struct place *place);

/* Refuses `found`: "FILE: at PLACE: expected EXPECTED, found FOUND". */
int tc__schema_fault(const struct check *check, const struct place *place, const char *expected,
                     const tc_json *found);
/* A place as a JSON pointer, into `text`; returns text. */
const char *tc__schema_place(const struct place *place, char *text, size_t size);
/* A value as a reader would recognise it: short scalars themselves, the rest by type. */
const char *tc__schema_value(const tc_json *value, char *text, size_t size);

/* Keywords of plain values; what they do not apply to passes. */
keyword_fn tc__check_type, tc__check_const, tc__check_enum, tc__check_minimum, tc__check_maximum,
    tc__check_min_items, tc__check_max_items, tc__check_min_length;

#endif
