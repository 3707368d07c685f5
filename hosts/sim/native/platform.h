/*
 * What XS asks of a platform, for a POSIX machine that plays an ESP32.
 *
 * Identifiers stay 16 bits and strings UTF-8, as on the device, so that bytecode has the device's size. Slots have
 * 32 bytes here and 16 there, because pointers are twice as wide.
 */
#ifndef SIM_PLATFORM_H
#define SIM_PLATFORM_H

#if defined(__APPLE__)
	#undef mxMacOSX
	#define mxMacOSX 1
#else
	#undef mxLinux
	#define mxLinux 1
#endif
#undef mxLittleEndian
#define mxLittleEndian 1
#define mxExport extern
#define mxImport extern
#define XS_FUNCTION_NORETURN __attribute__((noreturn))

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define mxUseGCCAtomics 1
#define mxUsePOSIXThreads 1

/* The fields that every machine carries for its host. */
#define mxMachinePlatform \
	struct Arena* arena; \
	uint64_t slotsAllocated; \
	uint64_t chunkBytesAllocated; \
	uint32_t collections; \
	bool promiseJobs; \
	void* waiterCondition; \
	void* waiterData; \
	void* waiterLink;

#define mxUseDefaultBuildKeys 1
#define mxUseDefaultCStackLimit 1
#define mxUseDefaultParseScript 1
#define mxUseDefaultSharedChunks 1

#endif
