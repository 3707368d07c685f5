/*
 * Module "embedded:storage/flash": one partition of NOR flash, "mqtt", with the manners of the SDK on an ESP32.
 *
 * It lies in a file, which outlives the process, or in memory. Writing can only clear bits; flash would keep those cleared
 * that are to be set, and nobody would notice, so here that ends the program.
 */
#include "sim.h"
#include "view.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define NAME "mqtt"
#define ERASED 0xff
/* A sector is erased in so many steps. */
#define PARTS 8

static struct {
	uint8_t* bytes;
	size_t size;
	size_t sectorSize;
} storage;

/* --- The memory --- */

static void* map(int descriptor, size_t size) {
	int flags = descriptor < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
	void* bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, descriptor, 0);
	if (bytes == MAP_FAILED)
		simFail(STATUS_ENGINE, "no memory for storage: %s", strerror(errno));
	return bytes;
}

/* Returns whether the file is new. */
static bool mapFile(const char* path, size_t size) {
	struct stat status;
	int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (descriptor < 0 || fstat(descriptor, &status))
		simFail(STATUS_USAGE, "cannot open storage %s: %s", path, strerror(errno));
	if (status.st_size && (size_t)status.st_size != size)
		simFail(STATUS_USAGE, "storage %s has %lld bytes, not %zu", path, (long long)status.st_size, size);
	if (!status.st_size && ftruncate(descriptor, (off_t)size))
		simFail(STATUS_USAGE, "cannot make storage %s: %s", path, strerror(errno));
	storage.bytes = map(descriptor, size);
	close(descriptor);
	return !status.st_size;
}

void storageOpen(const char* path, size_t sectors, size_t sectorSize) {
	if (!sectors || !sectorSize || sectorSize % PARTS)
		simFail(STATUS_USAGE, "%zu sectors of %zu bytes are no storage", sectors, sectorSize);
	bool isNew = true;
	storage.size = sectors * sectorSize;
	storage.sectorSize = sectorSize;
	if (path)
		isNew = mapFile(path, storage.size);
	else
		storage.bytes = map(-1, storage.size);
	if (isNew)
		memset(storage.bytes, ERASED, storage.size);
}

static bool holds(txInteger position, txInteger length) {
	return position >= 0 && length >= 0 && (size_t)position + (size_t)length <= storage.size;
}

static void mustBeErased(txMachine* the, size_t position, const uint8_t* source, size_t length) {
	for (size_t index = 0; index < length; index++) {
		uint8_t there = storage.bytes[position + index];
		if (!(source[index] & ~there))
			continue;
		reportEnd(the, "exception");
		simFail(STATUS_STORAGE, "storage: the byte at %zu is 0x%02x and cannot become 0x%02x without being erased",
			position + index, there, source[index]);
	}
}

static void program(size_t position, const uint8_t* source, size_t length) {
	size_t taken = powerTake(length);
	memcpy(storage.bytes + position, source, taken);
	if (taken < length)
		powerCut();
}

static void eraseSector(size_t sector) {
	size_t part = storage.sectorSize / PARTS;
	size_t taken = powerTake(PARTS);
	memset(storage.bytes + sector * storage.sectorSize, ERASED, taken * part);
	if (taken < PARTS)
		powerCut();
}

/* --- The object --- */

static struct {
	bool readOnly;
} modes[] = { { false }, { true } };

static txHostHooks hooks = { NULL, NULL, NULL };

static bool isReadOnly(txMachine* the) {
	void* mode = fxGetHostDataIf(the, mxThis);
	if (!mode || fxGetHostHooks(the, mxThis) != &hooks)
		mxSyntaxError("storage is closed");
	return mode == &modes[true];
}

static void mustBeWritable(txMachine* the) {
	if (isReadOnly(the))
		mxUnknownError("read-only");
}

static txInteger argument(txMachine* the, txInteger index, txInteger otherwise) {
	return mxArgc > index && !mxIsUndefined(mxArgv(index)) ? fxToInteger(the, mxArgv(index)) : otherwise;
}

static bool hasMode(txMachine* the, const char* mode) {
	return !strcmp(fxToString(the, mxArgv(1)), mode);
}

static void openPartition(txMachine* the) {
	if (strcmp(fxToString(the, mxArgv(0)), NAME))
		mxUnknownError("can't find partition");
	bool readOnly = hasMode(the, "r");
	if (!readOnly && !hasMode(the, "r+"))
		mxUnknownError("invalid mode");
	mxPushSlot(mxArgv(2));
	fxNewHostInstance(the);
	mxPullSlot(mxResult);
	fxSetHostData(the, mxResult, &modes[readOnly]);
	fxSetHostHooks(the, mxResult, &hooks);
}

static void closePartition(txMachine* the) {
	if (fxGetHostDataIf(the, mxThis))
		fxSetHostData(the, mxThis, NULL);
}

static void returnInteger(txMachine* the, size_t value) {
	mxResult->kind = XS_INTEGER_KIND;
	mxResult->value.integer = (txInteger)value;
}

static void sectorSize(txMachine* the) {
	isReadOnly(the);
	returnInteger(the, storage.sectorSize);
}

static void sectors(txMachine* the) {
	isReadOnly(the);
	returnInteger(the, storage.size / storage.sectorSize);
}

static void readPartition(txMachine* the) {
	isReadOnly(the);
	txInteger position = argument(the, 1, 0);
	bool isView = mxIsReference(mxArgv(0));
	View view = isView ? viewOf(the, mxArgv(0), 1) : (View) { NULL, argument(the, 0, 0) };
	if (!holds(position, view.length))
		mxUnknownError("read failed");
	if (isView) {
		memcpy(view.bytes, storage.bytes + position, (size_t)view.length);
		returnInteger(the, (size_t)view.length);
	}
	else
		fxArrayBuffer(the, mxResult, storage.bytes + position, view.length, -1);
}

static void writePartition(txMachine* the) {
	mustBeWritable(the);
	txInteger position = argument(the, 1, 0);
	View view = viewOf(the, mxArgv(0), 0);
	if (!holds(position, view.length))
		mxUnknownError("write failed");
	mustBeErased(the, (size_t)position, (const uint8_t*)view.bytes, (size_t)view.length);
	program((size_t)position, (const uint8_t*)view.bytes, (size_t)view.length);
}

static void eraseBlock(txMachine* the) {
	mustBeWritable(the);
	txInteger count = (txInteger)(storage.size / storage.sectorSize);
	txInteger start = argument(the, 0, 0);
	txInteger end = argument(the, 1, start + 1);
	if (start < 0 || end < start || end > count)
		mxUnknownError("erase failed");
	for (txInteger sector = start; sector < end; sector++)
		eraseSector((size_t)sector);
}

static const NativeFunction functions[] = {
	{ "close", closePartition },
	{ "eraseBlock", eraseBlock },
	{ "open", openPartition },
	{ "read", readPartition },
	{ "sectorSize", sectorSize },
	{ "sectors", sectors },
	{ "write", writePartition },
	{ NULL, NULL },
};

const Native storageNative = { "embedded:storage/flash", JAVASCRIPT(
	class Flash @ "destruct" {
		constructor() { throw new TypeError("use open"); }
		close() @ "close";
		eraseBlock(start, end) @ "eraseBlock";
		read(target, position) @ "read";
		write(source, position) @ "write";
		get blockLength() @ "sectorSize";
		get blocks() @ "sectors";
		status() {
			const { blockLength, blocks } = this;
			return { size: blocks * blockLength, blockLength, blocks };
		}
		get format() { return "buffer"; }
		set format(value) { if (value !== "buffer") throw new RangeError("invalid"); }
	}
	function open(path, mode, prototype) @ "open";
	export default {
		open({ path, mode = "r+" }) {
			return open(path, mode, Flash.prototype);
		},
		[Symbol.iterator]() {
			return ["mqtt"].values();
		}
	};
), functions };
