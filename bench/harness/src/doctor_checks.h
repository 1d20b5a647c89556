/* SPDX-License-Identifier: MIT
 *
 * The table of the doctor's checks; private to doctor*.c.
 */
#ifndef HARNESS_DOCTOR_CHECKS_H
#define HARNESS_DOCTOR_CHECKS_H

#include "harness/json.h"

#include <stdbool.h>

/* One setting. In `change`, `undo` and `why` the mark "{}" stands for the value as it is now. */
struct tc_check {
    const char *id;
    const char *part, *key; /* the reading: environment[part][key], or environment[key] */
    const char *meaning;    /* what it does to figures */
    const char *warning;    /* the warning of tc_environment_warn() that judges it, or NULL ... */
    bool (*is_bad)(const tc_json *value, const tc_json *environment); /* ... and then this does */
    const char *why;                                                  /* it is bad */
    const char *change, *undo;                                        /* NULL: nothing to undo */
    void (*describe)(const tc_json *value, char *text, size_t size);  /* NULL: as it is */
};

/* The index-th check; NULL after the last. */
const struct tc_check *tc__check(size_t index);

#endif
