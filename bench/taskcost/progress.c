/* SPDX-License-Identifier: MIT
 *
 * Progress of a run. Elapsed time is measured; remaining time is what the rounds to go would take
 * at the wall time each cell has shown so far, within the time given, and therefore an upper bound
 * ("at most"): cells that get precise early shorten it.
 */
#include "progress.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PLAIN_EVERY_NS (10 * TC_NS_PER_S)
#define DRAW_EVERY_NS  (100 * TC_NS_PER_MS)
enum { NARROW = 80, WIDE = 200 };

void progress_init(struct progress *progress)
{
    const char *terminal = getenv("TERM");
    *progress = (struct progress){.command = "run",
                                  .terminal = isatty(STDERR_FILENO) && terminal &&
                                              strcmp(terminal, "dumb") != 0};
}

/* "47 s", "3 min 20 s", "1 h 05 min" */
static const char *duration(uint64_t ns, char *text, size_t size)
{
    uint64_t s = (ns + TC_NS_PER_S / 2) / TC_NS_PER_S;
    if (s < 60)
        snprintf(text, size, "%" PRIu64 " s", s);
    else if (s < 3600)
        snprintf(text, size, "%" PRIu64 " min %02" PRIu64 " s", s / 60, s % 60);
    else
        snprintf(text, size, "%" PRIu64 " h %02" PRIu64 " min", s / 3600, s / 60 % 60);
    return text;
}

static int columns(void)
{
    struct winsize size;
    int wide = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : NARROW;
    return wide > WIDE ? WIDE : wide;
}

static void compose(const struct tc_progress *now, bool with_cell, char *text, size_t size)
{
    char elapsed[32], remaining[32], cell[160] = "";
    if (with_cell && now->current)
        tc_cell_describe(&now->current->cell, cell, sizeof cell);
    snprintf(text, size,
             "block %" PRIu64 ", %" PRIu64 " rounds, %zu of %zu cells done, %s elapsed, at most %s "
             "to go%s%s",
             now->block + 1, now->rounds, now->cells_finished, now->cells,
             duration(now->elapsed_ns, elapsed, sizeof elapsed),
             duration(now->remaining_ns, remaining, sizeof remaining), *cell ? ": " : "", cell);
}

static void draw(struct progress *progress, const struct tc_progress *now)
{
    char text[WIDE + 200];
    if (progress->drawn && now->elapsed_ns - progress->drawn_ns < DRAW_EVERY_NS)
        return;
    compose(now, true, text, sizeof text);
    fprintf(stderr, "\r%.*s\033[K", columns() - 1, text);
    progress->drawn = true;
    progress->drawn_ns = now->elapsed_ns;
}

/* A line at the start and then every ten seconds. */
static void say(struct progress *progress, const struct tc_progress *now)
{
    char text[WIDE + 200];
    if (!now->current || (progress->said && now->elapsed_ns - progress->said_ns < PLAIN_EVERY_NS))
        return;
    compose(now, false, text, sizeof text);
    fprintf(stderr, "taskcost %s: %s\n", progress->command, text);
    progress->said = true;
    progress->said_ns = now->elapsed_ns;
}

void progress_show(void *context, const struct tc_progress *now)
{
    struct progress *progress = context;
    if (progress->terminal)
        draw(progress, now);
    else
        say(progress, now);
}

void progress_end(struct progress *progress)
{
    if (progress->drawn)
        fputs("\r\033[K", stderr);
    progress->drawn = false;
}
