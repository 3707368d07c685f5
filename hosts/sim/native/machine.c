/* The machine in RAM, and what XS asks of its host as a machine runs. */
#include "sim.h"

/* The heap begins with an eighth for chunks and one for slots, and grows in small steps: they share it as they need. */
#define SHARE 8
#define CHUNK_STEP 256
#define SLOT_STEP 16

/* Room for a first look at the idle engine; what it needs of this is then known to the byte. */
#define SURVEY_SIZE ((size_t)1 << 20)

Idle idle;

static Arena ramArena;

static txCreation creation(txSize slots, txSize chunkBytes, txSize stack) {
	return (txCreation) {
		.initialChunkSize = chunkBytes,
		.incrementalChunkSize = CHUNK_STEP,
		.initialHeapCount = slots,
		.incrementalHeapCount = SLOT_STEP,
		.stackCount = stack,
		.initialKeyCount = 64,
		.incrementalKeyCount = 32,
		.nameModulo = 1993,
		.symbolModulo = 127,
		.parserBufferSize = 8 << 10,
		.parserTableModulo = 127,
	};
}

static txMachine* cloneMachine(txMachine* flash, txCreation creation) {
	txMachine* the = fxCloneMachine(&creation, flash, "ram", &ramArena);
	if (!the)
		simFail(STATUS_MEMORY_FULL, "the engine does not fit into %zu bytes", ramArena.size);
	fxCollectGarbage(the);
	return the;
}

static void survey(txMachine* flash, txSize stack) {
	arenaOpen(&ramArena, SURVEY_SIZE);
	txMachine* the = cloneMachine(flash, creation(1024, 8 << 10, stack));
	idle.slots = the->currentHeapCount;
	idle.chunkBytes = the->currentChunksSize;
	fxDeleteMachine(the);
	arenaClose(&ramArena);
}

/* The stack, the idle engine, the headers of the two regions, and what the caller wants on top. */
static size_t arenaSize(size_t heap, txSize stack) {
	size_t slots = (size_t)stack + (size_t)idle.slots + 1;
	return slots * sizeof(txSlot) + sizeof(txBlock) + (size_t)idle.chunkBytes + heap;
}

txMachine* ramCreate(txMachine* flash, size_t heap, txSize stack) {
	survey(flash, stack);
	arenaOpen(&ramArena, arenaSize(heap, stack));
	txSize share = (txSize)(heap / SHARE);
	txSize slots = idle.slots + 1 + share / (txSize)sizeof(txSlot);
	txMachine* the = cloneMachine(flash, creation(slots, idle.chunkBytes + share, stack));
	the->peakHeapCount = the->currentHeapCount;
	the->peakChunksSize = the->currentChunksSize;
	the->slotsAllocated = 0;
	the->chunkBytesAllocated = 0;
	the->meterIndex = 0;
	return the;
}

size_t heapInUse(txMachine* the) {
	return (size_t)the->currentHeapCount * sizeof(txSlot) + (size_t)the->currentChunksSize;
}

/* --- What XS calls --- */

void fxCreateMachinePlatform(txMachine* the) {
	the->arena = the->context;
}

void fxDeleteMachinePlatform(txMachine* the) {
	(void)the;
}

void fxQueuePromiseJobs(txMachine* the) {
	the->promiseJobs = true;
}

static void memoryFull(txMachine* the) {
	reportEnd(the, "memory full");
	simFail(STATUS_MEMORY_FULL, "memory full: arena %zu bytes, slots %zu bytes in use, chunks %ld bytes in use",
		the->arena->size, (size_t)the->currentHeapCount * sizeof(txSlot), (long)the->currentChunksSize);
}

static void stackOverflow(txMachine* the) {
	reportEnd(the, "exception");
	simFail(STATUS_STACK_OVERFLOW, "stack overflow: the stack has %ld slots", (long)(the->stackTop - the->stackBottom));
}

void fxAbort(txMachine* the, int status) {
	switch (status) {
	case XS_NOT_ENOUGH_MEMORY_EXIT:
		memoryFull(the);
		break;
	case XS_STACK_OVERFLOW_EXIT:
		stackOverflow(the);
		break;
	case XS_UNHANDLED_EXCEPTION_EXIT:
		simThrown(the, STATUS_EXCEPTION);
	case XS_UNHANDLED_REJECTION_EXIT:
		simThrown(the, STATUS_REJECTION);
	default:
		reportEnd(the, "exception");
		simFail(STATUS_ENGINE, "XS aborted with status %d", status);
	}
}
