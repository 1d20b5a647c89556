/* SPDX-License-Identifier: MIT
 *
 * What has been published about the cost of tasks, held against a result.
 *
 * Times depend on the machine, so what is judged is the order and the ratio of the two models, not
 * microseconds; bytes and counts are judged by themselves where they stand alone. The rules are
 * those of enum tc_verdict; docs/result-schema.md tells them to readers.
 */
#ifndef HARNESS_PUBLISHED_H
#define HARNESS_PUBLISHED_H

#include "harness/results.h"

/* Two costs within this factor of each other are about the same. */
#define TC_ABOUT_THE_SAME 1.25
/* A ratio, size or count within this factor of the published one agrees with it. */
#define TC_AGREES_WITHIN  2.0

enum tc_verdict {
    TC_HOLDS,         /* the same model is dearer (or neither), and the ratio agrees */
    TC_SMALLER,       /* the same model is dearer, by less than half the published ratio */
    TC_LARGER,        /* the same model is dearer, by more than twice the published ratio */
    TC_NO_DIFFERENCE, /* published as different, about the same here */
    TC_DIFFERS,       /* published as about the same, different here */
    TC_REVERSED,      /* the other model is dearer here */
    TC_NOT_JUDGED,    /* measured, but there is nothing to compare it with */
    TC_NOT_MEASURED,  /* the result does not have what it takes; the note says why */
    TC_VERDICTS
};

/* A range; an end that is open is NaN, a single value is both ends. */
struct tc_range {
    double low, high;
};

/* One published figure and what the result says about it. Strings without an owner belong to the
 * published document, which must outlive the finding. */
struct tc_finding {
    const char *id, *source, *repository /* or NULL */, *operation, *model, *unit, *conditions;
    const char *pair;                            /* id of the other model's figure, or NULL */
    const char *claim;                           /* cost, at_least, at_most, ratio, statement */
    struct tc_range published;                   /* in `unit` */
    double here;                                 /* in the same unit; NaN when not measured */
    struct tc_range published_ratio, here_ratio; /* threads : async; NaN without a pair */
    enum tc_verdict verdict;
    char note[480]; /* how the conditions here differ, or why there is no figure; may be empty */
};

struct tc_findings {
    struct tc_finding *items;
    size_t count;
};

/* One finding a figure, in the order of the published document. Free with tc_findings_clear(). */
void tc_findings_make(struct tc_findings *findings, const tc_json *published,
                      const struct tc_results *results);
void tc_findings_clear(struct tc_findings *findings);

/* "holds", "smaller here", ... */
const char *tc_verdict_name(enum tc_verdict verdict);

/* The rule for ratios alone (threads : async, published and here). */
enum tc_verdict tc_judge_ratio(struct tc_range published, double here);

/* Finds the measurement whose cell fits "cell" of a published figure best and adds up its metrics;
 * the value here, or NaN with the reason in `note`. Where the best is not an exact fit `note` says
 * how it differs. */
double tc_published_value(const tc_json *cell, const struct tc_results *results, char *note,
                          size_t size);

#endif
