/* Module "time". */
#include "sim.h"

static struct timespec now(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time;
}

/* What is added to the system's milliseconds. */
static uint32_t offset;

/* Wraps after 49 days, as on the device. */
uint32_t clockMilliseconds(void) {
	struct timespec time = now();
	return (uint32_t)((uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000) + offset;
}

void clockSet(uint32_t milliseconds) {
	offset += milliseconds - clockMilliseconds();
}

double clockMicroseconds(void) {
	struct timespec time = now();
	return (double)time.tv_sec * 1e6 + (double)(time.tv_nsec / 1000);
}

static void returnInteger(txMachine* the, txInteger value) {
	mxResult->kind = XS_INTEGER_KIND;
	mxResult->value.integer = value;
}

static void ticks(txMachine* the) {
	returnInteger(the, (txInteger)clockMilliseconds());
}

static void microseconds(txMachine* the) {
	mxResult->kind = XS_NUMBER_KIND;
	mxResult->value.number = clockMicroseconds();
}

static void delta(txMachine* the) {
	if (mxArgc < 1)
		mxTypeError("no start");
	txUnsigned start = fxToUnsigned(the, mxArgv(0));
	txUnsigned end = mxArgc > 1 ? fxToUnsigned(the, mxArgv(1)) : clockMilliseconds();
	returnInteger(the, (txInteger)(end - start));
}

static const NativeFunction functions[] = {
	{ "delta", delta },
	{ "microseconds", microseconds },
	{ "ticks", ticks },
	{ NULL, NULL },
};

const Native timeNative = { "time", JAVASCRIPT(
	class Time {
		static get ticks() @ "ticks";
		static get microseconds() @ "microseconds";
		static delta(start, end) @ "delta";
	}
	export default Time;
), functions };
