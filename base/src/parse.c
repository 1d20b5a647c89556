/* SPDX-License-Identifier: MIT
 *
 * Strict numbers. strtoull() is not used: it takes signs, spaces, tails and wraps negatives.
 */
#include "base/parse.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
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

/* "0.5", "2", ".25": strtod() alone would also take signs, spaces, "inf" and hexadecimal. */
static bool scan_decimal(const char *text, double *out)
{
    char *end;
    const char *point = strchr(text, '.');
    if (text[strspn(text, "0123456789.")] || !strpbrk(text, "0123456789") ||
        (point && strchr(point + 1, '.')))
        return false;
    *out = strtod(text, &end);
    return *end == '\0';
}

int tc_parse_number(const char *text, const char *what, double min, double max, double *out,
                    struct tc_error *err)
{
    double value = 0;
    if (!scan_decimal(text, &value) || value < min || value > max)
        return tc_fail(err, -EINVAL, "%s: '%s' is not a number from %g to %g", what, text, min,
                       max);
    *out = value;
    return 0;
}

struct unit {
    const char *suffix;
    uint64_t factor;
};

/* Digits and one of the units; false on anything else, overflow and more than `max` included. */
static bool scan_quantity(const char *text, const struct unit *units, size_t count, uint64_t max,
                          uint64_t *out)
{
    uint64_t value = 0;
    const char *tail = scan_digits(text, &value);
    for (size_t i = 0; tail && i < count; i++) {
        if (strcmp(tail, units[i].suffix) == 0 &&
            !__builtin_mul_overflow(value, units[i].factor, &value) && value <= max) {
            *out = value;
            return true;
        }
    }
    return false;
}

int tc_parse_bytes(const char *text, const char *what, uint64_t max, uint64_t *out,
                   struct tc_error *err)
{
    static const struct unit units[] = {{"", 1}, {"B", 1}, {"KiB", 1024}, {"MiB", 1024 * 1024}};
    if (scan_quantity(text, units, TC_COUNT_OF(units), max, out))
        return 0;
    return tc_fail(err, -EINVAL,
                   "%s: '%s' is not a size of at most %" PRIu64 " bytes, such as 64KiB or 1MiB",
                   what, text, max);
}

int tc_parse_duration(const char *text, const char *what, uint64_t max_ns, uint64_t *out,
                      struct tc_error *err)
{
    static const struct unit units[] = {
        {"ns", 1}, {"us", 1000}, {"ms", 1000 * 1000}, {"s", 1000 * 1000 * 1000}};
    if (scan_quantity(text, units, TC_COUNT_OF(units), max_ns, out))
        return 0;
    return tc_fail(err, -EINVAL,
                   "%s: '%s' is not a time of at most %" PRIu64 " ns, such as 500ns, 10us or 1ms",
                   what, text, max_ns);
}
