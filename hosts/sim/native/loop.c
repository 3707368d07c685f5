/* The event loop: sockets, timers and signals, one callback at a time. */
#include "sim.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

#define WATCHERS 64

bool interrupted;

static Watcher* watchers;
static volatile sig_atomic_t signalled;
static int wakeRead, wakeWrite;

/* --- Watchers --- */

void loopWatch(Watcher* watcher) {
	Watcher** link = &watchers;
	while (*link)
		link = &(*link)->next;
	watcher->next = NULL;
	*link = watcher;
}

void loopUnwatch(Watcher* watcher) {
	for (Watcher** link = &watchers; *link; link = &(*link)->next)
		if (*link == watcher) {
			*link = watcher->next;
			return;
		}
}

/* --- Signals --- */

/* The first is handed to the program, which may want to say goodbye; a second one ends the process. */
static void onSignal(int signal) {
	(void)signal;
	if (signalled)
		_exit(STATUS_INTERRUPTED);
	signalled = 1;
	if (write(wakeWrite, "!", 1) < 0)
		_exit(STATUS_INTERRUPTED);
}

void loopOpen(void) {
	int wake[2];
	if (pipe(wake))
		simFail(STATUS_ENGINE, "no pipe: %s", strerror(errno));
	wakeRead = wake[0];
	wakeWrite = wake[1];
	struct sigaction action = { .sa_handler = onSignal };
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void interrupt(txMachine* the) {
	char byte;
	if (interrupted || !signalled)
		return;
	interrupted = true;
	if (read(wakeRead, &byte, 1) < 0 || !simInterrupt(the))
		simExit(the, STATUS_INTERRUPTED, "interrupted");
}

/* --- Calls --- */

void loopSettle(txMachine* the) {
	while (the->promiseJobs) {
		the->promiseJobs = false;
		fxRunPromiseJobs(the);
	}
	fxCheckUnhandledRejections(the, 1);
}

static void call(txMachine* the, txSlot* self, txSlot* function, txSlot* argument) {
	fxBeginHost(the);
	mxTry(the) {
		mxPushSlot(self);
		mxPushReference(function);
		mxCall();
		if (argument)
			mxPushSlot(argument);
		mxRunCount(argument ? 1 : 0);
		mxPop();
	}
	mxCatch(the) {
		simThrown(the, STATUS_EXCEPTION);
	}
	fxEndHost(the);
	loopSettle(the);
}

void loopCall(txMachine* the, txSlot* self, txSlot* function) {
	call(the, self, function, NULL);
}

void loopCallWith(txMachine* the, txSlot* self, txSlot* function, txSlot* argument) {
	call(the, self, function, argument);
}

/* --- Turns --- */

typedef struct {
	struct pollfd descriptors[WATCHERS];
	Watcher* owners[WATCHERS];
	nfds_t count;
	/* How long poll() may sleep, in milliseconds; -1: for ever. */
	int sleep;
} Turn;

static void addDescriptor(Turn* turn, int descriptor, short events, Watcher* owner) {
	turn->descriptors[turn->count] = (struct pollfd) { .fd = descriptor, .events = events };
	turn->owners[turn->count++] = owner;
}

static int shorter(int a, int b) {
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

static void gather(Turn* turn) {
	turn->count = 0;
	turn->sleep = timersNext();
	addDescriptor(turn, wakeRead, POLLIN, NULL);
	addDescriptor(turn, output, 0, NULL);
	for (Watcher* watcher = watchers; watcher && turn->count < WATCHERS; watcher = watcher->next) {
		addDescriptor(turn, watcher->events ? watcher->descriptor : -1, watcher->events, watcher);
		turn->sleep = shorter(turn->sleep, watcher->pending ? 0 : watcher->patience);
	}
}

/* A watcher may go while another one's callback runs. */
static bool isWatched(Watcher* watcher) {
	for (Watcher* each = watchers; each; each = each->next)
		if (each == watcher)
			return true;
	return false;
}

/* Without its runner, which may have been killed, the program would run for ever, unseen. */
static void dieWithRunner(const Turn* turn) {
	if (turn->descriptors[1].revents & (POLLERR | POLLHUP))
		_exit(STATUS_INTERRUPTED);
}

static void dispatch(Turn* turn) {
	dieWithRunner(turn);
	for (nfds_t index = 2; index < turn->count; index++) {
		Watcher* watcher = turn->owners[index];
		short events = turn->descriptors[index].revents;
		if (isWatched(watcher) && (events || watcher->pending || watcher->patience >= 0))
			watcher->ready(watcher, events);
	}
}

void loopRun(txMachine* the) {
	Turn turn;
	while (watchers || timersNext() >= 0) {
		gather(&turn);
		if (poll(turn.descriptors, turn.count, turn.sleep) >= 0)
			dispatch(&turn);
		interrupt(the);
		timersFire();
	}
}
