/* SPDX-License-Identifier: MIT
 *
 * The baseline in one include: the vocabulary of rt/rt.h, file for file, on operating system
 * threads.
 */
#ifndef TB_TB_H
#define TB_TB_H

#include "tb/alarm.h"
#include "tb/barrier.h"
#include "tb/blocking.h"
#include "tb/broadcast.h"
#include "tb/chan.h"
#include "tb/cond.h"
#include "tb/config.h"
#include "tb/event.h"
#include "tb/file.h"
#include "tb/futex.h"
#include "tb/group.h"
#include "tb/io.h"
#include "tb/mutex.h"
#include "tb/notify.h"
#include "tb/oneshot.h"
#include "tb/pool.h"
#include "tb/rwlock.h"
#include "tb/scope.h"
#include "tb/select.h"
#include "tb/semaphore.h"
#include "tb/task.h"
#include "tb/timer.h"
#include "tb/watch.h"

#endif
