/* One block of memory for a machine's heap, as `creation.static` makes it on the device. */
#ifndef SIM_ARENA_H
#define SIM_ARENA_H

#include <stdbool.h>
#include <stddef.h>

/* Chunks grow up from the base, slots down from the end; the heap is full when they meet. */
typedef struct Arena {
	char* base;
	size_t size;
	size_t chunkBytes;
	size_t slotBytes;
} Arena;

/* Reserves `size` bytes, zeroed. Ends the process when the system has none. */
void arenaOpen(Arena* arena, size_t size);

/* Gives everything back. */
void arenaClose(Arena* arena);

/* Takes bytes for code or data that is not XS's own; never returns NULL, but ends the process when full. */
void* arenaTake(Arena* arena, size_t size);

/* From now on a write to the arena is a fault, as a write to flash is. */
void arenaProtect(Arena* arena);

/* Is `address` inside? */
bool arenaHolds(const Arena* arena, const void* address);

#endif
