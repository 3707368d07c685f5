import { AUTH, CONNACK, DISCONNECT, PUBACK, PUBCOMP, PUBREC, PUBREL, SUBACK, UNSUBACK } from "../wire/packet-type.js";

// The reason codes of each packet type (2.4), two hexadecimal digits each.

const ACKNOWLEDGED = "00 10 80 83 87 90 91 97 99";
const RELEASED = "00 92";

const FROM_SERVER: Readonly<Partial<Record<number, string>>> = Object.freeze({
  [CONNACK]: "00 80 81 82 83 84 85 86 87 88 89 8a 8c 90 95 97 99 9a 9b 9c 9d 9f",
  [PUBACK]: ACKNOWLEDGED,
  [PUBREC]: ACKNOWLEDGED,
  [PUBREL]: RELEASED,
  [PUBCOMP]: RELEASED,
  [SUBACK]: "00 01 02 80 83 87 8f 91 97 9e a1 a2",
  [UNSUBACK]: "00 11 80 83 87 8f 91",
  [DISCONNECT]: "00 80 81 82 83 87 89 8b 8c 8d 8e 8f 90 93 94 95 96 97 98 99 9a 9b 9c 9d 9e 9f a0 a1 a2",
  [AUTH]: "00 18",
});

/** What a client may say in a DISCONNECT (3.14.2.1). */
export const FAREWELLS = "00 04 80 81 82 83 90 93 94 95 96 97 98 99";

/** What an application may refuse a QoS 1 or 2 message with (3.4.2.1, 3.5.2.1). */
export const REFUSALS = ACKNOWLEDGED.slice(6);

/** Whether a server may send `code` in packets of this type. Allocates, but for success. */
export function isFromServer(type: number, code: number): boolean {
  // What every acknowledgement says, also that nobody subscribes to a topic, costs nothing.
  return code === 0 || (code === 0x10 && (type === PUBACK || type === PUBREC)) || isOneOf(FROM_SERVER[type], code);
}

/** Whether `codes`, in the form above, has this one. Allocates. */
export function isOneOf(codes: string | undefined, code: number): boolean {
  return codes !== undefined && codes.split(" ").some((it) => parseInt(it, 16) === code);
}
