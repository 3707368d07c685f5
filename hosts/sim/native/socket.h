/* Non-blocking TCP over IPv4 and IPv6. */
#ifndef SIM_SOCKET_H
#define SIM_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Begins to connect. Returns the descriptor, which becomes writable or failed; -1 when `name` is no address.
 * Only with `resolve` may `name` be a host name: looking it up blocks.
 */
int socketConnect(const char* name, int port, bool resolve, bool nodelay);

/* Tells how connecting ended. */
bool socketConnected(int descriptor);

/* Bytes moved; 0 when there is nothing to do now; -1 when the connection failed or, on receiving, ended. */
ssize_t socketSend(int descriptor, const void* bytes, size_t length);
ssize_t socketReceive(int descriptor, void* bytes, size_t length);

#endif
