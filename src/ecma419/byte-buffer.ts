import { wrong } from "../errors.js";
import { decodeUtf8, encodeUtf8 } from "../wire/utf8.js";

/** ECMA-419's byte buffer: bytes, or a view of single bytes. */
export type ByteBuffer = ArrayBufferLike | Uint8Array | Int8Array | Uint8ClampedArray | DataView;

/**
 * The bytes of `data`, not copied. Allocates a view, unless it is a `Uint8Array` already.
 * @throws MqttError `ERR_ARGUMENT` that names `name`.
 */
export function bytesOf(data: ByteBuffer, name: string): Uint8Array {
  if (data instanceof Uint8Array) return data;
  if (ArrayBuffer.isView(data)) {
    if (((data as Partial<Int8Array>).BYTES_PER_ELEMENT ?? 1) > 1) throw wrong(name, "a view of single bytes");
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  // By member, since a resource in flash is no instance of anything.
  if (typeof (data as Partial<ArrayBuffer> | null | undefined)?.byteLength !== "number") throw wrong(name, "an ArrayBuffer, or a view of bytes");
  return new Uint8Array(data);
}

/** Text as it is, or of its bytes in UTF-8. @throws MqttError `ERR_ARGUMENT` that names `name`. */
export function textOf(value: string | ByteBuffer | undefined, name: string): string {
  if (typeof value === "string") return value;
  if (value === undefined) throw wrong(name, "text");
  const bytes = bytesOf(value, name);
  const text = decodeUtf8(bytes, 0, bytes.length);
  if (encodeUtf8(text)?.length !== bytes.length) throw wrong(name, "UTF-8"); // U+FFFD is longer than what it stands for
  return text;
}
