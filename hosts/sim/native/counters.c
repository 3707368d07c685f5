/* Modules "sim" and "instrumentation": what the engine has used. Nothing here allocates, but argument(). */
#include "sim.h"

int networkSockets;
double networkBytesRead, networkBytesWritten;

static void returnNumber(txMachine* the, double value) {
	if (value == (double)(txInteger)value) {
		mxResult->kind = XS_INTEGER_KIND;
		mxResult->value.integer = (txInteger)value;
	}
	else {
		mxResult->kind = XS_NUMBER_KIND;
		mxResult->value.number = value;
	}
}

/* --- Collections: a root that holds nothing but notices when it is marked --- */

static void countCollection(txMachine* the, void* data, txMarkRoot markRoot) {
	(void)data;
	(void)markRoot;
	the->collections++;
}

void countersOpen(txMachine* the) {
	static txHostHooks hooks = { NULL, countCollection, NULL };
	static txSlot root = { .kind = XS_HOST_KIND, .flag = XS_HOST_HOOKS_FLAG };
	root.value.host.data = &root;
	root.value.host.variant.hooks = &hooks;
	fxRemember(the, &root);
}

/* --- sim --- */

static void slots(txMachine* the) { returnNumber(the, (double)the->slotsAllocated); }
static void slotsInUse(txMachine* the) { returnNumber(the, the->currentHeapCount - idle.slots); }
static void chunkBytes(txMachine* the) { returnNumber(the, (double)the->chunkBytesAllocated); }
static void chunkBytesInUse(txMachine* the) { returnNumber(the, the->currentChunksSize - idle.chunkBytes); }
static void collections(txMachine* the) { returnNumber(the, the->collections); }
static void meter(txMachine* the) { returnNumber(the, the->meterIndex); }
static void steps(txMachine* the) { returnNumber(the, (double)powerSteps); }
static void collect(txMachine* the) { fxCollectGarbage(the); }
static void argumentCount(txMachine* the) { returnNumber(the, programArgc); }

static void argument(txMachine* the) {
	txInteger index = mxArgc > 0 ? fxToInteger(the, mxArgv(0)) : 0;
	if (index >= 0 && index < programArgc)
		fxString(the, mxResult, programArgv[index]);
}

static void exitProgram(txMachine* the) {
	simExit(the, mxArgc > 0 ? fxToInteger(the, mxArgv(0)) & 0xFF : 0, "exit");
}

static int append(char* line, int length, int size, double value) {
	int count = snprintf(line + length, (size_t)(size - length), " %.17g", value);
	return length + count < size ? length + count : length;
}

static void report(txMachine* the) {
	char line[1024];
	txInteger count = mxArgc;
	if (count < 1)
		mxTypeError("no name");
	int length = snprintf(line, sizeof(line), "\x1e%.200s", fxToString(the, mxArgv(0)));
	for (txInteger index = 1; index < count; index++)
		length = append(line, length, (int)sizeof(line) - 1, fxToNumber(the, mxArgv(index)));
	line[length++] = '\n';
	reportWrite(line, (size_t)length);
}

/* --- Interruption --- */

static txSlot interruptCallback = { .kind = XS_UNDEFINED_KIND };

static void onInterrupt(txMachine* the) {
	if (mxArgc < 1 || !fxIsCallable(the, mxArgv(0)))
		mxTypeError("callback is no function");
	fxForget(the, &interruptCallback);
	interruptCallback.kind = XS_REFERENCE_KIND;
	interruptCallback.value.reference = mxArgv(0)->value.reference;
	fxRemember(the, &interruptCallback);
}

bool simInterrupt(txMachine* the) {
	if (interruptCallback.kind != XS_REFERENCE_KIND)
		return false;
	txSlot self = { .kind = XS_UNDEFINED_KIND };
	loopCall(the, &self, interruptCallback.value.reference);
	return true;
}

static const NativeFunction simFunctions[] = {
	{ "argument", argument },
	{ "argumentCount", argumentCount },
	{ "chunkBytes", chunkBytes },
	{ "chunkBytesInUse", chunkBytesInUse },
	{ "collect", collect },
	{ "collections", collections },
	{ "exit", exitProgram },
	{ "meter", meter },
	{ "onInterrupt", onInterrupt },
	{ "report", report },
	{ "slots", slots },
	{ "slotsInUse", slotsInUse },
	{ "steps", steps },
	{ NULL, NULL },
};

const Native simNative = { "sim", JAVASCRIPT(
	class Sim {
		static get argumentCount() @ "argumentCount";
		static argument(index) @ "argument";
		static chunkBytes() @ "chunkBytes";
		static chunkBytesInUse() @ "chunkBytesInUse";
		static collect() @ "collect";
		static collections() @ "collections";
		static exit(status) @ "exit";
		static meter() @ "meter";
		static onInterrupt(callback) @ "onInterrupt";
		static report(name) @ "report";
		static slots() @ "slots";
		static slotsInUse() @ "slotsInUse";
		static steps() @ "steps";
	}
	export default Sim;
), simFunctions };

/* --- instrumentation --- */

static const char* const names[] = {
	"",
	"Network Bytes Read",
	"Network Bytes Written",
	"Network Sockets",
	"Timers",
	"System Free Memory",
	"XS Slot Heap Used",
	"XS Chunk Heap Used",
	"XS Keys Used",
	"XS Garbage Collection Count",
	"XS Stack Used",
};
#define NAMES ((txInteger)(sizeof(names) / sizeof(names[0])))

static double sample(txMachine* the, txInteger what) {
	switch (what) {
	case 1: return networkBytesRead;
	case 2: return networkBytesWritten;
	case 3: return networkSockets;
	case 4: return timersCount();
	case 5: return (double)(the->arena->size - the->arena->chunkBytes - the->arena->slotBytes);
	case 6: return (double)((size_t)the->currentHeapCount * sizeof(txSlot));
	case 7: return the->currentChunksSize;
	case 8: return the->keyIndex - the->keyOffset;
	case 9: return the->collections;
	case 10: return (double)(the->stackTop - the->stack) * (double)sizeof(txSlot);
	default: return 0;
	}
}

static txInteger whatArgument(txMachine* the) {
	return mxArgc > 0 && mxArgv(0)->kind != XS_UNDEFINED_KIND ? fxToInteger(the, mxArgv(0)) : -1;
}

static void get(txMachine* the) {
	txInteger what = whatArgument(the);
	if (what >= 0 && what < NAMES)
		returnNumber(the, sample(the, what));
}

static void map(txMachine* the) {
	txString name = mxArgc > 0 ? fxToString(the, mxArgv(0)) : "";
	for (txInteger what = 1; what < NAMES; what++)
		if (!strcmp(names[what], name))
			returnNumber(the, what);
}

static void name(txMachine* the) {
	txInteger what = whatArgument(the);
	if (what >= 0 && what < NAMES)
		fxStringX(the, mxResult, (txString)names[what]);
}

static const NativeFunction instrumentationFunctions[] = {
	{ "get", get },
	{ "map", map },
	{ "name", name },
	{ NULL, NULL },
};

const Native instrumentationNative = { "instrumentation", JAVASCRIPT(
	class Instrumentation {
		static get(what) @ "get";
		static map(name) @ "map";
		static name(what) @ "name";
	}
	export default Instrumentation;
), instrumentationFunctions };
