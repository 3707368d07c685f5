#include "view.h"

static void check(txMachine* the, txSlot* arrayBuffer, txBoolean writable) {
	if (!arrayBuffer->value.arrayBuffer.address)
		mxTypeError("detached buffer");
	if (writable && (arrayBuffer->flag & XS_DONT_SET_FLAG))
		mxTypeError("read-only buffer");
}

static View ofBuffer(txMachine* the, txSlot* arrayBuffer, txBoolean writable) {
	check(the, arrayBuffer, writable);
	return (View) { arrayBuffer->value.arrayBuffer.address, arrayBuffer->next->value.bufferInfo.length };
}

static View ofView(txMachine* the, txSlot* view, txBoolean writable) {
	txSlot* buffer = view->next;
	txSlot* arrayBuffer = buffer->value.reference->next;
	check(the, arrayBuffer, writable);
	txInteger size = fxGetDataViewSize(the, view, buffer);
	return (View) { arrayBuffer->value.arrayBuffer.address + view->value.dataView.offset, size };
}

View viewOf(txMachine* the, txSlot* slot, txBoolean writable) {
	txSlot* internal = slot->kind == XS_REFERENCE_KIND ? slot->value.reference->next : NULL;
	if (internal && (internal->flag & XS_INTERNAL_FLAG)) {
		if (internal->kind == XS_ARRAY_BUFFER_KIND)
			return ofBuffer(the, internal, writable);
		if (internal->kind == XS_TYPED_ARRAY_KIND)
			return ofView(the, internal->next, writable);
		if (internal->kind == XS_DATA_VIEW_KIND)
			return ofView(the, internal, writable);
	}
	mxTypeError("no buffer");
	return (View) { NULL, 0 };
}
