/* SPDX-License-Identifier: MIT
 *
 * The vocabulary that workloads are written in.
 *
 * Every worker compiles the same workload sources against one adapter (model_NAME.h), so "identical
 * work" is a fact of the build. In the async model an operation that may wait suspends the task; in
 * the threads model it blocks the thread; the text is the same. The adapters add nothing to the
 * measured path: they are names for the runtime's and the baseline's own calls.
 *
 * -- Tasks
 *
 *   TASK(name, { fields... }) { TASK_BEGIN; ... TASK_END; }
 *       defines a task. What must survive a wait lives in the fields, reached through `self`; they
 *       are set at the spawn and zero otherwise. Locals do not survive an AWAIT, and no AWAIT may
 *       stand inside a switch. TASK_RETURN(value) ends the task with a result; TASK_END with 0.
 *   int SPAWN(name, handle_t *handle, { .field = value, ... })
 *       starts a task. 0, or a negative errno value: -EAGAIN or -ENOMEM when a limit was met. With
 * a NULL handle nobody joins it. Inside a TASK only. int64_t RUN(round, name, { ... }) runs a task
 * as the root from outside and returns its result: on the main thread, or on an executor of its
 * own. Tasks that it leaves behind must have ended by then in the threads model, so a workload
 * joins or counts all of its tasks.
 *
 *   int SPAWN_ABORTABLE(name, handle_t *handle, { ... }), bool task_abort(handle)
 *       the same for a task that may be asked to end, and asking: it then ends at the await in
 * which it waits, with the result -ECANCELED, and is still to be joined. Locks and barriers are
 *       waited for to the end in the threads model. False when it had ended or was asked before.
 *
 * -- Operations that may wait, only as AWAIT(operation) or AWAIT_INTO(variable, operation) inside a
 *    TASK. Arguments are evaluated again at each poll: fields and constants, no side effects. The
 *    result is 0 or a count; negative errno values are failures.
 *
 *   task_join(handle)                    the task's result; uses the handle up
 *   task_yield()                         every other ready task may run first
 *   chan_send(chan, word)                -EPIPE when closed
 *   chan_recv(chan, &word)               -EPIPE when closed and empty
 *   chan_reserve(chan)                   a place, for chan_commit(); -EPIPE when closed
 *   event_wait(&event)                   many waiters; stays set
 *   event_one_wait(&event)               one waiter; takes the event
 *   latch_wait(&latch)                   all have arrived
 *   mutex_lock(&mutex)                   rwlock_read(&lock), rwlock_write(&lock)
 *   semaphore_acquire(&semaphore, count) all of them at once; first come, first served
 *   notify_wait(&notify)                 one waiter of those that wait, or the notification kept
 *   barrier_wait(&barrier)               all parties have come: 1 for one of them, 0 for the others
 *   oneshot_recv(&oneshot, &word)        -EPIPE when closed instead
 *   broadcast_recv(&receiver, &word)     0, or how many words it has lost; -EPIPE when closed
 *   watch_changed(&receiver, &word)      the newest, which it has not seen; -EPIPE when closed
 *   futex_wait(&word, value)             a uint32_t that is not `value`; where there are threads
 *   sleep_until(&timer, deadline_ns)     absolute, CLOCK_MONOTONIC
 *   blocking(fn, data, size)             int64_t fn(void *data), on a copy of the `size` bytes at
 *                                        `data`, where it holds up nobody; in the threads model at
 *                                        once
 *   file_open(path, flags, mode, &file)  as open(2)
 *   file_read(file, buffer, size, offset), file_write(...)    as pread(2); may be short
 *   io_read(io, buffer, size)            what there is, at most size; 0 at the end
 *   io_write(io, buffer, size)           what fits, at least 1
 *   io_accept(listener, &io)             io_connect(address, length, &io) with io IO_NONE at first
 *
 * -- Calls that do not wait
 *
 *   chan_t chan_new(capacity), chan_free(chan), chan_close(chan)
 *   event_init(&event), event_set(&event), event_reset(&event)
 *   event_one_init(&event), event_one_set(&event)
 *   latch_init(&latch, expected), latch_arrive(&latch)
 *   latch_reset(&latch, expected)        once all have arrived and nobody waits
 *   file_close(&file)
 *   int alarm_open(&alarm)               a timer that runs while the task does something else;
 *                                        alarm_close(&alarm) once it is stopped
 *   alarm_start(&alarm, deadline_ns)     one that fires may wake the task; inside a TASK only
 *   alarm_stop(&alarm)                   whether it has fired or not
 *   chan_commit(chan, word)              into the place reserved; chan_unreserve(chan)
 *   mutex_init(&mutex), mutex_unlock(&mutex)
 *   rwlock_init(&lock), rwlock_read_unlock(&lock), rwlock_write_unlock(&lock)
 *   semaphore_init(&semaphore, permits), semaphore_release(&semaphore, count)
 *   notify_init(&notify), notify_one(&notify), notify_all(&notify)
 *   barrier_init(&barrier, parties)
 *   oneshot_init(&oneshot), oneshot_send(&oneshot, word), oneshot_close(&oneshot)
 *   broadcast_t broadcast_new(capacity), broadcast_free(broadcast), broadcast_close(broadcast)
 *   broadcast_subscribe(broadcast, &receiver), broadcast_send(broadcast, word)
 *   watch_init(&watch, word), watch_send(&watch, word), watch_close(&watch)
 *   watch_subscribe(&watch, &receiver)   receivers are a broadcast_receiver_t, a watch_receiver_t
 *   futex_wake(&word)                    one thread that waits for it to change
 *   void *HOLD(bytes)                    memory that the task holds while it lives, every byte of
 * it written: of its stack, or of the heap (then NULL when there is none); inside a TASK only
 *   RELEASE(memory)                      gives it back, in the same task
 *   bool CAN_HOLD(bytes)                 whether a task of this round has room; inside a TASK
 *   int io_open(fd, &io)                 takes the descriptor over; inside a TASK only
 *   int io_listen(address, length, backlog, &io), io_close(&io)
 *
 * In the counting build (TC_COUNT_OPERATIONS) every AWAIT and SPAWN is counted, so that a test can
 * show that all models did the same.
 *
 * A model without tasks (the floor) defines MODEL_FLOOR instead and gives none of these: under it a
 * workload compiles its bare loop.
 */
#ifndef MODEL_H
#define MODEL_H

#include "model_count.h"

#include "harness/workload.h"

#include "base/clock.h"
#include "base/status.h"

#include MODEL_HEADER

#endif
