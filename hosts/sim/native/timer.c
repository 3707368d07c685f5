/* Module "timer". A one-shot timer is gone once it has fired, unless its callback gave it a repeat. */
#include "sim.h"

typedef struct Timer {
	struct Timer* next;
	txMachine* the;
	/* A root: keeps the object alive for as long as the timer is. */
	txSlot object;
	txSlot* callback;
	uint32_t due;
	txInteger repeat;
	bool scheduled;
	/* Due in this turn. */
	bool firing;
	/* Cleared by its own callback: to be freed when that returns. */
	bool calling;
	bool cleared;
} Timer;

static Timer* timers;

/* --- The list --- */

static void append(Timer* timer) {
	Timer** link = &timers;
	while (*link)
		link = &(*link)->next;
	*link = timer;
}

static void detach(Timer* timer) {
	for (Timer** link = &timers; *link; link = &(*link)->next)
		if (*link == timer) {
			*link = timer->next;
			return;
		}
}

static txInteger remaining(const Timer* timer) {
	return (txInteger)(timer->due - clockMilliseconds());
}

int timersNext(void) {
	int next = -1;
	for (Timer* timer = timers; timer; timer = timer->next) {
		if (!timer->scheduled)
			continue;
		int wait = remaining(timer) > 0 ? remaining(timer) : 0;
		if (next < 0 || wait < next)
			next = wait;
	}
	return next;
}

int timersCount(void) {
	int count = 0;
	for (Timer* timer = timers; timer; timer = timer->next)
		count++;
	return count;
}

/* --- The object --- */

static void mark(txMachine* the, void* data, txMarkRoot markRoot) {
	Timer* timer = data;
	txSlot callback = { .kind = XS_REFERENCE_KIND };
	if (timer) {
		callback.value.reference = timer->callback;
		(*markRoot)(the, &callback);
	}
}

/* A timer's object is a root until the timer goes, so that the collector never finds one to destroy. */
static txHostHooks hooks = { NULL, mark, NULL };

/* NULL when `slot` holds no timer, or one that is gone. */
static Timer* timerOf(txMachine* the, txSlot* slot) {
	Timer* timer = fxGetHostDataIf(the, slot);
	return timer && fxGetHostHooks(the, slot) == &hooks ? timer : NULL;
}

static void clear(txMachine* the, Timer* timer) {
	fxForget(the, &timer->object);
	fxSetHostData(the, &timer->object, NULL);
	detach(timer);
	timer->cleared = true;
	if (!timer->calling)
		free(timer);
}

/* --- Firing --- */

static void call(Timer* timer) {
	txMachine* the = timer->the;
	txSlot* callback = timer->callback;
	timer->firing = false;
	timer->due += (uint32_t)timer->repeat;
	timer->calling = true;
	loopCallWith(the, &mxGlobal, callback, &timer->object);
	timer->calling = false;
	if (timer->cleared)
		free(timer);
	else if (timer->repeat == 0)
		clear(the, timer);
}

static Timer* nextFiring(void) {
	Timer* timer = timers;
	while (timer && !timer->firing)
		timer = timer->next;
	return timer;
}

/* Timers that a callback makes wait for the next turn. */
void timersFire(void) {
	Timer* timer;
	for (timer = timers; timer; timer = timer->next)
		timer->firing = timer->scheduled && remaining(timer) <= 0;
	while ((timer = nextFiring()))
		call(timer);
}

/* --- What JavaScript calls --- */

static txInteger argument(txMachine* the, txInteger index) {
	txInteger value = mxArgc > index ? fxToInteger(the, mxArgv(index)) : 0;
	return value < 0 ? 0 : value;
}

static void arm(Timer* timer, txInteger interval, txInteger repeat) {
	timer->due = clockMilliseconds() + (uint32_t)interval;
	timer->repeat = repeat;
	timer->scheduled = true;
	timer->firing = false;
}

static void make(txMachine* the, txInteger interval, txInteger repeat) {
	if (mxArgc < 1 || !fxIsCallable(the, mxArgv(0)))
		mxTypeError("callback is no function");
	fxNewHostObject(the, NULL);
	mxPullSlot(mxResult);
	Timer* timer = calloc(1, sizeof(Timer));
	timer->the = the;
	timer->callback = mxArgv(0)->value.reference;
	timer->object.kind = XS_REFERENCE_KIND;
	timer->object.value.reference = mxResult->value.reference;
	fxRemember(the, &timer->object);
	fxSetHostData(the, mxResult, timer);
	fxSetHostHooks(the, mxResult, &hooks);
	arm(timer, interval, repeat);
	append(timer);
}

static void set(txMachine* the) {
	make(the, argument(the, 1), argument(the, 2));
}

static void repeat(txMachine* the) {
	make(the, argument(the, 1), argument(the, 1));
}

/* Without an interval the timer is kept, but waits to be scheduled again. */
static void schedule(txMachine* the) {
	Timer* timer = mxArgc > 0 ? timerOf(the, mxArgv(0)) : NULL;
	if (!timer)
		mxSyntaxError("invalid timer");
	if (mxArgc > 1) {
		arm(timer, argument(the, 1), argument(the, 2));
		return;
	}
	timer->scheduled = false;
	timer->firing = false;
	timer->repeat = -1;
}

static void clearTimer(txMachine* the) {
	Timer* timer = mxArgc > 0 ? timerOf(the, mxArgv(0)) : NULL;
	if (timer)
		clear(the, timer);
}

static void delay(txMachine* the) {
	usleep((useconds_t)argument(the, 0) * 1000);
}

static const NativeFunction functions[] = {
	{ "clear", clearTimer },
	{ "delay", delay },
	{ "repeat", repeat },
	{ "schedule", schedule },
	{ "set", set },
	{ NULL, NULL },
};

const Native timerNative = { "timer", JAVASCRIPT(
	class Timer {
		static set(callback, interval, repeat) @ "set";
		static repeat(callback, interval) @ "repeat";
		static schedule(timer, interval, repeat) @ "schedule";
		static clear(timer) @ "clear";
		static delay(milliseconds) @ "delay";
	}
	export default Timer;
), functions };
