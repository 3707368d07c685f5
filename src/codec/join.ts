import { variableByteIntegerSize, writeVariableByteInteger } from "../wire/variable-byte-integer.js";

/** A packet made of its first byte, its Remaining Length, and `parts` one after the other. Allocates it. */
export function join(first: number, parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const packet = new Uint8Array(1 + variableByteIntegerSize(length) + length);
  packet[0] = first;
  let at = writeVariableByteInteger(packet, 1, length);
  for (const part of parts) {
    packet.set(part, at);
    at += part.length;
  }
  return packet;
}
