/* SPDX-License-Identifier: MIT
 *
 * The runtime in one include. Reading order: poll.h (what a future is), task.h, executor.h, async.h
 * (how to write one), then the operations.
 */
#ifndef RT_RT_H
#define RT_RT_H

#include "rt/async.h"
#include "rt/barrier.h"
#include "rt/blocking.h"
#include "rt/branch.h"
#include "rt/broadcast.h"
#include "rt/call.h"
#include "rt/chan.h"
#include "rt/event.h"
#include "rt/executor.h"
#include "rt/file.h"
#include "rt/future.h"
#include "rt/generator.h"
#include "rt/group.h"
#include "rt/interval.h"
#include "rt/io.h"
#include "rt/join.h"
#include "rt/mutex.h"
#include "rt/notify.h"
#include "rt/oneshot.h"
#include "rt/poll.h"
#include "rt/post.h"
#include "rt/rwlock.h"
#include "rt/select.h"
#include "rt/semaphore.h"
#include "rt/stream.h"
#include "rt/task.h"
#include "rt/then.h"
#include "rt/timeout.h"
#include "rt/timer.h"
#include "rt/waker.h"
#include "rt/watch.h"

#endif
