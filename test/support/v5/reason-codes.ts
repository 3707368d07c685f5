// The Reason Codes that a client may send, in each packet that has one.

/** Tables 3-4 and 3-5, for PUBACK and PUBREC. 0x10 "is sent only by the Server". */
const PUBLISH_RECEIVED = [0x00, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];

/** Tables 3-6 and 3-7, for PUBREL and PUBCOMP. */
const PUBLISH_RELEASED = [0x00, 0x92];

/** By the name of the packet. */
export const CLIENT_REASON_CODES = {
  PUBACK: PUBLISH_RECEIVED,
  PUBREC: PUBLISH_RECEIVED,
  PUBREL: PUBLISH_RELEASED,
  PUBCOMP: PUBLISH_RELEASED,
  /** Table 3-10. */
  DISCONNECT: [0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99],
  /** Table 3-11. */
  AUTH: [0x18, 0x19],
} as const satisfies Record<string, readonly number[]>;

/** Throws a plain `Error` when a client may not send `reasonCode` in this packet. */
export function checkClientReasonCode(type: keyof typeof CLIENT_REASON_CODES, reasonCode: number): void {
  const codes: readonly number[] = CLIENT_REASON_CODES[type];
  if (!codes.includes(reasonCode)) throw new Error(`a client may not send ${type} with reason code 0x${reasonCode.toString(16)}`);
}
