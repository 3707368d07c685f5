/* What outlives the power, step by step: bytes written to storage, parts of it erased, and writes to sockets. */
#include "sim.h"

uint64_t powerSteps;

static uint64_t limit = UINT64_MAX;

void powerLimit(uint64_t steps) {
	limit = steps;
}

bool powerIsLimited(void) {
	return limit != UINT64_MAX;
}

size_t powerTake(size_t steps) {
	uint64_t left = limit - powerSteps;
	size_t taken = left < steps ? (size_t)left : steps;
	powerSteps += taken;
	return taken;
}

/* No callback, no goodbye, no last line. What sockets have sent arrives all the same. */
void powerCut(void) {
	_exit(STATUS_POWER_CUT);
}
