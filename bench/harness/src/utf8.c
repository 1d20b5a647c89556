/* SPDX-License-Identifier: MIT
 *
 * UTF-8 decoding by the table of well-formed byte sequences (Unicode 15, table 3-7), and widths by
 * the blocks that hold nearly all wide and combining characters.
 */
#include "utf8.h"

#include "base/status.h"

#include <stdlib.h>
#include <string.h>

enum { REPLACEMENT = 0xfffd };

/* How many continuation bytes follow a lead byte, and the range of the first of them: it is what
 * keeps out overlong forms, surrogates and values above U+10FFFF. */
static int continuation_of(unsigned char lead, unsigned char *low, unsigned char *high)
{
    *low = 0x80;
    *high = 0xbf;
    if (lead >= 0xc2 && lead <= 0xdf)
        return 1;
    if (lead >= 0xe0 && lead <= 0xef) {
        *low = lead == 0xe0 ? 0xa0 : 0x80;
        *high = lead == 0xed ? 0x9f : 0xbf;
        return 2;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        *low = lead == 0xf0 ? 0x90 : 0x80;
        *high = lead == 0xf4 ? 0x8f : 0xbf;
        return 3;
    }
    return -1;
}

uint32_t tc_utf8_next(const char **text, const char *end)
{
    const unsigned char *p = (const unsigned char *)*text;
    unsigned char low, high, lead = *p++;
    *text = (const char *)p;
    if (lead < 0x80)
        return lead;
    int more = continuation_of(lead, &low, &high);
    if (more < 0)
        return REPLACEMENT;
    uint32_t point = lead & (0x3fu >> more);
    for (; more > 0; more--, low = 0x80, high = 0xbf) {
        if (*text == end || *p < low || *p > high)
            return REPLACEMENT;
        point = point << 6 | (*p++ & 0x3fu);
        *text = (const char *)p;
    }
    return point;
}

char *tc_utf8_clean(const char *text, size_t length, size_t *out_length)
{
    /* A bad byte grows to the three of U+FFFD. */
    char *clean = malloc(length * 3 + 1), *to = clean;
    MUST(clean);
    for (const char *p = text, *end = text + length; p < end;) {
        const char *from = p;
        if (tc_utf8_next(&p, end) == REPLACEMENT) {
            memcpy(to, "\xef\xbf\xbd", 3);
            to += 3;
        } else {
            memcpy(to, from, (size_t)(p - from));
            to += p - from;
        }
    }
    *to = '\0';
    *out_length = (size_t)(to - clean);
    return clean;
}

void tc_utf8_append_line(char *to, size_t size, const char *text)
{
    size_t used = strlen(to);
    for (const char *p = text, *end = text + strlen(text); p < end;) {
        const char *from = p;
        if (used + 8 >= size) { /* the longest character, the dots and the NUL */
            if (used + 4 <= size)
                memcpy(to + used, "...", 4);
            return;
        }
        if (tc_utf8_next(&p, end) < 0x20)
            to[used++] = '?';
        else
            while (from < p)
                to[used++] = *from++;
        to[used] = '\0';
    }
}

struct range {
    uint32_t first, last;
};

static int in_ranges(uint32_t point, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (point >= ranges[i].first && point <= ranges[i].last)
            return 1;
    return 0;
}

static size_t columns_of(uint32_t point)
{
    static const struct range none[] = {{0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd},
                                        {0x064b, 0x065f}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},
                                        {0x200b, 0x200f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f},
                                        {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}};
    static const struct range wide[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},
                                        {0xa960, 0xa97c},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
                                        {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
                                        {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
    if (point < 0x20 || point == 0x7f || in_ranges(point, none, TC_COUNT_OF(none)))
        return 0;
    return in_ranges(point, wide, TC_COUNT_OF(wide)) ? 2 : 1;
}

size_t tc_utf8_columns_in(const char *text, size_t bytes)
{
    size_t columns = 0;
    for (const char *end = text + bytes; text < end;) {
        if (*text >= 0x20 && *text < 0x7f) { /* nearly all there is */
            columns++;
            text++;
        } else {
            columns += columns_of(tc_utf8_next(&text, end));
        }
    }
    return columns;
}

size_t tc_utf8_columns(const char *text)
{
    return tc_utf8_columns_in(text, strlen(text));
}
