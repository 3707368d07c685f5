/*
 * Module "embedded:io/socket/tcp": a real socket with the manners of lwIP on an ESP32.
 *
 * What arrives waits in a window of four segments and is announced once, when it comes. What is written waits in a
 * send buffer, and leaves after the callback that wrote it. Errors wait until all that arrived has been read.
 */
#include "bytes.h"
#include "sim.h"
#include "socket.h"
#include "view.h"

#include <poll.h>
#include <sys/socket.h>

#define SEGMENT 1436
#define WINDOW (4 * SEGMENT)
#define SEND_BUFFER BYTES_CAPACITY

/* How long a closed socket waits for its peer to close too, in milliseconds; and how often it looks. */
#define LINGER 1000
#define LINGER_STEP 20

enum {
	READABLE = 1,
	WRITABLE = 2,
	ERROR = 4,
};

typedef struct Tcp {
	Watcher watcher;
	txMachine* the;
	/* A root: keeps the object alive until it is closed. */
	txSlot object;
	txSlot* onReadable;
	txSlot* onWritable;
	txSlot* onError;
	Bytes received;
	Bytes unsent;
	unsigned triggers;
	bool connecting;
	/* Connected, and no error delivered. */
	bool ready;
	/* The connection is lost; there may be bytes to read yet. */
	bool failed;
	/* The loss has been delivered. */
	bool error;
	bool delivering;
	bool closed;
	uint32_t deadline;
} Tcp;

static struct {
	txID address, host, nodelay, onError, onReadable, onWritable, port, target;
} names;

void tcpNames(txMachine* flash) {
	names.address = fxID(flash, "address");
	names.host = fxID(flash, "host");
	names.nodelay = fxID(flash, "nodelay");
	names.onError = fxID(flash, "onError");
	names.onReadable = fxID(flash, "onReadable");
	names.onWritable = fxID(flash, "onWritable");
	names.port = fxID(flash, "port");
	names.target = fxID(flash, "target");
}

/* --- State --- */

static size_t sendRoom(const Tcp* tcp) {
	return SEND_BUFFER - tcp->unsent.length;
}

static size_t receiveRoom(const Tcp* tcp) {
	return WINDOW - tcp->received.length;
}

static void trigger(Tcp* tcp, unsigned triggers) {
	tcp->triggers |= triggers;
	tcp->watcher.pending = true;
}

static void fail(Tcp* tcp) {
	tcp->failed = true;
	tcp->connecting = false;
	trigger(tcp, ERROR);
}

/* What to wait for next. */
static void awaitEvents(Tcp* tcp) {
	short events = 0;
	if (tcp->connecting)
		events = POLLOUT;
	else if (!tcp->failed) {
		if (receiveRoom(tcp))
			events |= POLLIN;
		if (tcp->unsent.length)
			events |= POLLOUT;
	}
	tcp->watcher.events = events;
}

static void destroy(Tcp* tcp) {
	loopUnwatch(&tcp->watcher);
	close(tcp->watcher.descriptor);
	free(tcp);
	networkSockets--;
}

/* --- The wire --- */

static void finishConnecting(Tcp* tcp) {
	if (!socketConnected(tcp->watcher.descriptor)) {
		fail(tcp);
		return;
	}
	tcp->connecting = false;
	tcp->ready = true;
	trigger(tcp, WRITABLE);
}

static void receive(Tcp* tcp) {
	uint8_t segment[SEGMENT];
	size_t room = receiveRoom(tcp) < SEGMENT ? receiveRoom(tcp) : SEGMENT;
	ssize_t count = room ? socketReceive(tcp->watcher.descriptor, segment, room) : 0;
	if (count < 0)
		fail(tcp);
	if (count <= 0)
		return;
	bytesAppend(&tcp->received, segment, (size_t)count);
	networkBytesRead += (double)count;
	trigger(tcp, READABLE);
}

static void transmit(Tcp* tcp) {
	if (!tcp->unsent.length)
		return;
	ssize_t count = socketSend(tcp->watcher.descriptor, bytesFirst(&tcp->unsent), tcp->unsent.length);
	if (count < 0)
		fail(tcp);
	if (count <= 0)
		return;
	bytesDrop(&tcp->unsent, (size_t)count);
	trigger(tcp, WRITABLE);
}

/* --- Callbacks --- */

static void tell(Tcp* tcp, txSlot* callback, size_t bytes) {
	txSlot argument = { .kind = XS_INTEGER_KIND };
	argument.value.integer = (txInteger)bytes;
	if (callback && !tcp->closed)
		loopCallWith(tcp->the, &tcp->object, callback, &argument);
}

static void tellError(Tcp* tcp) {
	loopUnwatch(&tcp->watcher);
	if (tcp->onError && !tcp->closed)
		loopCall(tcp->the, &tcp->object, tcp->onError);
}

static void deliver(Tcp* tcp) {
	unsigned triggers = tcp->triggers;
	tcp->triggers = 0;
	if (triggers & ERROR) {
		tcp->error = true;
		tcp->ready = false;
	}
	if ((triggers & READABLE) && tcp->received.length)
		tell(tcp, tcp->onReadable, tcp->received.length);
	if (tcp->error) {
		if (!tcp->received.length)
			tellError(tcp);
	}
	else if (triggers & WRITABLE)
		tell(tcp, tcp->onWritable, sendRoom(tcp));
}

/* --- After close(): what was written still goes out --- */

static void discardReceived(Tcp* tcp) {
	uint8_t segment[SEGMENT];
	ssize_t count;
	while ((count = socketReceive(tcp->watcher.descriptor, segment, sizeof(segment))) > 0)
		;
	if (count < 0)
		tcp->failed = true;
}

/* Waits for the peer's end: closing earlier would reset the connection, and lose what the peer has not read. */
static void linger(Tcp* tcp) {
	transmit(tcp);
	if (!tcp->unsent.length)
		shutdown(tcp->watcher.descriptor, SHUT_WR);
	discardReceived(tcp);
	tcp->watcher.pending = false;
	tcp->watcher.events = tcp->unsent.length ? POLLIN | POLLOUT : POLLIN;
	if (tcp->failed || (txInteger)(tcp->deadline - clockMilliseconds()) <= 0)
		destroy(tcp);
}

static void dispose(Tcp* tcp) {
	if (tcp->connecting || tcp->failed) {
		destroy(tcp);
		return;
	}
	tcp->watcher.patience = LINGER_STEP;
	tcp->watcher.pending = true;
	tcp->deadline = clockMilliseconds() + LINGER;
}

static void ready(Watcher* watcher, short events) {
	Tcp* tcp = (Tcp*)watcher;
	if (tcp->closed) {
		linger(tcp);
		return;
	}
	watcher->pending = false;
	if (tcp->connecting && events)
		finishConnecting(tcp);
	else if (!tcp->connecting && !tcp->failed) {
		transmit(tcp);
		if (events & (POLLIN | POLLHUP | POLLERR))
			receive(tcp);
	}
	watcher->pending = false;
	tcp->delivering = true;
	deliver(tcp);
	tcp->delivering = false;
	if (tcp->closed)
		dispose(tcp);
	else
		awaitEvents(tcp);
}

/* --- The object --- */

static void markCallback(txMachine* the, txSlot* callback, txMarkRoot markRoot) {
	txSlot slot = { .kind = XS_REFERENCE_KIND };
	slot.value.reference = callback;
	if (callback)
		(*markRoot)(the, &slot);
}

static void mark(txMachine* the, void* data, txMarkRoot markRoot) {
	Tcp* tcp = data;
	if (!tcp)
		return;
	markCallback(the, tcp->onReadable, markRoot);
	markCallback(the, tcp->onWritable, markRoot);
	markCallback(the, tcp->onError, markRoot);
}

/* A socket's object is a root until it is closed, so that the collector never finds one to destroy. */
static txHostHooks hooks = { NULL, mark, NULL };

static Tcp* tcpOfThis(txMachine* the) {
	Tcp* tcp = fxGetHostDataIf(the, mxThis);
	if (!tcp || fxGetHostHooks(the, mxThis) != &hooks)
		mxSyntaxError("socket is closed");
	return tcp;
}

/* --- Options --- */

/* Leaves the option on the stack. */
static txSlot* pushOption(txMachine* the, txID id) {
	mxPushSlot(mxArgv(0));
	mxGetID(id);
	return the->stack;
}

static txSlot* callbackOption(txMachine* the, txID id) {
	txSlot* option = pushOption(the, id);
	txSlot* result = NULL;
	if (fxIsCallable(the, option))
		result = option->value.reference;
	else if (!mxIsUndefined(option))
		mxTypeError("callback is no function");
	mxPop();
	return result;
}

static int portOption(txMachine* the) {
	txNumber port = fxToNumber(the, pushOption(the, names.port));
	mxPop();
	if (!(port >= 0 && port <= 65535))
		mxRangeError("invalid port");
	return (int)port;
}

static bool nodelayOption(txMachine* the) {
	bool nodelay = fxToBoolean(the, pushOption(the, names.nodelay));
	mxPop();
	return nodelay;
}

static int connectOption(txMachine* the) {
	char name[256];
	int port = portOption(the);
	bool nodelay = nodelayOption(the);
	bool resolve = mxIsUndefined(pushOption(the, names.address));
	if (resolve) {
		mxPop();
		pushOption(the, names.host);
	}
	fxToStringBuffer(the, the->stack, name, sizeof(name));
	mxPop();
	int descriptor = socketConnect(name, port, resolve, nodelay);
	if (descriptor < 0)
		mxUnknownError("invalid address");
	return descriptor;
}

static void takeTarget(txMachine* the) {
	txSlot* target = pushOption(the, names.target);
	if (mxIsUndefined(target))
		mxPop();
	else {
		mxPushSlot(mxThis);
		fxSetID(the, names.target);
		mxPop();
	}
}

/* --- What JavaScript calls --- */

static void construct(txMachine* the) {
	if (mxArgc < 1 || !mxIsReference(mxArgv(0)))
		mxTypeError("no options");
	txSlot* onReadable = callbackOption(the, names.onReadable);
	txSlot* onWritable = callbackOption(the, names.onWritable);
	txSlot* onError = callbackOption(the, names.onError);
	takeTarget(the);
	int descriptor = connectOption(the);

	Tcp* tcp = calloc(1, sizeof(Tcp));
	tcp->watcher = (Watcher) { .descriptor = descriptor, .patience = -1, .ready = ready };
	tcp->the = the;
	tcp->onReadable = onReadable;
	tcp->onWritable = onWritable;
	tcp->onError = onError;
	tcp->connecting = true;
	tcp->object.kind = XS_REFERENCE_KIND;
	tcp->object.value.reference = mxThis->value.reference;
	fxRemember(the, &tcp->object);
	fxSetHostData(the, mxThis, tcp);
	fxSetHostHooks(the, mxThis, &hooks);
	awaitEvents(tcp);
	loopWatch(&tcp->watcher);
	networkSockets++;
}

static void closeSocket(txMachine* the) {
	Tcp* tcp = fxGetHostDataIf(the, mxThis);
	if (!tcp)
		return;
	fxForget(the, &tcp->object);
	fxSetHostData(the, mxThis, NULL);
	tcp->closed = true;
	tcp->ready = false;
	if (!tcp->delivering)
		dispose(tcp);
}

static View readTarget(txMachine* the, txInteger available) {
	if (mxArgc > 0 && mxIsReference(mxArgv(0)))
		return viewOf(the, mxArgv(0), 1);
	return (View) { NULL, mxArgc > 0 ? fxToInteger(the, mxArgv(0)) : available };
}

static void readSocket(txMachine* the) {
	Tcp* tcp = tcpOfThis(the);
	txInteger available = (txInteger)tcp->received.length;
	if (!available)
		return;
	View view = readTarget(the, available);
	if (view.length <= 0 || view.length > available)
		mxUnknownError("invalid");
	if (view.bytes) {
		memcpy(view.bytes, bytesFirst(&tcp->received), (size_t)view.length);
		mxResult->kind = XS_INTEGER_KIND;
		mxResult->value.integer = view.length;
	}
	else
		fxArrayBuffer(the, mxResult, (void*)bytesFirst(&tcp->received), view.length, -1);
	bytesDrop(&tcp->received, (size_t)view.length);
	if (tcp->failed && !tcp->received.length)
		trigger(tcp, ERROR);
	awaitEvents(tcp);
}

static void writeSocket(txMachine* the) {
	Tcp* tcp = tcpOfThis(the);
	if (!tcp->ready)
		mxUnknownError("not ready");
	if (tcp->failed)
		return;
	View view = mxArgc > 0 ? viewOf(the, mxArgv(0), 0) : (View) { NULL, 0 };
	if ((size_t)view.length > sendRoom(tcp))
		mxUnknownError("would block");
	if (!powerTake(1))
		powerCut();
	bytesAppend(&tcp->unsent, view.bytes, (size_t)view.length);
	networkBytesWritten += view.length;
	tcp->watcher.pending = true;
	/* Before the power can go, or this step would not have been one. */
	if (powerIsLimited())
		transmit(tcp);
	mxResult->kind = XS_INTEGER_KIND;
	mxResult->value.integer = (txInteger)sendRoom(tcp);
}

static const NativeFunction functions[] = {
	{ "close", closeSocket },
	{ "construct", construct },
	{ "read", readSocket },
	{ "write", writeSocket },
	{ NULL, NULL },
};

const Native tcpNative = { "embedded:io/socket/tcp", JAVASCRIPT(
	class TCP @ "destruct" {
		constructor(options) @ "construct";
		read(target) @ "read";
		write(source) @ "write";
		close() @ "close";
		get format() { return "buffer"; }
		set format(value) { if (value !== "buffer") throw new RangeError("unimplemented"); }
	}
	export default TCP;
), functions };
