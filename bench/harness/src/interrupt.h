/* SPDX-License-Identifier: MIT
 *
 * For process.c alone: which signals ask the program to stop, so that it can block them between
 * looking and sleeping.
 */
#ifndef HARNESS_INTERRUPT_H
#define HARNESS_INTERRUPT_H

#include <signal.h>

/* Fills `set` with them. */
void tc_interrupt_set(sigset_t *set);

#endif
