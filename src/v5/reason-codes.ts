import { AUTH, CONNACK, DISCONNECT, PUBACK, PUBCOMP, PUBREC, PUBREL, SUBACK, UNSUBACK } from "../wire/packet-type.js";

// The table of reason codes (2.4): each with the packets that it may stand in, one bit for each packet type. Where DISCONNECT
// is meant, it is a server's; a client's has a bit of its own. 0x00 is not in it: all of these packets may have it.

/** A DISCONNECT from a client. */
export const FAREWELL = 0;

const IN_FAREWELL = 1 << FAREWELL;
const IN_CONNACK = 1 << CONNACK;
const IN_DISCONNECT = 1 << DISCONNECT;
const IN_PUBLISH_ANSWERS = (1 << PUBACK) | (1 << PUBREC);
const IN_RELEASES = (1 << PUBREL) | (1 << PUBCOMP);
const IN_SUBACK = 1 << SUBACK;
const IN_UNSUBACK = 1 << UNSUBACK;
const IN_ANSWERS = IN_PUBLISH_ANSWERS | IN_SUBACK | IN_UNSUBACK;
const IN_ENDS = IN_CONNACK | IN_DISCONNECT;
const IN_BOTH_DISCONNECTS = IN_DISCONNECT | IN_FAREWELL;

const PACKETS: Readonly<Partial<Record<number, number>>> = Object.freeze({
  0x01: IN_SUBACK,
  0x02: IN_SUBACK,
  0x04: IN_FAREWELL,
  0x10: IN_PUBLISH_ANSWERS,
  0x11: IN_UNSUBACK,
  0x18: 1 << AUTH,
  0x80: IN_ENDS | IN_FAREWELL | IN_ANSWERS,
  0x81: IN_ENDS | IN_FAREWELL,
  0x82: IN_ENDS | IN_FAREWELL,
  0x83: IN_ENDS | IN_FAREWELL | IN_ANSWERS,
  0x84: IN_CONNACK,
  0x85: IN_CONNACK,
  0x86: IN_CONNACK,
  0x87: IN_ENDS | IN_ANSWERS,
  0x88: IN_CONNACK,
  0x89: IN_ENDS,
  0x8a: IN_CONNACK,
  0x8b: IN_DISCONNECT,
  0x8c: IN_ENDS,
  0x8d: IN_DISCONNECT,
  0x8e: IN_DISCONNECT,
  0x8f: IN_DISCONNECT | IN_SUBACK | IN_UNSUBACK,
  0x90: IN_ENDS | IN_FAREWELL | IN_PUBLISH_ANSWERS,
  0x91: IN_ANSWERS,
  0x92: IN_RELEASES,
  0x93: IN_BOTH_DISCONNECTS,
  0x94: IN_BOTH_DISCONNECTS,
  0x95: IN_ENDS | IN_FAREWELL,
  0x96: IN_BOTH_DISCONNECTS,
  0x97: IN_ENDS | IN_FAREWELL | IN_PUBLISH_ANSWERS | IN_SUBACK,
  0x98: IN_BOTH_DISCONNECTS,
  0x99: IN_ENDS | IN_FAREWELL | IN_PUBLISH_ANSWERS,
  0x9a: IN_ENDS,
  0x9b: IN_ENDS,
  0x9c: IN_ENDS,
  0x9d: IN_ENDS,
  0x9e: IN_DISCONNECT | IN_SUBACK,
  0x9f: IN_ENDS,
  0xa0: IN_DISCONNECT,
  0xa1: IN_DISCONNECT | IN_SUBACK,
  0xa2: IN_DISCONNECT | IN_SUBACK,
});

/** Whether a server may send `code` in packets of this type or, with `FAREWELL`, a client in DISCONNECT. Allocates nothing. */
export function mayStandIn(type: number, code: number): boolean {
  return code === 0 || (((PACKETS[code] ?? 0) >> type) & 1) > 0;
}
