/* SPDX-License-Identifier: MIT
 *
 * No scheduler at all: the control. Under it each workload compiles a bare loop that does the same
 * work, which is what the hardware and the kernel charge whatever one chooses.
 */
#ifndef MODEL_FLOOR_H
#define MODEL_FLOOR_H

#define MODEL_FLOOR 1

#define MODEL_NAME        "floor"
#define MODEL_DESCRIPTION "the same work in a bare loop, without any scheduler"
#define MODEL_ONE_THREAD  true
/* clang-format off */
#define MODEL_PARAMS      {{0}}
#define MODEL_CHOICES     {{"driver", "loop", "one loop on the process's first thread"}}
#define MODEL_ENVIRONMENT {0}
/* clang-format on */

#endif
