/* SPDX-License-Identifier: MIT
 *
 * Numbers as people type them, refused when they are anything else.
 */
#ifndef BASE_PARSE_H
#define BASE_PARSE_H

#include "base/status.h"

#include <stdint.h>

/* A whole number within [min, max], digits only: no sign, no space, no tail, no overflow. On
 * failure returns -EINVAL and a sentence that names `what` (such as "--rounds") and the range. */
int tc_parse_count(const char *text, const char *what, uint64_t min, uint64_t max, uint64_t *out,
                   struct tc_error *err);

/* A plain decimal number within [min, max]: digits, at most one point, no sign, no exponent. Same
 * rules. */
int tc_parse_number(const char *text, const char *what, double min, double max, double *out,
                    struct tc_error *err);

/* A size in bytes: digits, then optionally B, KiB or MiB ("64KiB"). Same rules. */
int tc_parse_bytes(const char *text, const char *what, uint64_t max, uint64_t *out,
                   struct tc_error *err);

/* A time: digits, then ns, us, ms or s ("100us"), at most `max_ns`; in ns. Same rules. */
int tc_parse_duration(const char *text, const char *what, uint64_t max_ns, uint64_t *out,
                      struct tc_error *err);

#endif
