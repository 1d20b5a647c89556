/* SPDX-License-Identifier: MIT
 *
 * The vocabulary on the async runtime, current-thread executor, with io_uring in the place of
 * epoll. Where the kernel refuses it, the model is skipped and says why; it never runs on epoll
 * instead.
 */
#ifndef MODEL_ASYNC_URING_H
#define MODEL_ASYNC_URING_H

#define MODEL_NAME        "async-uring"
#define MODEL_DESCRIPTION "poll-style tasks on a current-thread executor, io_uring"
#define MODEL_REACTOR     RT_REACTOR_URING
/* clang-format off */
#define MODEL_REACTOR_CHOICE {"reactor", "io-uring", "one call a turn submits and waits"}
/* clang-format on */

#include "model_async.h"

#endif
