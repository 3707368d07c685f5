import type { Codec, PacketProperties } from "../codec/codec.js";
import { malformed, type MqttError, violation } from "../errors.js";
import { readLength, TOO_LONG } from "../wire/frame.js";
import { PUBLISH } from "../wire/packet-type.js";
import type { ByteStream } from "./byte-stream.js";
import { ReceivedMessage } from "./message.js";
import { resizableBytes } from "./resizable-bytes.js";

/**
 * Cuts the received bytes into packets, in one fixed buffer, without allocating. However the stream is split on its
 * way, the packets and pieces are the same: a PUBLISH that fits the buffer comes whole, a larger one in pieces that
 * fill the buffer. Its head stays at the front of the buffer meanwhile, so the topic is there for every piece.
 */
export abstract class Receiver<Properties extends PacketProperties = never> {
  protected readonly codec: Codec<Properties>;
  protected readonly stream: ByteStream;
  /** Received bytes, from `inputStart` to `inputEnd`; there is always room for at least one more. */
  protected readonly input: Uint8Array;
  protected message: ReceivedMessage;
  private inputStart = 0;
  private inputEnd = 0;
  /** How much of a payload too large for the buffer is still to come after the piece at hand; -1 outside of one. */
  private left = -1;
  /** Inside `receive`, or it was left by an exception. */
  protected receiving = false;
  /** Whether `ready` must be asked before the next packet is taken. */
  protected halted = true;

  /** @param size bytes of the buffer. */
  constructor(codec: Codec<Properties>, stream: ByteStream, size: number) {
    this.codec = codec;
    this.stream = stream;
    this.input = resizableBytes(size);
    this.message = new ReceivedMessage(this.input);
  }

  /** Whether packets can be taken: the connection is up, and the one before has been answered. Clears `halted` if so. */
  protected abstract ready(): boolean;
  /** A packet other than PUBLISH is in `input`, from `start` to `end` after its fixed header. */
  protected abstract take(type: number, start: number, end: number): void;
  /** A PUBLISH, or a piece of one, is described by `message`. */
  protected abstract takePublish(): void;
  /** The server broke the protocol. */
  protected abstract fail(error: MqttError): void;

  /** Forgets all bytes: another stream begins. */
  protected resetInput(): void {
    this.inputStart = this.inputEnd = 0;
    this.left = -1;
  }

  /** Takes all that has come in, as far as it can be answered. An exception of a callback leaves the rest for the next call. */
  protected receive(): void {
    const input = this.input;
    const size = input.length;
    let mayHaveMore = true;
    this.receiving = true;
    while (!this.halted || this.ready()) {
      if (this.inputEnd > 0) {
        if (this.inputStart === this.inputEnd) this.inputStart = this.inputEnd = 0;
        else if (this.parse()) continue;
      }
      if (!mayHaveMore) break;
      const start = this.inputEnd;
      const end = start + this.stream.read(input, start, size);
      mayHaveMore = end === size;
      // An acknowledgement that comes by itself is what a publisher receives all the time: it goes the short way.
      if (start === 0 && input[1] === end - 2 && this.codec.lengths[input[0]] === end - 2) this.take(input[0] >> 4, 2, end);
      else this.inputEnd = end;
    }
    this.receiving = false;
  }

  /** Takes the next packet in the buffer, or piece of one. Returns false when it has not come in. */
  private parse(): boolean {
    if (this.left >= 0) return this.takePiece();
    const origin = this.inputStart;
    const first = this.input[origin];
    let start = origin + 2;
    let length = this.input[origin + 1];
    if (start > this.inputEnd || length > 0x7f) {
      // Not the usual case of a length of one byte.
      const header = readLength(this.input, origin + 1, this.inputEnd);
      start = origin + 1 + (header & 7);
      length = header > 0 ? header >>> 3 : -1;
      if (header === TOO_LONG) {
        this.fail(this.codec.check(first, -1) ?? malformed("a remaining length of over four bytes"));
        return true;
      }
    }
    if (this.codec.lengths[first] !== length) {
      const error = this.codec.check(first, length);
      if (error) {
        this.fail(error);
        return true;
      }
      if (length < 0) return this.compact();
    }
    const end = start + length;
    if (end > this.inputEnd) return this.takePart(first, start, end);
    this.inputStart = end;
    const type = first >> 4;
    if (type !== PUBLISH) this.take(type, start, end);
    else if (this.readHead(first, start, end, end)) this.takePublish();
    return true;
  }

  /** Reads a PUBLISH up to its payload. Returns false when it is wrong. */
  private readHead(first: number, start: number, end: number, received: number): boolean {
    const message = this.message;
    message.flags = first & 0x0f;
    const error = this.codec.readPublish(message, start, end, received);
    message.end = end;
    message.offset = 0;
    message.total = end - message.start;
    if (error) this.fail(error);
    return !error;
  }

  /** Moves what there is of a packet to the front, so that there is room for the rest. */
  private compact(): false {
    this.input.copyWithin(0, this.inputStart, this.inputEnd);
    this.inputEnd -= this.inputStart;
    this.inputStart = 0;
    return false;
  }

  /**
   * A packet has not come in whole. One that does not fit the buffer can only be a PUBLISH, and comes in pieces from when
   * the buffer is full. Returns false when there is nothing to take yet.
   */
  private takePart(first: number, start: number, end: number): boolean {
    const size = this.input.length;
    const origin = this.inputStart;
    this.compact();
    if (end - origin <= size) return false;
    if (first >> 4 !== PUBLISH) this.fail(violation("an answer larger than any request was"));
    else if (this.inputEnd < size) return false;
    else if (this.readHead(first, start - origin, end - origin, size - 1)) this.left = this.message.total; // ≥ 1 byte each
    return true;
  }

  /** Takes the next piece of a large payload, in the place of the one before. Returns false when it has not come in. */
  private takePiece(): boolean {
    const message = this.message;
    const start = message.start;
    const length = Math.min(this.left, this.input.length - start);
    if (this.inputEnd - start < length) return false;
    message.end = start + length;
    message.offset = message.total - this.left;
    this.left -= length;
    if (this.left > 0) this.inputEnd = start;
    else {
      this.left = -1;
      this.inputStart = message.end;
    }
    this.takePublish();
    return true;
  }
}
