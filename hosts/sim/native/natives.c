#include "sim.h"

const Native* const natives[] = {
	&tcpNative,
	&tlsNative,
	&timerNative,
	&timeNative,
	&instrumentationNative,
	&simNative,
	&storageNative,
	NULL,
};

txCallback nativeCallback(const Native* native, const char* name) {
	for (const NativeFunction* function = native->functions; function->name; function++)
		if (!strcmp(function->name, name))
			return function->callback;
	return NULL;
}
