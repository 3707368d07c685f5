#include "arena.h"
#include "sim.h"
#include "xsAll.h"

#include <sys/mman.h>

void arenaOpen(Arena* arena, size_t size) {
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size = (size + 15) & ~(size_t)15;
	arena->size = size;
	arena->chunkBytes = 0;
	arena->slotBytes = 0;
	arena->base = mmap(NULL, (size + page - 1) & ~(page - 1), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (arena->base == MAP_FAILED)
		simFail(STATUS_USAGE, "no memory for an arena of %zu bytes", size);
}

void arenaClose(Arena* arena) {
	munmap(arena->base, arena->size);
	arena->base = NULL;
}

static bool hasRoom(const Arena* arena, size_t size) {
	return size <= arena->size - arena->chunkBytes - arena->slotBytes;
}

static void* takeUp(Arena* arena, size_t size) {
	if (!hasRoom(arena, size))
		return NULL;
	arena->chunkBytes += size;
	return arena->base + arena->chunkBytes - size;
}

static void* takeDown(Arena* arena, size_t size) {
	if (!hasRoom(arena, size))
		return NULL;
	arena->slotBytes += size;
	return arena->base + arena->size - arena->slotBytes;
}

void* arenaTake(Arena* arena, size_t size) {
	void* result = takeUp(arena, (size + 15) & ~(size_t)15);
	if (!result)
		simFail(STATUS_USAGE, "the program is too large for the simulated flash of %zu bytes", arena->size);
	return result;
}

void arenaProtect(Arena* arena) {
	mprotect(arena->base, arena->size, PROT_READ);
}

bool arenaHolds(const Arena* arena, const void* address) {
	const char* byte = address;
	return arena->base && byte >= arena->base && byte < arena->base + arena->size;
}

/* What XS calls. NULL makes it abort with "memory full", after a collection did not help. */

void* fxAllocateChunks(txMachine* the, txSize size) {
	return takeUp(the->arena, (size_t)size);
}

txSlot* fxAllocateSlots(txMachine* the, txSize count) {
	return takeDown(the->arena, (size_t)count * sizeof(txSlot));
}

/* A machine gives nothing back before its arena goes as a whole. */

void fxFreeChunks(txMachine* the, void* chunks) {
	(void)the;
	(void)chunks;
}

void fxFreeSlots(txMachine* the, void* slots) {
	(void)the;
	(void)slots;
}
