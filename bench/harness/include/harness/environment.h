/* SPDX-License-Identifier: MIT
 *
 * The machine and its state, for the result's "environment", and what of it makes figures doubtful.
 *
 * Every reading has three states: the value itself (a string, number or boolean), {"absent": true}
 * when this system has no such thing, or {"not_permitted": true} when it has one that this user may
 * not read. A limit that is not set is the string "unlimited". Nothing is guessed, and nothing is
 * warned about that is not known to be bad.
 *
 *   host, os                 name of the machine; of the distribution
 *   kernel                   release, version, architecture, command_line, preemption, autogroup,
 *                            seccomp, mitigations {name: text}, speculation_store_bypass,
 *                            speculation_indirect_branch, aslr, perf_event_paranoid
 *   cpu                      model, governor, driver, energy_preference, turbo, smt, isolated,
 *                            nohz_full, idle_driver, idle_governor, idle_states_us {name: latency},
 *                            invariant_tsc, interrupt_affinity, frequency_khz {low, high},
 *                            thermal_throttles; steal_share (of the run; set at its end)
 *   topology                 tc_topology_describe(); file: where a run wrote the whole as XML
 *   placements               of a run: the OS indices of the PUs of each placement
 *   memory                   total_bytes, available_bytes, swap_bytes, page_size_bytes,
 *                            transparent_huge_pages, overcommit, commit_limit_bytes,
 *                            committed_bytes
 *   limits                   processes, files, locked_memory_bytes, stack_bytes,
 *                            address_space_bytes: {soft, hard}; threads_max, pid_max,
 *                            max_map_count, cgroup_pids (the least of the group and its parents)
 *   cgroup                   cpu_quota (in CPUs, the least likewise), throttled_periods
 *   virtualization           hypervisor, vendor, product
 *   clock                    source, cost_ns, step_ns
 *   load                     one_minute, runnable, pressure_cpu, pressure_memory (percent, avg10)
 *   scheduler                tick_hz, policy, nice, timer_slack_ns, sched_ext, numa_balancing,
 *                            irqbalance (whether that service runs)
 *   libc_tunables            GLIBC_TUNABLES of this program
 *   holes                    tc_environment_holes(), before the first round
 *   after                    tc_environment_read_again(), after the last
 *   compiler, libc, build    of the driver; build is release, debug or sanitized
 */
#ifndef HARNESS_ENVIRONMENT_H
#define HARNESS_ENVIRONMENT_H

#include "harness/topology.h"

/* Reads everything; `root` is put before every path ("" for this machine, a folder in tests). */
tc_json *tc_environment_read(const struct tc_topology *topology, const char *root);

/* What changes by itself, to be read again after a run: load, and of cpu, memory and cgroup those
 * members; same names as in the whole. */
tc_json *tc_environment_read_again(const char *root);

/* Spins for so long and counts the gaps of more than 10 us between two readings of the clock:
 * {duration_ns, count, lost_ns, longest_ns}. */
tc_json *tc_environment_holes(uint64_t duration_ns);

/* Ticks of all CPUs since boot: taken by the hypervisor for others, and in all. False when the
 * system does not say. */
bool tc_cpu_ticks(const char *root, uint64_t *stolen, uint64_t *all);

/* Calls `add` for everything that is known to be bad, with what it is and how to change it. */
void tc_environment_warn(const tc_json *environment,
                         void (*add)(void *context, const char *id, const char *cause,
                                     const char *remedy),
                         void *context);

#endif
