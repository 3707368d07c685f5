#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
	#define MSG_NOSIGNAL 0
#endif

/* A peer that does not read is to be noticed early, as with the little memory of a device. */
#define KERNEL_BUFFER 8192

static struct addrinfo* lookUp(const char* name, int port, bool resolve) {
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = resolve ? 0 : AI_NUMERICHOST };
	struct addrinfo* result = NULL;
	char service[8];
	snprintf(service, sizeof(service), "%d", port);
	return getaddrinfo(name, service, &hints, &result) ? NULL : result;
}

static void configure(int descriptor, bool nodelay) {
	int size = KERNEL_BUFFER, on = 1;
	fcntl(descriptor, F_SETFL, O_NONBLOCK | fcntl(descriptor, F_GETFL, 0));
	fcntl(descriptor, F_SETFD, FD_CLOEXEC);
	setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (nodelay)
		setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

int socketConnect(const char* name, int port, bool resolve, bool nodelay) {
	struct addrinfo* address = lookUp(name, port, resolve);
	if (!address)
		return -1;
	int descriptor = socket(address->ai_family, SOCK_STREAM, 0);
	if (descriptor >= 0) {
		configure(descriptor, nodelay);
		/* A refusal at once is told by socketConnected(), as a later one is. */
		if (connect(descriptor, address->ai_addr, address->ai_addrlen) && errno != EINPROGRESS)
			shutdown(descriptor, SHUT_RDWR);
	}
	freeaddrinfo(address);
	return descriptor;
}

bool socketConnected(int descriptor) {
	int error = 0;
	socklen_t length = sizeof(error);
	struct sockaddr_storage peer;
	socklen_t peerLength = sizeof(peer);
	if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) || error)
		return false;
	return getpeername(descriptor, (struct sockaddr*)&peer, &peerLength) == 0;
}

static ssize_t outcome(ssize_t count) {
	if (count >= 0)
		return count;
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? 0 : -1;
}

ssize_t socketSend(int descriptor, const void* bytes, size_t length) {
	return outcome(send(descriptor, bytes, length, MSG_NOSIGNAL));
}

ssize_t socketReceive(int descriptor, void* bytes, size_t length) {
	ssize_t count = recv(descriptor, bytes, length, 0);
	return count == 0 ? -1 : outcome(count);
}
