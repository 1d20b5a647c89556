/* SPDX-License-Identifier: MIT
 *
 * Being asked to stop: the first signal is a request, the second is obeyed by the kernel. Calls are
 * restarted, so that saving is not cut short; ppoll(), where the program waits, never is.
 */
#include "interrupt.h"

#include "harness/process.h"

static const int stop_signals[] = {SIGINT, SIGTERM, SIGHUP};
static volatile sig_atomic_t caught;

static void on_signal(int number)
{
    caught = number;
    for (size_t i = 0; i < TC_COUNT_OF(stop_signals); i++)
        signal(stop_signals[i], SIG_DFL); /* async-signal-safe */
}

void tc_interrupt_watch(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART}, before;
    tc_interrupt_set(&action.sa_mask); /* one request at a time */
    for (size_t i = 0; i < TC_COUNT_OF(stop_signals); i++)
        if (sigaction(stop_signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(stop_signals[i], &action, NULL);
}

int tc_interrupt_signal(void)
{
    return caught;
}

void tc_interrupt_set(sigset_t *set)
{
    sigemptyset(set);
    for (size_t i = 0; i < TC_COUNT_OF(stop_signals); i++)
        sigaddset(set, stop_signals[i]);
}
