import type { Codec } from "../codec/codec.js";
import { malformed, Packet, violation } from "../codec/packet.js";
import { MqttError } from "../errors.js";
import { PUBLISH } from "../wire/packet-type.js";

/** What `Decoder.next` found. */
export const NEED_DATA = 0;
/** A packet, or a piece of a PUBLISH too large for the buffer, is described by `packet`. */
export const PACKET = 1;
/** The stream is broken for good; `error` says how. */
export const BROKEN = 2;

const MAXIMUM_LENGTH_SHIFT = 21; // of the fourth byte of a Remaining Length, the last one allowed (2.2.3)

/**
 * Cuts the received bytes into packets, in one fixed buffer, without allocating. However the stream is split on its
 * way, the packets and pieces are the same: a PUBLISH that fits the buffer comes whole, a larger one in pieces that
 * fill the buffer. Its head stays at the front of the buffer meanwhile, so the topic is there for every piece.
 */
export class Decoder {
  /** Received bytes; the next ones belong at `end`, and there is always room for at least one. */
  readonly bytes: Uint8Array;
  readonly packet = new Packet();
  /** Why `next` returned `BROKEN`. */
  error: MqttError | undefined;
  /** Where the received bytes end. */
  end = 0;
  /** Where the bytes that no packet has used yet begin. */
  #start = 0;
  /** How much of a payload too large for the buffer is still to come after the current piece; -1 outside of one. */
  #left = -1;
  readonly #codec: Codec;

  /** @param size bytes of the buffer. */
  constructor(size: number, codec: Codec) {
    this.bytes = new Uint8Array(size);
    this.#codec = codec;
  }

  /** Forgets all bytes: another stream begins. */
  reset(): void {
    this.#start = this.end = 0;
    this.#left = -1;
    this.error = undefined;
  }

  /** Finds the next packet or piece, which is to be used up before the next call. */
  next(): number {
    if (this.#left >= 0) return this.nextPiece();
    const bytes = this.bytes;
    const end = this.end;
    let at = this.#start;
    if (at === end) {
      this.#start = this.end = 0;
      return NEED_DATA;
    }
    const codec = this.#codec;
    const packet = this.packet;
    const first = bytes[at++];
    let error = codec.checkFirstByte(first);
    if (error) return this.broken(error);
    let length = 0;
    let shift = 0;
    let byte: number;
    do {
      if (at === end) return this.needData();
      byte = bytes[at++];
      length |= (byte & 0x7f) << shift;
      if (byte > 0x7f && shift === MAXIMUM_LENGTH_SHIFT) return this.broken(malformed("remaining length over 4 bytes"));
      shift += 7;
    } while (byte > 0x7f);
    const type = (packet.type = first >> 4);
    packet.flags = first & 0x0f;
    packet.start = at;
    packet.end = at + length;
    error = codec.checkLength(type, length);
    if (error) return this.broken(error);
    if (packet.end > end) return this.partial(at - this.#start + length);
    this.#start = packet.end;
    if (type !== PUBLISH) error = codec.read(packet, bytes);
    else {
      error = codec.readPublish(packet, bytes, end);
      packet.payloadEnd = packet.end;
      packet.payloadOffset = 0;
      packet.payloadTotal = packet.end - packet.payloadStart;
    }
    return error ? this.broken(error) : PACKET;
  }

  /** A packet of `size` bytes has not come in whole. */
  private partial(size: number): number {
    const capacity = this.bytes.length;
    if (size <= capacity) return this.needData();
    if (this.packet.type !== PUBLISH)
      return this.broken(violation(`packet of type ${this.packet.type} with ${size} bytes, which answers nothing sent`));
    if (this.needData() !== NEED_DATA || this.end < capacity) return NEED_DATA;
    return this.firstPiece(size);
  }

  /** The buffer is full, from its front, of a PUBLISH that is larger: its head must be in there. */
  private firstPiece(size: number): number {
    const packet = this.packet;
    const capacity = this.end;
    packet.start -= packet.end - size; // the packet was moved to the front, where it ends at `size`
    packet.end = size;
    const error = this.#codec.readPublish(packet, this.bytes, capacity);
    if (error) return this.broken(error);
    if (packet.payloadStart >= capacity)
      return this.broken(new MqttError("ERR_RECEIVE_SIZE", "a topic leaves no room for payload in packetSize"));
    packet.payloadTotal = size - packet.payloadStart;
    packet.payloadOffset = 0;
    packet.payloadEnd = capacity;
    this.#left = size - capacity;
    return PACKET;
  }

  /** The piece before has been used up; the next one comes in its place. */
  private nextPiece(): number {
    const packet = this.packet;
    const start = packet.payloadStart;
    if (packet.payloadEnd !== start) {
      packet.payloadOffset += packet.payloadEnd - start;
      this.#start = packet.payloadEnd;
      if (this.#left === 0) return this.endOfPieces();
      packet.payloadEnd = this.end = start;
    }
    const wanted = Math.min(start + this.#left, this.bytes.length);
    if (this.end < wanted) return NEED_DATA;
    packet.payloadEnd = wanted;
    this.#left -= wanted - start;
    return PACKET;
  }

  private endOfPieces(): number {
    this.#left = -1;
    return this.next();
  }

  /** Moves what there is of a packet to the front, so that there is room for the rest. */
  private needData(): number {
    const start = this.#start;
    if (start > 0) {
      this.bytes.copyWithin(0, start, this.end);
      this.end -= start;
      this.#start = 0;
    }
    return NEED_DATA;
  }

  private broken(error: MqttError): number {
    this.error = error;
    return BROKEN;
  }
}
