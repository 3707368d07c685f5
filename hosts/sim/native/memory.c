/*
 * XS's memory manager, with two counters that only grow: slots and chunk bytes ever allocated.
 *
 * XS counts what is in use, which a collection lowers; a test that says "this allocates nothing" needs what was taken.
 * The five functions that take memory are compiled under another name, and wrapped.
 */
#include "xsAll.h"

void* xsNewChunk(txMachine* the, txSize size);
void* xsNewGrowableChunk(txMachine* the, txSize size, txSize capacity);
void* xsRenewChunk(txMachine* the, void* data, txSize size);
txSlot* xsNewSlot(txMachine* the);
txSlot* xsDuplicateSlot(txMachine* the, txSlot* slot);

#define fxNewChunk xsNewChunk
#define fxNewGrowableChunk xsNewGrowableChunk
#define fxRenewChunk xsRenewChunk
#define fxNewSlot xsNewSlot
#define fxDuplicateSlot xsDuplicateSlot
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#include "xsMemory.c"
#pragma GCC diagnostic pop
#undef fxNewChunk
#undef fxNewGrowableChunk
#undef fxRenewChunk
#undef fxNewSlot
#undef fxDuplicateSlot

/* Bytes that the chunk occupies, its header and its reserve included. */
static txSize capacity(void* data) {
	txByte* chunk = (txByte*)data - sizeof(txChunk);
	return (txSize)(((txChunk*)chunk)->temporary - chunk);
}

static void* countChunk(txMachine* the, void* data) {
	the->chunkBytesAllocated += (uint64_t)capacity(data);
	return data;
}

void* fxNewChunk(txMachine* the, txSize size) {
	return countChunk(the, xsNewChunk(the, size));
}

void* fxNewGrowableChunk(txMachine* the, txSize size, txSize reserve) {
	return countChunk(the, xsNewGrowableChunk(the, size, reserve));
}

/* Grows in place or fails; shrinking, and growing back within the reserve, take nothing. */
void* fxRenewChunk(txMachine* the, void* data, txSize size) {
	txSize before = capacity(data);
	void* result = xsRenewChunk(the, data, size);
	if (result)
		the->chunkBytesAllocated += (uint64_t)(capacity(result) - before);
	return result;
}

txSlot* fxNewSlot(txMachine* the) {
	the->slotsAllocated++;
	return xsNewSlot(the);
}

txSlot* fxDuplicateSlot(txMachine* the, txSlot* slot) {
	the->slotsAllocated++;
	return xsDuplicateSlot(the, slot);
}
