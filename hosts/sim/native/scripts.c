#include "sim.h"
#include "xsScript.h"

/* XS declares it nowhere. */
extern void fxRemapIDs(txMachine* the, txByte* code, txSize size, txID* ids);

static Script* scripts;

/* --- Compiling --- */

typedef struct {
	const char* next;
} StringStream;

static int stringGetter(void* stream) {
	StringStream* string = stream;
	return *string->next ? (unsigned char)*string->next++ : C_EOF;
}

/* Release code: no lines, no file names. Syntax errors have been printed when NULL comes back. */
static txScript* compile(txMachine* the, const char* path, void* stream, txGetter getter, txUnsigned flags) {
	txParser parser;
	txParserJump jump;
	/* Lives across a longjmp. */
	txScript* volatile script = NULL;
	fxInitializeParser(&parser, the, the->parserBufferSize, the->parserTableModulo);
	parser.firstJump = &jump;
	if (c_setjmp(jump.jmp_buf) == 0) {
		parser.path = fxNewParserSymbol(&parser, (txString)path);
		fxParserTree(&parser, stream, getter, flags, NULL);
		fxParserHoist(&parser);
		fxParserBind(&parser);
		if (parser.errorCount == 0)
			script = fxParserCode(&parser);
	}
	fxTerminateParser(&parser);
	return script;
}

static txScript* compileFile(txMachine* the, const char* path) {
	FILE* file = fopen(path, "r");
	if (!file)
		simFail(STATUS_USAGE, "cannot read %s: %s", path, strerror(errno));
	txScript* script = compile(the, path, file, (txGetter)fgetc, 0);
	fclose(file);
	if (!script)
		simFail(STATUS_USAGE, "%s does not compile", path);
	return script;
}

int scriptCodeSize(txMachine* flash, const char* path, txSize* code, txSize* symbols) {
	txScript* script = compileFile(flash, path);
	*code = script->codeSize;
	*symbols = script->symbolsSize;
	return script->codeSize + script->symbolsSize;
}

/* --- Linking --- */

/* The code after the one at `code`. A negative size tells how many bytes hold the length of what follows. */
static txByte* nextCode(txByte* code) {
	txS1 size = gxCodeSizes[*(txU1*)code];
	if (size > 0)
		return code + size;
	if (size == 0)
		return code + 1 + sizeof(txID);
	txU4 length = 0;
	memcpy(&length, code + 1, (size_t)-size);
	return code + 1 - size + length;
}

static txU1 archived(txU1 code) {
	switch (code) {
	case XS_CODE_CODE_1: return XS_CODE_CODE_ARCHIVE_1;
	case XS_CODE_CODE_2: return XS_CODE_CODE_ARCHIVE_2;
	case XS_CODE_CODE_4: return XS_CODE_CODE_ARCHIVE_4;
	case XS_CODE_STRING_1: return XS_CODE_STRING_ARCHIVE_1;
	case XS_CODE_STRING_2: return XS_CODE_STRING_ARCHIVE_2;
	case XS_CODE_STRING_4: return XS_CODE_STRING_ARCHIVE_4;
	default: return code;
	}
}

/*
 * Has code use string literals and functions where they are, in flash, instead of copying them into chunks.
 * The device's linker does so for modules that are not preloaded, and only for those: so do we.
 */
static void archive(txScript* code) {
	txByte* end = (txByte*)code->codeBuffer + code->codeSize;
	for (txByte* next = code->codeBuffer; next < end; next = nextCode(next))
		*next = (txByte)archived(*(txU1*)next);
}

/* Replaces the code's own symbol numbers by the machine's, as the device's linker does, and moves it into flash. */
static void linkScript(txMachine* flash, Script* script) {
	txScript* code = script->code;
	txByte* symbol = code->symbolsBuffer;
	txID count;
	mxDecodeID(symbol, count);
	script->ids = calloc(count, sizeof(txID));
	for (txID id = 1; id < count; id++) {
		script->ids[id] = fxNewNameC(flash, (txString)symbol);
		symbol += strlen((char*)symbol) + 1;
	}
	fxRemapIDs(flash, code->codeBuffer, code->codeSize, script->ids);
	txByte* resident = flashTake((size_t)code->codeSize);
	memcpy(resident, code->codeBuffer, (size_t)code->codeSize);
	code->codeBuffer = resident;
	code->symbolsBuffer = NULL;
}

static Script* add(txMachine* flash, const char* name, const Native* native, txScript* code) {
	Script* script = calloc(1, sizeof(Script));
	script->name = name;
	script->native = native;
	script->code = code;
	script->next = scripts;
	scripts = script;
	fxNewNameC(flash, (txString)name);
	linkScript(flash, script);
	return script;
}

Script* scriptAddFile(txMachine* flash, const char* path, const char* name, bool preloaded) {
	txScript* code = compileFile(flash, path);
	if (!preloaded)
		archive(code);
	return add(flash, name, NULL, code);
}

Script* scriptAddNative(txMachine* flash, const Native* native) {
	StringStream stream = { native->source };
	txScript* code = compile(flash, native->name, &stream, stringGetter, mxCFlag);
	if (!code)
		simFail(STATUS_USAGE, "native module %s does not compile", native->name);
	return add(flash, native->name, native, code);
}

/* --- Native functions --- */

static Script* loading;

/* Makes the array of functions that `@ "name"` indexes. XS calls it before it runs a native module's code. */
static void buildNativeFunctions(txMachine* the) {
	txByte* entry = loading->code->hostsBuffer;
	txID count, symbol;
	mxDecodeID(entry, count);
	mxPush(mxArrayPrototype);
	fxNewArrayInstance(the);
	fxArrayCacheBegin(the, the->stack);
	while (count--) {
		txInteger length = *entry++;
		mxDecodeID(entry, symbol);
		txCallback callback = nativeCallback(loading->native, (char*)entry);
		if (length < 0)
			fxNewHostObject(the, NULL);
		else
			fxNewHostFunction(the, callback, length, loading->ids[symbol], XS_NO_ID);
		fxArrayCacheItem(the, the->stack + 1, the->stack);
		mxPop();
		entry += strlen((char*)entry) + 1;
	}
	fxArrayCacheEnd(the, the->stack);
	mxPullSlot(mxResult);
}

/* --- What XS calls --- */

static Script* find(const char* name) {
	for (Script* script = scripts; script; script = script->next)
		if (!strcmp(script->name, name))
			return script;
	return NULL;
}

/* All of a program's files lie in one folder: "./x.js" is the module "x.js". */
txID fxFindModule(txMachine* the, txSlot* realm, txID moduleID, txSlot* slot) {
	char name[C_PATH_MAX];
	(void)realm;
	(void)moduleID;
	fxToStringBuffer(the, slot, name, sizeof(name));
	const char* bare = strncmp(name, "./", 2) ? name : name + 2;
	return find(bare) ? fxNewNameC(the, (txString)bare) : XS_NO_ID;
}

void fxLoadModule(txMachine* the, txSlot* module, txID moduleID) {
	Script* script = find(fxGetKeyName(the, moduleID));
	if (!script)
		return;
	loading = script;
	script->code->callback = script->native ? (void*)buildNativeFunctions : NULL;
	fxResolveModule(the, module, moduleID, script->code, NULL, NULL);
}
