/* SPDX-License-Identifier: MIT
 *
 * Checks a document against a JSON Schema (2020-12), for the subset of keywords that our schemas
 * use. A schema with any other keyword is refused, so that a check can't be silently skipped.
 */
#ifndef HARNESS_SCHEMA_H
#define HARNESS_SCHEMA_H

#include "harness/json.h"

/* 0, or -EINVAL and a sentence: "FILE: at /measurements/3/metric: expected string, found integer".
 * `source` names the document in it. */
int tc_schema_check(const tc_json *schema, const tc_json *document, const char *source,
                    struct tc_error *err);

/* The schemas and data that are built into the program (results/schema.json,
 * results/published.json and results/claims.json), parsed; owned by the caller. */
tc_json *tc_builtin_results_schema(void);
tc_json *tc_builtin_published(void);
tc_json *tc_builtin_claims(void);

#endif
