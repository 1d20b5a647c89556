/* SPDX-License-Identifier: MIT
 *
 * Strict numbers. strtoull() is not used: it takes signs, spaces, tails and wraps negatives.
 */
#include "base/parse.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* Reads leading digits; returns what follows them, or NULL on no digits or overflow. */
static const char *scan_digits(const char *text, uint64_t *out)
{
    uint64_t value = 0;
    const char *p = text;
    for (; *p >= '0' && *p <= '9'; p++) {
        if (__builtin_mul_overflow(value, UINT64_C(10), &value) ||
            __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
            return NULL;
    }
    *out = value;
    return p == text ? NULL : p;
}

int tc_parse_count(const char *text, const char *what, uint64_t min, uint64_t max, uint64_t *out,
                   struct tc_error *err)
{
    uint64_t value = 0;
    const char *tail = scan_digits(text, &value);
    if (!tail || *tail || value < min || value > max)
        return tc_fail(err, -EINVAL, "%s: '%s' is not a whole number from %" PRIu64 " to %" PRIu64,
                       what, text, min, max);
    *out = value;
    return 0;
}

int tc_parse_bytes(const char *text, const char *what, uint64_t max, uint64_t *out,
                   struct tc_error *err)
{
    static const struct {
        const char *suffix;
        uint64_t bytes;
    } units[] = {{"", 1}, {"B", 1}, {"KiB", 1024}, {"MiB", 1024 * 1024}};
    uint64_t value = 0;
    const char *tail = scan_digits(text, &value);
    for (size_t i = 0; tail && i < TC_COUNT_OF(units); i++) {
        if (strcmp(tail, units[i].suffix) == 0 &&
            !__builtin_mul_overflow(value, units[i].bytes, &value) && value <= max) {
            *out = value;
            return 0;
        }
    }
    return tc_fail(err, -EINVAL,
                   "%s: '%s' is not a size of at most %" PRIu64 " bytes, such as 64KiB or 1MiB",
                   what, text, max);
}
