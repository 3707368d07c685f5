/* What the parts of the host share. */
#ifndef SIM_H
#define SIM_H

#include "arena.h"
#include "xsAll.h"

/* Exit statuses, outside the range that sim.d.ts leaves to sim.exit(). */
enum {
	STATUS_FINISHED = 0,
	STATUS_USAGE = 64,
	STATUS_MEMORY_FULL = 70,
	STATUS_STACK_OVERFLOW = 71,
	STATUS_EXCEPTION = 72,
	STATUS_REJECTION = 73,
	STATUS_FLASH_WRITTEN = 74,
	STATUS_ENGINE = 75,
	STATUS_POWER_CUT = 76,
	STATUS_STORAGE = 77,
	STATUS_INTERRUPTED = 130,
};

/* Prints one line, "xs-host: ...", to stderr and ends the process. */
void simFail(int status, const char* format, ...) __attribute__((noreturn, format(printf, 2, 3)));

/* --- scripts.c: module files, compiled --- */

typedef struct Script {
	struct Script* next;
	const char* name;
	const struct Native* native;
	txScript* code;
	txID* ids;
} Script;

/*
 * Compiles `path`, to be known as `name`, and puts its code and its identifiers into the flash machine.
 * Tell whether it will be preloaded: the device treats the string literals of such code differently.
 */
Script* scriptAddFile(txMachine* flash, const char* path, const char* name, bool preloaded);
Script* scriptAddNative(txMachine* flash, const struct Native* native);

/* Bytes of code and symbols that xsc, in release, would write for this file. Returns their sum. */
int scriptCodeSize(txMachine* flash, const char* path, txSize* code, txSize* symbols);

/* --- natives.c: modules whose functions are written in C --- */

typedef struct NativeFunction {
	const char* name;
	txCallback callback;
} NativeFunction;

/* A module: its JavaScript, where `@ "name"` stands for a C function, and those functions, ended by an empty one. */
typedef struct Native {
	const char* name;
	const char* source;
	const NativeFunction* functions;
} Native;

/* Turns the JavaScript inside the parentheses into a C string. */
#define JAVASCRIPT(...) #__VA_ARGS__

extern const Native tcpNative, tlsNative, timerNative, timeNative, instrumentationNative, simNative, storageNative;
extern const Native* const natives[];

txCallback nativeCallback(const Native* native, const char* name);

/* Called once, while the flash machine is made: identifiers that C code looks up at run time. */
void tcpNames(txMachine* flash);

/* --- machine.c: the two machines --- */

/* The machine in "flash": intrinsics, native modules and the program's preloaded modules. */
txMachine* flashCreate(void);

/* Runs a module's top level in the flash machine. */
void flashPreload(txMachine* flash, const char* name);

/* Freezes all that preload freezes, and forbids writing. */
void flashSeal(txMachine* flash);

/* Does a fault at `address` mean that the program wrote to flash? */
bool flashHolds(const void* address);

/* Bytes of "flash" in use: intrinsics, preloaded modules and code. */
size_t flashBytes(void);

/* Memory for code. */
void* flashTake(size_t size);

/* The machine in "RAM", with `heap` bytes to spare once the engine is idle. */
txMachine* ramCreate(txMachine* flash, size_t heap, txSize stack);

/* What the idle engine occupies. */
typedef struct Idle {
	txSize slots;
	txSize chunkBytes;
} Idle;
extern Idle idle;

/* Bytes in use now, slots and chunks, garbage included. */
size_t heapInUse(txMachine* the);

/* --- loop.c: one turn after the other --- */

/* Watches a file descriptor; `ready` gets poll's events. */
typedef struct Watcher {
	struct Watcher* next;
	int descriptor;
	short events;
	/* Has something to do at once, without waiting for the descriptor. */
	bool pending;
	/* Wants its turn after so many milliseconds at the latest; -1: only when the descriptor is ready. */
	int patience;
	void (*ready)(struct Watcher* watcher, short events);
} Watcher;

void loopWatch(Watcher* watcher);
void loopUnwatch(Watcher* watcher);

/* Runs until nothing is left to wait for. */
void loopRun(txMachine* the);

/* Runs promise jobs; ends the process when a rejection has no handler. */
void loopSettle(txMachine* the);

/* Takes charge of SIGINT and SIGTERM; `interrupted` tells that the first one came. */
void loopOpen(void);
extern bool interrupted;

/* Calls `function` with `self` as `this`; an exception ends the process. */
void loopCall(txMachine* the, txSlot* self, txSlot* function);
void loopCallWith(txMachine* the, txSlot* self, txSlot* function, txSlot* argument);

/* --- timer.c --- */

/* Milliseconds until the next timer is due, -1 when there is none. */
int timersNext(void);
void timersFire(void);
int timersCount(void);

/* --- power.c: when the power goes --- */

/* What has been done that outlives the power: bytes of storage written, eighths of sectors erased, writes to sockets. */
extern uint64_t powerSteps;

/* Has the power go after so many steps. */
void powerLimit(uint64_t steps);
bool powerIsLimited(void);

/* How many of these steps still happen. Where they are fewer, the caller does those, and calls powerCut(). */
size_t powerTake(size_t steps);
void powerCut(void) __attribute__((noreturn));

/* --- storage.c: the flash memory for the program's own use --- */

/* In a file, made erased where there is none; in memory without a path. */
void storageOpen(const char* path, size_t sectors, size_t sectorSize);

/* --- clock.c --- */

/* Has the milliseconds go on from this number. Nothing may be timed yet. */
void clockSet(uint32_t milliseconds);
uint32_t clockMilliseconds(void);
double clockMicroseconds(void);

/* --- report.c: stdout --- */

/* Keeps stdout for the program's own lines; what XS prints goes to stderr. */
void reportOpen(void);

/* Where the program's lines go. */
extern int output;

/* The last line: how the program ended, and what it used. */
void reportEnd(txMachine* the, const char* reason);
void reportWrite(const char* bytes, size_t length);
void trace(txMachine* the);

/* --- counters --- */
void countersOpen(txMachine* the);

/* What instrumentation tells of sockets. */
extern int networkSockets;
extern double networkBytesRead, networkBytesWritten;

/* --- main.c --- */
extern int programArgc;
extern char** programArgv;

/* Ends the program as `sim.exit(status)` does. */
void simExit(txMachine* the, int status, const char* reason) __attribute__((noreturn));
/* Calls the program's onInterrupt. Returns false when it has none. */
bool simInterrupt(txMachine* the);

/* Reports an exception and ends the process. */
void simThrown(txMachine* the, int status) __attribute__((noreturn));

#endif
