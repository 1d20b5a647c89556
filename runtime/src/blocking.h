/* SPDX-License-Identifier: MIT
 *
 * The executor's side of rt/blocking.h.
 */
#ifndef RT_BLOCKING_POOL_H
#define RT_BLOCKING_POOL_H

#include "rt/blocking.h"

/* Ends the executor's pool, if it has one, once all its jobs have. No task may be alive. */
void rt__blocking_free(struct rt_executor *executor);

#endif
