/* A queue of bytes with a fixed capacity. */
#ifndef SIM_BYTES_H
#define SIM_BYTES_H

#include <stdint.h>
#include <string.h>

#define BYTES_CAPACITY 8192

typedef struct Bytes {
	uint8_t data[BYTES_CAPACITY];
	size_t start;
	size_t length;
} Bytes;

static inline const uint8_t* bytesFirst(const Bytes* bytes) {
	return bytes->data + bytes->start;
}

/* The caller has made sure that they fit. */
static inline void bytesAppend(Bytes* bytes, const void* source, size_t count) {
	memmove(bytes->data, bytesFirst(bytes), bytes->length);
	bytes->start = 0;
	memcpy(bytes->data + bytes->length, source, count);
	bytes->length += count;
}

static inline void bytesDrop(Bytes* bytes, size_t count) {
	bytes->start += count;
	bytes->length -= count;
}

#endif
