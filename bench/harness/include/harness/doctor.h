/* SPDX-License-Identifier: MIT
 *
 * Whether a machine is fit to measure on: each setting that figures are known to depend on, judged,
 * with the command that changes it and the one that undoes that. It only looks: what it judges is
 * the environment as tc_environment_read() gives it, so that a stored result can be judged too.
 *
 * Left out: doing any of it. A tool that tunes a machine and forgets to put it back makes the next
 * figures worse than none.
 */
#ifndef HARNESS_DOCTOR_H
#define HARNESS_DOCTOR_H

#include "harness/json.h"

/* How many tasks count as a large run: what limits are held against. */
enum { TC_DOCTOR_LARGE_RUN = 100000 };

/* An array of one object a check, in a fixed order, owned by the caller:
 *   id       names the check
 *   value    of the setting, in words; null where it could not be read
 *   verdict  ok, warn, or unknown: this system has no such thing, or it may not be read. Unknown is
 *            never bad.
 *   meaning  what it does to figures
 *   why      what is wrong with this value; with verdict warn only, like the next two
 *   change   a command or an act that changes it
 *   undo     the one that puts the old value back; null where nothing is left to undo */
tc_json *tc_doctor_examine(const tc_json *environment);

#endif
