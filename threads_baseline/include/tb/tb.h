/* SPDX-License-Identifier: MIT
 *
 * The baseline in one include: the vocabulary of rt/rt.h, file for file, on operating system
 * threads.
 */
#ifndef TB_TB_H
#define TB_TB_H

#include "tb/chan.h"
#include "tb/config.h"
#include "tb/event.h"
#include "tb/io.h"
#include "tb/task.h"
#include "tb/timer.h"

#endif
