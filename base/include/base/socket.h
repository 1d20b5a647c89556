/* SPDX-License-Identifier: MIT
 *
 * What every model does alike with stream sockets, TCP and Unix.
 */
#ifndef BASE_SOCKET_H
#define BASE_SOCKET_H

#include <sys/socket.h>

/* A listening stream socket, close-on-exec, on `address`, its port reusable at once. `flags` are
 * added to the socket's type (SOCK_NONBLOCK). The descriptor, or a negative errno value. */
int tc_socket_listen(const struct sockaddr *address, socklen_t length, int backlog, int flags);

/* Sets TCP_NODELAY on a TCP socket: who measures latency must not wait for more bytes to send. */
void tc_socket_set_nodelay(int fd, int family);

/* How a connection attempt that was under way has ended: 0 or a negative errno value. */
int tc_socket_outcome(int fd);

#endif
