/*
 * Standard output belongs to the program: a line per trace(), and a line that starts with the record separator per
 * sim.report(). The host's own lines have names that start with "$". What XS prints itself goes to standard error.
 */
#include "sim.h"

#include <inttypes.h>

int output = STDOUT_FILENO;

void reportOpen(void) {
	output = dup(STDOUT_FILENO);
	dup2(STDERR_FILENO, STDOUT_FILENO);
}

/* A host whose runner is gone has nobody to run for. */
void reportWrite(const char* bytes, size_t length) {
	while (length) {
		ssize_t count = write(output, bytes, length);
		if (count < 0 && errno != EINTR)
			_exit(STATUS_INTERRUPTED);
		if (count > 0) {
			bytes += count;
			length -= (size_t)count;
		}
	}
}

void reportEnd(txMachine* the, const char* reason) {
	char line[512];
	size_t base = (size_t)idle.slots * sizeof(txSlot) + (size_t)idle.chunkBytes;
	size_t peak = (size_t)the->peakHeapCount * sizeof(txSlot) + (size_t)the->peakChunksSize;
	size_t inUse = heapInUse(the);
	int length = snprintf(line, sizeof(line),
		"\x1e$end %" PRIu64 " %" PRIu64 " %" PRIu32 " %zu %zu %" PRIu32 " %zu %zu %u %" PRIu64 " %s\n",
		the->slotsAllocated, the->chunkBytesAllocated, the->collections, peak > base ? peak - base : 0,
		inUse > base ? inUse - base : 0, the->meterIndex, base, flashBytes(), (unsigned)the->aliasCount, powerSteps, reason);
	reportWrite(line, (size_t)length);
}

/* One line, from as many strings as are given. */
void trace(txMachine* the) {
	txInteger count = mxArgc;
	bool ended = false;
	for (txInteger index = 0; index < count; index++) {
		txString string = fxToString(the, mxArgv(index));
		size_t length = strlen(string);
		reportWrite(string, length);
		ended = length ? string[length - 1] == '\n' : ended;
	}
	if (!ended)
		reportWrite("\n", 1);
}
