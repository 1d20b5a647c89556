/* SPDX-License-Identifier: MIT
 *
 * What has been said about the cost of threads and tasks, sentence by sentence, judged over all
 * cells of a result that test it (results/claims.json; docs/result-schema.md tells its fields).
 *
 * A claim is tied to cells and a rule. Each cell that fits is a case, and each case says that the
 * claim holds or fails there. When all agree that is the verdict; otherwise the claim depends on
 * what tells the two kinds of cells apart (harness/src/claims_depend.c), and the point where it
 * flips is told.
 */
#ifndef HARNESS_CLAIMS_H
#define HARNESS_CLAIMS_H

#include "harness/published.h"
#include "harness/series.h"

enum tc_claim_verdict {
    TC_CLAIM_HOLDS,
    TC_CLAIM_FAILS,
    TC_CLAIM_DEPENDS,      /* holds in some cells and fails in others; `on` says which */
    TC_CLAIM_UNDECIDED,    /* every interval spans the boundary: more rounds would decide */
    TC_CLAIM_NOT_MEASURED, /* `on` says what it would take */
    TC_CLAIM_VERDICTS
};

/* One cell, or a pair of cells, that tests the claim. */
struct tc_case {
    const struct tc_measurement *over, *under; /* `under` is NULL for a figure by itself */
    struct tc_effect effect;                   /* in the claim's unit */
    int outcome;                               /* 1 holds, -1 fails, 0 undecided */
};

/* Strings belong to the claims document, measurements to the result. */
struct tc_claim {
    const char *id, *source, *text, *conditions;
    const char *rule;         /* cost, ratio, order, same, target, at_least, at_most; "" for none */
    const char *unit;         /* of what was said: ns, B, count, ratio or 1/operation */
    const char *unit_here;    /* of the cases: ratio where two cells are compared */
    struct tc_range claimed;  /* what was said; NaN where nothing bounds it */
    struct tc_range accepted; /* within which a case holds: claimed and the rule's tolerance */
    struct tc_case *cases;    /* ascending by effect */
    size_t case_count;
    struct tc_effect here; /* of the middle case */
    enum tc_claim_verdict verdict;
    char on[700]; /* on what it depends, or why it was not measured; may be empty */
};

struct tc_claims {
    struct tc_claim *items;
    size_t count;
};

/* Judges every claim of the document, in its order. Free with tc_claims_clear(); the document and
 * the result must outlive it. */
void tc_claims_make(struct tc_claims *claims, const tc_json *document,
                    const struct tc_results *results);
void tc_claims_clear(struct tc_claims *claims);

/* "holds", "fails", "depends", "undecided", "not measured". */
const char *tc_claim_verdict_name(enum tc_claim_verdict verdict);

/* Writes what tells the cases that hold from those that fail, and where the claim flips, into
 * `text`: one property of the cells where one is enough (placement, number of tasks, a parameter,
 * the workload), else one within each value of another, else how many hold. */
void tc_claim_explain(const struct tc_claim *claim, char *text, size_t size);

#endif
