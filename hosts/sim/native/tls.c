/*
 * Module "openssl": what hosts/sim/tls/ makes "embedded:io/socket/tcp/tls" of.
 */
#include "sim.h"

#ifdef WITH_OPENSSL
#include "openssl.h"
#include "view.h"

/* --- The object --- */

static void destroy(void* data) {
	if (data)
		sessionClose(data);
}

static txHostHooks hooks = { destroy, NULL, NULL };

static Session* sessionOfThis(txMachine* the) {
	Session* session = fxGetHostDataIf(the, mxThis);
	if (!session || fxGetHostHooks(the, mxThis) != &hooks)
		mxSyntaxError("no session");
	return session;
}

static void construct(txMachine* the) {
	char serverName[256];
	if (mxArgc < 2)
		mxTypeError("no server name");
	fxToStringBuffer(the, mxArgv(0), serverName, sizeof(serverName));
	Session* session = sessionOpen(serverName, fxToBoolean(the, mxArgv(1)));
	if (!session)
		mxUnknownError("OpenSSL does not start");
	fxSetHostData(the, mxThis, session);
	fxSetHostHooks(the, mxThis, &hooks);
}

/* --- Arguments and results --- */

static View viewArgument(txMachine* the, txBoolean writable) {
	if (mxArgc < 1)
		mxTypeError("no buffer");
	return viewOf(the, mxArgv(0), writable);
}

static void returnInteger(txMachine* the, txInteger value) {
	mxResult->kind = XS_INTEGER_KIND;
	mxResult->value.integer = value;
}

typedef Outcome (*Step)(Session* session, const void* bytes, size_t length);

static void take(txMachine* the, Step step) {
	Session* session = sessionOfThis(the);
	View view = viewArgument(the, 0);
	returnInteger(the, (txInteger)step(session, view.bytes, (size_t)view.length));
}

/* --- What JavaScript calls --- */

static void trust(txMachine* the) { take(the, sessionTrust); }
static void present(txMachine* the) { take(the, sessionPresent); }
static void unlock(txMachine* the) { take(the, sessionUnlock); }
static void offer(txMachine* the) { take(the, sessionOffer); }
static void feed(txMachine* the) { take(the, sessionFeed); }
static void handshake(txMachine* the) { returnInteger(the, (txInteger)sessionGreet(sessionOfThis(the))); }
static void pending(txMachine* the) { returnInteger(the, (txInteger)sessionPending(sessionOfThis(the))); }
static void alert(txMachine* the) { returnInteger(the, sessionAlert(sessionOfThis(the))); }
static void reason(txMachine* the) { fxString(the, mxResult, (txString)sessionReason(sessionOfThis(the))); }

static void ready(txMachine* the) {
	mxResult->kind = XS_BOOLEAN_KIND;
	mxResult->value.boolean = sessionReady(sessionOfThis(the));
}

static void takePending(txMachine* the) {
	Session* session = sessionOfThis(the);
	View view = viewArgument(the, 1);
	sessionTake(session, view.bytes, (size_t)view.length);
}

static void readSession(txMachine* the) {
	Session* session = sessionOfThis(the);
	View view = viewArgument(the, 1);
	returnInteger(the, (txInteger)sessionRead(session, view.bytes, (size_t)view.length));
}

static void writeSession(txMachine* the) {
	Session* session = sessionOfThis(the);
	View view = viewArgument(the, 0);
	sessionWrite(session, view.bytes, (size_t)view.length);
}

static const NativeFunction functions[] = {
	{ "alert", alert },
	{ "construct", construct },
	{ "feed", feed },
	{ "handshake", handshake },
	{ "offer", offer },
	{ "pending", pending },
	{ "present", present },
	{ "read", readSession },
	{ "ready", ready },
	{ "reason", reason },
	{ "take", takePending },
	{ "trust", trust },
	{ "unlock", unlock },
	{ "write", writeSession },
	{ NULL, NULL },
};

const Native tlsNative = { "openssl", JAVASCRIPT(
	class Session @ "destruct" {
		constructor(serverName, verify) @ "construct";
		trust(der) @ "trust";
		present(der) @ "present";
		unlock(der) @ "unlock";
		offer(protocols) @ "offer";
		handshake() @ "handshake";
		feed(record) @ "feed";
		get pending() @ "pending";
		take(target) @ "take";
		get ready() @ "ready";
		read(target) @ "read";
		write(source) @ "write";
		get alert() @ "alert";
		get reason() @ "reason";
	}
	export default Session;
), functions };

#else

static void construct(txMachine* the) {
	mxUnknownError("built without OpenSSL: apt-get install libssl-dev");
}

static const NativeFunction functions[] = {
	{ "construct", construct },
	{ NULL, NULL },
};

const Native tlsNative = { "openssl", JAVASCRIPT(
	class Session @ "destruct" {
		constructor() @ "construct";
	}
	export default Session;
), functions };

#endif
