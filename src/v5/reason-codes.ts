import { AUTH, CONNACK, DISCONNECT, PUBACK, PUBCOMP, PUBREC, PUBREL, SUBACK, UNSUBACK } from "../wire/packet-type.js";

// The reason codes that a server may send, by packet type (2.4): sets of bits. Codes have their two highest bits clear, or
// are from 0x80 to 0xa2: bit n stands for n in `LOW`, for 0x80 + n in `HIGH` and for 0xa0 + n in `TOP`. A shift takes the
// lowest five bits of a code by itself.

const UNSPECIFIED = (1 << 0x80) | (1 << 0x83) | (1 << 0x87);
const ACKNOWLEDGED = UNSPECIFIED | (1 << 0x90) | (1 << 0x91) | (1 << 0x97) | (1 << 0x99);
const GRANTED = UNSPECIFIED | (1 << 0x8f) | (1 << 0x91);
const ENDED = UNSPECIFIED | (1 << 0x81) | (1 << 0x82) | (1 << 0x89) | (1 << 0x90) | (1 << 0x95) | (1 << 0x97) | (1 << 0x99) | (1 << 0x9a) | (1 << 0x9b) | (1 << 0x9c) | (1 << 0x9d) | (1 << 0x9f);
const NOT_FOUND = (1 << 0x92);

const LOW: Readonly<Record<number, number>> = Object.freeze({
  [CONNACK]: (1 << 0x00),
  [PUBACK]: (1 << 0x00) | (1 << 0x10),
  [PUBREC]: (1 << 0x00) | (1 << 0x10),
  [PUBREL]: (1 << 0x00),
  [PUBCOMP]: (1 << 0x00),
  [SUBACK]: (1 << 0x00) | (1 << 0x01) | (1 << 0x02),
  [UNSUBACK]: (1 << 0x00) | (1 << 0x11),
  [DISCONNECT]: (1 << 0x00),
  [AUTH]: (1 << 0x00) | (1 << 0x18),
});

const HIGH: Readonly<Record<number, number>> = Object.freeze({
  [CONNACK]: ENDED | (1 << 0x84) | (1 << 0x85) | (1 << 0x86) | (1 << 0x88) | (1 << 0x8a) | (1 << 0x8c),
  [PUBACK]: ACKNOWLEDGED,
  [PUBREC]: ACKNOWLEDGED,
  [PUBREL]: NOT_FOUND,
  [PUBCOMP]: NOT_FOUND,
  [SUBACK]: GRANTED | (1 << 0x97) | (1 << 0x9e),
  [UNSUBACK]: GRANTED,
  [DISCONNECT]: ENDED | (1 << 0x8b) | (1 << 0x8c) | (1 << 0x8d) | (1 << 0x8e) | (1 << 0x8f) | (1 << 0x93) | (1 << 0x94) | (1 << 0x96) | (1 << 0x98) | (1 << 0x9e),
});

const TOP: Readonly<Record<number, number>> = Object.freeze({
  [SUBACK]: (1 << 0xa1) | (1 << 0xa2),
  [DISCONNECT]: (1 << 0xa0) | (1 << 0xa1) | (1 << 0xa2),
});

/** Whether a server may send `code` in packets of this type. Allocates nothing. */
export function isFromServer(type: number, code: number): boolean {
  const set = code < 0x20 ? LOW : code < 0x80 || code > 0xbf ? undefined : code < 0xa0 ? HIGH : TOP;
  return set !== undefined && (((set[type] ?? 0) >> (code & 0x1f)) & 1) === 1;
}

/** Whether the application may refuse a QoS 1 or 2 message with `code` (3.4.2.1, 3.5.2.1). */
export function isRefusal(code: number): boolean {
  return code >= 0x80 && code < 0xa0 && isFromServer(PUBACK, code);
}

const FROM_CLIENT =
  (1 << 0x80) | (1 << 0x81) | (1 << 0x82) | (1 << 0x83) | (1 << 0x90) | (1 << 0x93) | (1 << 0x94) | (1 << 0x95) | (1 << 0x96) | (1 << 0x97) | (1 << 0x98) | (1 << 0x99);

/** Whether a client may send `code` in a DISCONNECT (3.14.2.1). */
export function isFarewell(code: number): boolean {
  return code === 0x00 || code === 0x04 || (code >= 0x80 && code < 0xa0 && ((FROM_CLIENT >> (code & 0x1f)) & 1) === 1);
}
