/* The bytes behind an ArrayBuffer, a typed array or a DataView. */
#ifndef SIM_VIEW_H
#define SIM_VIEW_H

#include "xsAll.h"

typedef struct View {
	txByte* bytes;
	txInteger length;
} View;

/* Throws a TypeError when `slot` is none of these, is detached, or is to be written and lies in flash. */
View viewOf(txMachine* the, txSlot* slot, txBoolean writable);

#endif
