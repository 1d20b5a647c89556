/* SPDX-License-Identifier: MIT
 *
 * Figures as people read them; see format.h. Everything writes into the caller's buffer.
 */
#include "harness/format.h"

#include "base/status.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define NO_BREAK_SPACE "\xc2\xa0"

struct step {
    double divisor;
    const char *unit;
};

static const struct step times[] = {{1, "ns"}, {1e3, "µs"}, {1e6, "ms"}, {1e9, "s"}};
static const struct step sizes[] = {
    {1, "B"}, {1024, "KiB"}, {1024.0 * 1024, "MiB"}, {1024.0 * 1024 * 1024, "GiB"}};

struct tc_scale tc_scale_for(const char *unit, double smallest)
{
    const struct step *steps = strcmp(unit, "ns") == 0 ? times : sizes;
    size_t chosen = 0;
    if (strcmp(unit, "ns") != 0 && strcmp(unit, "B") != 0)
        return (struct tc_scale){1, unit};
    while (chosen + 1 < TC_COUNT_OF(times) && smallest >= steps[chosen + 1].divisor)
        chosen++;
    return (struct tc_scale){steps[chosen].divisor, steps[chosen].unit};
}

/* Digits after the point that give three significant ones. */
static int decimals_for(double value)
{
    if (value == 0)
        return 0;
    int magnitude = (int)floor(log10(fabs(value)) + 1e-12);
    int decimals = 2 - magnitude;
    return decimals < 0 ? 0 : decimals > 6 ? 6 : decimals;
}

const char *tc_format_number(double value, char *text, size_t size)
{
    if (!isfinite(value))
        snprintf(text, size, "-");
    else
        snprintf(text, size, "%.*f", decimals_for(value), value);
    return text;
}

/* Up to the next whole number, but for what rounding left; never a negative zero. */
static double outwards(double value)
{
    return ceil(value - 1e-9) + 0.0;
}

/* Adds " [low, high]" when there is such an interval. */
static void add_ends(double low, double high, int decimals, char *text, size_t size)
{
    double last = pow(10, -decimals);
    size_t used = strlen(text);
    if (isfinite(low) && isfinite(high))
        snprintf(text + used, size - used, " [%.*f," NO_BREAK_SPACE "%.*f]", decimals,
                 0.0 - outwards(-low / last) * last, decimals, outwards(high / last) * last);
}

const char *tc_format_interval(double median, double low, double high, struct tc_scale scale,
                               char *text, size_t size)
{
    char spread_text[32];
    double value = median / scale.divisor, spread = (high - low) / 2 / scale.divisor;
    tc_format_number(value, text, size);
    if (!isfinite(value) || !isfinite(spread))
        return text;
    if (spread > fabs(value)) {
        double ends[] = {low / scale.divisor, high / scale.divisor};
        int places = decimals_for(fmax(fabs(value), fmax(fabs(ends[0]), fabs(ends[1]))));
        snprintf(text, size, "%.*f", places, value);
        add_ends(ends[0], ends[1], places, text, size);
        return text;
    }
    /* Rounded up to the figure's last digit: an interval is not shown narrower than it is. */
    int decimals = decimals_for(value);
    double last = pow(10, -decimals);
    snprintf(spread_text, sizeof spread_text, "%.*f", decimals,
             fmax(0, ceil(spread / last - 1e-9)) * last);
    size_t used = strlen(text);
    snprintf(text + used, size - used, NO_BREAK_SPACE "±" NO_BREAK_SPACE "%s", spread_text);
    return text;
}

const char *tc_format_ratio(double ratio, char *text, size_t size)
{
    if (!isfinite(ratio))
        snprintf(text, size, "-");
    else if (ratio < 0.995)
        snprintf(text, size, "%.2g×", ratio);
    else
        snprintf(text, size, "%.*f×", ratio < 9.95 ? 1 : 0, ratio);
    return text;
}

static int ratio_decimals(double ratio)
{
    ratio = fabs(ratio);
    return ratio < 0.0995 ? 3 : ratio < 9.995 ? 2 : ratio < 99.95 ? 1 : 0;
}

const char *tc_format_ratio_spread(double ratio, double low, double high, char *text, size_t size)
{
    double percent = (high - low) / 2 / ratio * 100;
    if (!isfinite(ratio)) {
        snprintf(text, size, "-");
        return text;
    }
    snprintf(text, size, "%.*f×", ratio_decimals(ratio), ratio);
    size_t used = strlen(text);
    if (percent > 50)
        add_ends(low, high, ratio_decimals(ratio), text, size);
    else if (isfinite(percent) && percent <= 1)
        snprintf(text + used, size - used, " ±%.1f%%", outwards(percent * 10) / 10);
    else if (isfinite(percent))
        snprintf(text + used, size - used, " ±%.0f%%", outwards(percent));
    return text;
}

const char *tc_format_ratio_interval(double ratio, double low, double high, char *text, size_t size)
{
    if (!isfinite(ratio)) {
        snprintf(text, size, "-");
        return text;
    }
    snprintf(text, size, "%.*f×", ratio_decimals(ratio), ratio);
    add_ends(low, high, ratio_decimals(ratio), text, size);
    return text;
}

const char *tc_format_difference(double difference, double low, double high, const char *unit,
                                 char *text, size_t size)
{
    double largest = fmax(fabs(difference), fmax(fabs(low), fabs(high))); /* ignores NaN */
    struct tc_scale scale = tc_scale_for(unit, largest);
    int decimals = decimals_for(largest / scale.divisor);
    if (!isfinite(difference)) {
        snprintf(text, size, "-");
        return text;
    }
    snprintf(text, size, "%.*f", decimals, difference / scale.divisor);
    add_ends(low / scale.divisor, high / scale.divisor, decimals, text, size);
    size_t used = strlen(text);
    snprintf(text + used, size - used, NO_BREAK_SPACE "%s", scale.unit);
    return text;
}

const char *tc_format_p(double p, char *text, size_t size)
{
    if (isnan(p))
        text[0] = '\0';
    else
        snprintf(text, size, p < 0.001 ? "<0.001" : "%.3f", p);
    return text;
}

const char *tc_format_count(uint64_t count, char *text, size_t size)
{
    char digits[24];
    size_t length = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, count), used = 0;
    for (size_t i = 0; i < length && used + 2 < size; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text[used++] = ',';
        text[used++] = digits[i];
    }
    text[used] = '\0';
    return text;
}

const char *tc_format_quantity(double value, const char *unit, char *text, size_t size)
{
    char number[40];
    if (!isfinite(value)) {
        snprintf(text, size, "-");
        return text;
    }
    if (strcmp(unit, "count") == 0 && value >= 0 && value < 1e18)
        return tc_format_count((uint64_t)value, text, size);
    struct tc_scale scale = tc_scale_for(unit, fabs(value));
    snprintf(text, size, "%s" NO_BREAK_SPACE "%s",
             tc_format_number(value / scale.divisor, number, sizeof number), scale.unit);
    return text;
}
