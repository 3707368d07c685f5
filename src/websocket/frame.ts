// The frames of RFC 6455, 5.2.

export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

const CONTINUATION = 0;
const TEXT = 1;
export const FINAL = 0x80;
const RESERVED = 0x70;
const OPCODE = 0x0f;
export const MASKED = 0x80;
const LENGTH = 0x7f;
/** In the place of a length: it follows, in two bytes or in eight. */
export const TWO_BYTES = 126;
const EIGHT_BYTES = 127;
/** The most bytes of payload in a control frame. */
export const CONTROL_LIMIT = 125;

/** Bytes of the longest header that a server sends. */
export const HEADER_LIMIT = 10;

/** How many bytes the header has that begins with these. @param length how many of them there are. */
export function headerSize(header: Uint8Array, length: number): number {
  if (length < 2) return 2;
  const code = header[1] & LENGTH;
  return code === TWO_BYTES ? 4 : code === EIGHT_BYTES ? HEADER_LIMIT : 2;
}

/** How many bytes of payload follow a header. */
export function payloadSize(header: Uint8Array, size: number): number {
  if (size === 2) return header[1] & LENGTH;
  let length = 0;
  for (let at = 2; at < size; at++) length = length * 256 + header[at];
  return length;
}

/** The opcode in a header. */
export function opcodeOf(header: Uint8Array): number {
  return header[0] & OPCODE;
}

/** Whether a frame is for the connection itself, rather than a part of a message. */
export function isControl(opcode: number): boolean {
  return opcode >= CLOSE;
}

/**
 * What is wrong with the header of a server's frame, if anything. MQTT 3.1.1, 6 allows binary frames only.
 * @param size bytes of the header. @param isHalfway whether it comes in the midst of a message.
 */
export function frameFault(header: Uint8Array, size: number, isHalfway: boolean): string | undefined {
  const opcode = opcodeOf(header);
  if (header[0] & RESERVED) return "reserved bits are set";
  if (header[1] & MASKED) return "a server's frame is masked";
  if (opcode === TEXT) return "a text frame, where MQTT has binary ones";
  if (opcode > PONG || (opcode > BINARY && opcode < CLOSE)) return `opcode ${opcode}`;
  if (payloadSize(header, size) > Number.MAX_SAFE_INTEGER) return "an impossible length";
  if (isControl(opcode)) {
    if ((header[0] & FINAL) === 0) return "a control frame in parts";
    return (header[1] & LENGTH) > CONTROL_LIMIT ? "a control frame of more than 125 bytes" : undefined;
  }
  if ((opcode === CONTINUATION) === isHalfway) return undefined;
  return isHalfway ? "a message within a message" : "a part of no message";
}
