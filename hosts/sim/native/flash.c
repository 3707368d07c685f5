/*
 * The part of the program that an ESP32 keeps in flash.
 *
 * On the device a linker runs the preloaded modules on the desktop and writes the heap that they leave behind, frozen,
 * into the firmware. Here they run in a first machine, whose heap is frozen by the same rules and then made read-only
 * for good; a second machine, the one in RAM, is a clone that refers to it.
 */
#include "sim.h"

#include <signal.h>

/* Plenty: an ESP32 addresses 16 MB of flash. */
#define FLASH_SIZE ((size_t)64 << 20)

static Arena flashArena;

static txCreation creation = {
	.initialChunkSize = 1 << 20,
	.incrementalChunkSize = 1 << 18,
	.initialHeapCount = 1 << 14,
	.incrementalHeapCount = 1 << 12,
	.stackCount = 1 << 13,
	.initialKeyCount = 1 << 13,
	.incrementalKeyCount = 1 << 10,
	.nameModulo = 1993,
	.symbolModulo = 127,
	.parserBufferSize = 64 << 10,
	.parserTableModulo = 1993,
};

static txSize usedChunkBytes, usedSlots;
static size_t codeBytes;

txMachine* flashCreate(void) {
	arenaOpen(&flashArena, FLASH_SIZE);
	txMachine* flash = fxCreateMachine(&creation, "flash", &flashArena, XS_NO_ID);
	if (!flash)
		simFail(STATUS_ENGINE, "XS did not start");
	return flash;
}

void* flashTake(size_t size) {
	codeBytes += size;
	return arenaTake(&flashArena, size);
}

bool flashHolds(const void* address) {
	return arenaHolds(&flashArena, address);
}

size_t flashBytes(void) {
	return (size_t)usedSlots * sizeof(txSlot) + (size_t)usedChunkBytes + codeBytes;
}

void flashPreload(txMachine* the, const char* name) {
	fxBeginHost(the);
	mxTry(the) {
		mxPushStringC((txString)name);
		fxAwaitImport(the, XS_IMPORT_NAMESPACE);
		mxPop();
		loopSettle(the);
	}
	mxCatch(the) {
		simThrown(the, STATUS_EXCEPTION);
	}
	fxEndHost(the);
}

/* --- Every slot of the heap --- */

typedef void (*SlotVisitor)(txMachine* the, txSlot* slot);

static void eachSlot(txMachine* the, SlotVisitor visit) {
	for (txSlot* heap = the->firstHeap; heap; heap = heap->next)
		for (txSlot* slot = heap + 1; slot < heap->value.reference; slot++)
			visit(the, slot);
}

/* --- Freezing: what preload makes read-only --- */

static void freezeProperty(txSlot* property) {
	property->flag |= XS_DONT_DELETE_FLAG;
	if (property->kind != XS_ACCESSOR_KIND)
		property->flag |= XS_DONT_SET_FLAG;
}

static void freezeInstance(txSlot* instance) {
	instance->flag |= XS_DONT_PATCH_FLAG;
	for (txSlot* property = instance->next; property; property = property->next)
		freezeProperty(property);
}

static void freezePrototype(txSlot* constructor) {
	for (txSlot* property = constructor->next; property; property = property->next)
		if (property->ID == mxID(_prototype) && property->kind == XS_REFERENCE_KIND)
			freezeInstance(property->value.reference);
}

/* Instances that cannot be copied to RAM when they are written, because they own more than slots. */
static bool isOpaque(txSlot* internal) {
	switch (internal->kind) {
	case XS_ARRAY_BUFFER_KIND:
	case XS_DATA_VIEW_KIND:
	case XS_MAP_KIND:
	case XS_PROMISE_KIND:
	case XS_PROXY_KIND:
	case XS_REGEXP_KIND:
	case XS_SET_KIND:
	case XS_TYPED_ARRAY_KIND:
	case XS_WEAK_MAP_KIND:
	case XS_WEAK_REF_KIND:
	case XS_WEAK_SET_KIND:
		return true;
	default:
		return internal->ID == XS_ENVIRONMENT_BEHAVIOR;
	}
}

static void freezeSlot(txMachine* the, txSlot* slot) {
	(void)the;
	if (slot->kind != XS_INSTANCE_KIND || !slot->next || !(slot->next->flag & XS_INTERNAL_FLAG))
		return;
	if (mxIsFunction(slot)) {
		freezeInstance(slot);
		if (slot->flag & XS_CAN_CONSTRUCT_FLAG)
			freezePrototype(slot);
	}
	else if (isOpaque(slot->next))
		freezeInstance(slot);
}

static void freezeIntrinsics(txMachine* the) {
	for (int index = mxInstanceInspectorsStackIndex + 1; index < the->stackTop - the->stack; index++) {
		txSlot* intrinsic = the->stackTop - 1 - index;
		if (intrinsic->kind == XS_REFERENCE_KIND)
			freezeInstance(intrinsic->value.reference);
	}
}

/* A variable that holds a function is as good as a constant. */
static void freezeClosure(txMachine* the, txSlot* slot) {
	(void)the;
	txSlot* variable = slot->kind == XS_CLOSURE_KIND ? slot->value.closure : NULL;
	if (variable && variable->kind == XS_REFERENCE_KIND && mxIsFunction(variable->value.reference))
		variable->flag |= XS_DONT_SET_FLAG;
}

/* --- Aliases: what may be written, by way of a copy in RAM --- */

static bool isFrozenProperty(txSlot* property) {
	if (!(property->flag & XS_DONT_DELETE_FLAG))
		return false;
	return property->kind == XS_ACCESSOR_KIND || (property->flag & XS_DONT_SET_FLAG);
}

static bool isFrozenArray(txMachine* the, txSlot* array) {
	txIndex length = fxGetIndexSize(the, array);
	for (txIndex index = 0; index < length; index++)
		if (!isFrozenProperty(array->value.array.address + index))
			return false;
	return true;
}

static bool isFrozen(txMachine* the, txSlot* instance) {
	if (!(instance->flag & XS_DONT_PATCH_FLAG))
		return false;
	for (txSlot* property = instance->next; property; property = property->next) {
		if (property->kind == XS_ARRAY_KIND && !isFrozenArray(the, property))
			return false;
		if (!(property->flag & XS_INTERNAL_FLAG) && !isFrozenProperty(property))
			return false;
	}
	return true;
}

static void aliasInstance(txMachine* the, txSlot* slot) {
	if (slot->kind == XS_INSTANCE_KIND)
		slot->ID = isFrozen(the, slot) ? XS_NO_ID : the->aliasCount++;
}

static void forgetAlias(txMachine* the, txSlot* slot) {
	(void)the;
	if (slot->kind == XS_CLOSURE_KIND && slot->value.closure)
		slot->value.closure->ID = XS_NO_ID;
}

static void aliasClosure(txMachine* the, txSlot* slot) {
	txSlot* variable = slot->kind == XS_CLOSURE_KIND ? slot->value.closure : NULL;
	if (!variable)
		return;
	if (variable->flag & XS_DONT_SET_FLAG)
		variable->flag |= XS_DONT_DELETE_FLAG;
	else {
		if (variable->ID == XS_NO_ID)
			variable->ID = the->aliasCount++;
		slot->flag &= ~XS_DONT_SET_FLAG;
	}
}

/* XS's own numbering begins at 0, which is also "none". */
static void assignAliases(txMachine* the) {
	the->aliasCount = 1;
	eachSlot(the, aliasInstance);
	eachSlot(the, forgetAlias);
	eachSlot(the, aliasClosure);
}

/* --- Chunks: the collector of the machine in RAM must not mark or move them --- */

static void makeStatic(txSlot* slot) {
	switch (slot->kind) {
	case XS_BIGINT_KIND: slot->kind = XS_BIGINT_X_KIND; break;
	case XS_CODE_KIND: slot->kind = XS_CODE_X_KIND; break;
	case XS_KEY_KIND: slot->kind = XS_KEY_X_KIND; break;
	case XS_STRING_KIND: slot->kind = XS_STRING_X_KIND; break;
	}
}

static void makeSlotStatic(txMachine* the, txSlot* slot) {
	makeStatic(slot);
	if (slot->kind == XS_ARRAY_KIND && slot->value.array.address) {
		txIndex length = fxGetIndexSize(the, slot);
		for (txIndex index = 0; index < length; index++)
			makeStatic(slot->value.array.address + index);
	}
}

static void makeStackStatic(txMachine* the) {
	for (txSlot* slot = the->stack; slot < the->stackTop; slot++)
		makeStatic(slot);
}

/* --- Sealing --- */

/* The global object caches what is looked up, which flash cannot; the device's linker makes it an ordinary object. */
static void makeGlobalOrdinary(txMachine* the) {
	txSlot* global = mxGlobal.value.reference;
	if (global->next && global->next->kind == XS_GLOBAL_KIND) {
		global->flag &= ~XS_EXOTIC_FLAG;
		global->next = global->next->next;
	}
}

static void onFault(int signal, siginfo_t* info, void* context) {
	static const char message[] = "xs-host: the program wrote to flash: objects that a preloaded module makes at its "
		"top level are read-only; make them in a constructor\n";
	(void)signal;
	(void)context;
	if (!flashHolds(info->si_addr))
		abort();
	if (write(STDERR_FILENO, message, sizeof(message) - 1) < 0)
		_exit(STATUS_ENGINE);
	_exit(STATUS_FLASH_WRITTEN);
}

static void watchFaults(void) {
	struct sigaction action = { .sa_flags = SA_SIGINFO };
	action.sa_sigaction = onFault;
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}

void flashSeal(txMachine* the) {
	makeGlobalOrdinary(the);
	fxShareMachine(the);
	eachSlot(the, freezeSlot);
	freezeIntrinsics(the);
	eachSlot(the, freezeClosure);
	assignAliases(the);
	eachSlot(the, makeSlotStatic);
	makeStackStatic(the);
	usedChunkBytes = the->currentChunksSize;
	usedSlots = the->currentHeapCount;
	arenaProtect(&flashArena);
	watchFaults();
}
