/*
 * xs-host: runs a program on XS with the heap of an ESP32.
 *
 *   xs-host [OPTION...] MAIN [-- ARGUMENT...]
 *   xs-host --code-size FILE
 *
 *   --heap BYTES          of heap, beyond the idle engine
 *   --stack SLOTS         of stack
 *   --flash FILE          is run first and put into flash, as `preload` does; may be given more than once
 *   --storage FILE        holds what the program stores; without it, that is gone with the process
 *   --sectors COUNT       of storage
 *   --sector-size BYTES   of storage that are erased together
 *   --cut-after STEPS     has the power go after so many bytes stored, eighths of a sector erased and writes to sockets
 *   --clock-start TICKS   is what the clock shows when MAIN begins, in milliseconds
 *
 * MAIN then runs in RAM. When its default export is a function it is called.
 */
#include "sim.h"

#define HEAP 65536
#define STACK 512
#define FLASH_FILES 64
#define SECTORS 16
#define SECTOR_SIZE 4096

typedef struct {
	size_t heap;
	txSize stack;
	const char* flash[FLASH_FILES];
	int flashCount;
	const char* storage;
	size_t sectors;
	size_t sectorSize;
	/* -1: whatever it shows. */
	long long clockStart;
	const char* main;
	const char* codeSize;
} Options;

int programArgc;
char** programArgv;

/* --- Ends --- */

void simFail(int status, const char* format, ...) {
	va_list arguments;
	va_start(arguments, format);
	fputs("xs-host: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	exit(status);
}

void simExit(txMachine* the, int status, const char* reason) {
	reportEnd(the, reason);
	exit(status);
}

/* The error's stack, which begins with its message, or the thrown value itself. */
static const char* describe(txMachine* the) {
	static char buffer[4096];
	snprintf(buffer, sizeof(buffer), "a value that has no description");
	mxTry(the) {
		mxPush(mxException);
		mxDub();
		if (mxIsReference(the->stack)) {
			mxGetID(mxID(_stack));
			if (mxIsUndefined(the->stack))
				mxPop();
		}
		fxToStringBuffer(the, the->stack, buffer, sizeof(buffer));
	}
	mxCatch(the) {
	}
	return buffer;
}

void simThrown(txMachine* the, int status) {
	fxBeginHost(the);
	const char* what = describe(the);
	if (!the->shared && the->sharedMachine)
		reportEnd(the, status == STATUS_REJECTION ? "rejection" : "exception");
	simFail(status, "%s: %s", status == STATUS_REJECTION ? "unhandled rejection" : "uncaught exception", what);
}

/* --- Options --- */

static const char* value(int argc, char* argv[], int* index) {
	if (++*index >= argc)
		simFail(STATUS_USAGE, "%s needs a value", argv[*index - 1]);
	return argv[*index];
}

static long long numberUpTo(long long most, int argc, char* argv[], int* index) {
	char* end;
	const char* string = value(argc, argv, index);
	long long result = strtoll(string, &end, 10);
	if (*end || result < 0 || result > most)
		simFail(STATUS_USAGE, "%s: %s is no number", argv[*index - 1], string);
	return result;
}

static long number(int argc, char* argv[], int* index) {
	return (long)numberUpTo(INT32_MAX, argc, argv, index);
}

static void addFlash(Options* options, const char* path) {
	if (options->flashCount == FLASH_FILES)
		simFail(STATUS_USAGE, "more than %d files in flash", FLASH_FILES);
	options->flash[options->flashCount++] = path;
}

static Options parse(int argc, char* argv[]) {
	Options options = { .heap = HEAP, .stack = STACK, .sectors = SECTORS, .sectorSize = SECTOR_SIZE, .clockStart = -1 };
	int index;
	for (index = 1; index < argc && strcmp(argv[index], "--"); index++) {
		if (!strcmp(argv[index], "--heap"))
			options.heap = (size_t)number(argc, argv, &index);
		else if (!strcmp(argv[index], "--stack"))
			options.stack = (txSize)number(argc, argv, &index);
		else if (!strcmp(argv[index], "--flash"))
			addFlash(&options, value(argc, argv, &index));
		else if (!strcmp(argv[index], "--storage"))
			options.storage = value(argc, argv, &index);
		else if (!strcmp(argv[index], "--sectors"))
			options.sectors = (size_t)number(argc, argv, &index);
		else if (!strcmp(argv[index], "--sector-size"))
			options.sectorSize = (size_t)number(argc, argv, &index);
		else if (!strcmp(argv[index], "--cut-after"))
			powerLimit((uint64_t)number(argc, argv, &index));
		else if (!strcmp(argv[index], "--clock-start"))
			options.clockStart = numberUpTo(UINT32_MAX, argc, argv, &index);
		else if (!strcmp(argv[index], "--code-size"))
			options.codeSize = value(argc, argv, &index);
		else
			options.main = argv[index];
	}
	if (index < argc) {
		programArgc = argc - index - 1;
		programArgv = argv + index + 1;
	}
	if (!options.main && !options.codeSize)
		simFail(STATUS_USAGE, "usage: xs-host [OPTION...] MAIN [-- ARGUMENT...]");
	return options;
}

/* --- Phases --- */

static const char* baseName(const char* path) {
	const char* slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static void printCodeSize(txMachine* flash, const char* path) {
	txSize code, symbols;
	int total = scriptCodeSize(flash, path, &code, &symbols);
	printf("%d %d %d\n", total, (int)code, (int)symbols);
	exit(STATUS_FINISHED);
}

static void installTrace(txMachine* the) {
	fxBeginHost(the);
	fxNewHostFunction(the, trace, 0, fxID(the, "trace"), XS_NO_ID);
	mxPush(mxGlobal);
	fxSetID(the, fxID(the, "trace"));
	mxPop();
	fxEndHost(the);
}

static void fillFlash(txMachine* flash, const Options* options) {
	installTrace(flash);
	tcpNames(flash);
	for (int index = 0; natives[index]; index++)
		scriptAddNative(flash, natives[index]);
	for (int index = 0; index < options->flashCount; index++)
		scriptAddFile(flash, options->flash[index], baseName(options->flash[index]), true);
	scriptAddFile(flash, options->main, baseName(options->main), false);
	for (int index = 0; natives[index]; index++)
		flashPreload(flash, natives[index]->name);
	for (int index = 0; index < options->flashCount; index++)
		flashPreload(flash, baseName(options->flash[index]));
	flashSeal(flash);
}

static void callDefault(txMachine* the) {
	txSlot* function = the->stack;
	if (!fxIsCallable(the, function))
		return;
	mxPushUndefined();
	mxPushSlot(function);
	mxCall();
	mxRunCount(0);
	mxPop();
}

static void start(txMachine* the, const char* name) {
	fxBeginHost(the);
	mxTry(the) {
		mxPushStringX((txString)name);
		fxAwaitImport(the, XS_IMPORT_DEFAULT);
		callDefault(the);
		mxPop();
	}
	mxCatch(the) {
		simThrown(the, STATUS_EXCEPTION);
	}
	fxEndHost(the);
	loopSettle(the);
}

int main(int argc, char* argv[]) {
	Options options = parse(argc, argv);
	txMachine* flash = flashCreate();
	if (options.codeSize)
		printCodeSize(flash, options.codeSize);
	reportOpen();
	loopOpen();
	storageOpen(options.storage, options.sectors, options.sectorSize);
	fillFlash(flash, &options);
	txMachine* the = ramCreate(flash, options.heap, options.stack);
	countersOpen(the);
	if (options.clockStart >= 0)
		clockSet((uint32_t)options.clockStart);
	start(the, baseName(options.main));
	loopRun(the);
	simExit(the, STATUS_FINISHED, interrupted ? "interrupted" : "finished");
}
