// Written from RFC 6455 alone and with nothing from src, so that a mistake there is not repeated here.

export const CONTINUATION = 0;
export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

/** A frame that a client has sent, its mask taken off. */
export interface ClientFrame {
  readonly opcode: number;
  readonly payload: Buffer;
  /** The four bytes of its mask. */
  readonly key: Buffer;
}

const FINAL = 0x80;
const MASKED = 0x80;

/** A frame of a server, in as few bytes as it takes (5.2). */
export function frame(opcode: number, payload: Uint8Array | string = "", isFinal = true): Buffer {
  const bytes = Buffer.from(payload);
  return Buffer.concat([Buffer.of((isFinal ? FINAL : 0) | opcode, ...lengthOf(bytes.length)), bytes]);
}

function lengthOf(length: number): number[] {
  if (length < 126) return [length];
  if (length < 0x10000) return [126, length >> 8, length & 0xff];
  return [127, 0, 0, 0, 0, length >>> 24, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff];
}

/** A close frame with a code and a reason (5.5.1). */
export function closeFrame(code: number, reason = ""): Buffer {
  return frame(CLOSE, Buffer.concat([Buffer.of(code >> 8, code & 0xff), Buffer.from(reason)]));
}

/** Takes the frames of a client apart, whatever the pieces they come in. Throws for what a client may not send. */
export class ClientFrames {
  #bytes: Buffer = Buffer.alloc(0);

  /** Adds what has come in, and gives the frames that are whole. */
  take(bytes: Uint8Array): ClientFrame[] {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    const frames: ClientFrame[] = [];
    for (let next = this.#next(); next; next = this.#next()) frames.push(next);
    return frames;
  }

  /** How many bytes wait for the rest of their frame. */
  get left(): number {
    return this.#bytes.length;
  }

  #next(): ClientFrame | undefined {
    const bytes = this.#bytes;
    const start = maskOf(bytes);
    const end = start + 4 + payloadLength(bytes);
    if (bytes.length < start || bytes.length < end) return undefined;
    check(bytes, start);
    this.#bytes = bytes.subarray(end);
    const key = bytes.subarray(start, start + 4);
    const payload = Buffer.from(bytes.subarray(start + 4, end).map((byte, at) => byte ^ key[at % 4]));
    return { opcode: bytes[0] & 15, payload, key };
  }
}

/** All frames in `bytes`; throws when the last one is cut off. */
export function clientFrames(bytes: Uint8Array): ClientFrame[] {
  const frames = new ClientFrames();
  const all = frames.take(bytes);
  if (frames.left > 0) throw new Error(`${frames.left} bytes of a frame that is cut off`);
  return all;
}

/** Where the mask begins; beyond the end while that is not known. */
function maskOf(bytes: Buffer): number {
  if (bytes.length < 2) return Infinity;
  const code = bytes[1] & 0x7f;
  return code === 127 ? 10 : code === 126 ? 4 : 2;
}

function payloadLength(bytes: Buffer): number {
  const start = maskOf(bytes);
  if (bytes.length < start) return Infinity;
  if (start === 2) return bytes[1] & 0x7f;
  return start === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
}

/** What a client of MQTT over WebSocket sends: masked (5.3), binary (MQTT-6.0.0-1), whole, with the shortest length. */
function check(bytes: Buffer, start: number): void {
  const [first, second] = bytes;
  const length = payloadLength(bytes);
  const isControl = (first & 8) !== 0;
  if ((first & 0x70) !== 0) throw new Error("reserved bits are set");
  if ((first & FINAL) === 0) throw new Error("not final");
  if ((second & MASKED) === 0) throw new Error("not masked");
  if (![BINARY, CLOSE, PING, PONG].includes(first & 15)) throw new Error(`opcode ${first & 15}`);
  if (start !== (length < 126 ? 2 : length < 0x10000 ? 4 : 10)) throw new Error("a length in more bytes than it takes");
  if (isControl && length > 125) throw new Error("a control frame that is too long");
}
