/* SPDX-License-Identifier: MIT
 *
 * One chart: from a results document and plots/NAME.gp to a script that any gnuplot can draw, and
 * from that to NAME.svg and NAME.png.
 */
#ifndef TASKCOST_FIGURE_H
#define TASKCOST_FIGURE_H

#include "harness/results.h"

struct figure {
    char name[64];    /* "creation"; its outputs are NAME.gp, NAME.svg and NAME.png */
    char needs[1024]; /* patterns WORKLOAD/METRIC from its "# needs:" lines */
    char *script;     /* the text of plots/NAME.gp */
};

/* All figures of a folder, by name; style.gp is not one. `figures` is the caller's to free with
 * figures_free(). 0, or a negative errno value with a sentence. */
int figures_load(const char *folder, struct figure **figures, size_t *count, struct tc_error *err);
void figures_free(struct figure *figures, size_t count);

/* Writes FOLDER/NAME.gp: the data, the style and the figure in one file. */
int figure_write(const struct figure *figure, const char *style, const struct tc_results *results,
                 const tc_json *published, const char *folder, struct tc_error *err);

/* Runs gnuplot on FOLDER/NAME.gp; what gnuplot says goes to standard error. -EIO with a sentence
 * when it fails or leaves no picture. */
int figure_draw(const struct figure *figure, const char *folder, struct tc_error *err);

/* Whether there is a gnuplot that runs. */
bool figure_can_draw(void);

/* A whole file as text, to be freed; NULL with a sentence. */
char *figure_read_text(const char *path, struct tc_error *err);

#endif
