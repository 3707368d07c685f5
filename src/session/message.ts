import type { PublishParts } from "../codec/codec.js";
import { DUP, QOS_MASK, QOS_SHIFT, RETAIN } from "../wire/packet-type.js";
import type { QoS } from "../wire/quality-of-service.js";
import { viewOf } from "../wire/topic.js";
import { decodeUtf8 } from "../wire/utf8.js";

/**
 * A message that came in, or one piece of it, during the call that it is given to; the same object serves every
 * message, so nothing of it may be kept but what the allocating members return.
 *
 * A message whose packet fits `packetSize` comes whole. A larger one comes as consecutive pieces, `offset` growing
 * from 0 until `offset + length === total`. Should the connection break in between, a message of QoS 1 or 2 begins
 * anew at offset 0 after the reconnect, and one of QoS 0 is never finished.
 */
export interface Message {
  /** The quality of service it was delivered with. */
  readonly qos: QoS;
  /** Whether the server kept it as the topic's retained message, from before the subscription (3.3.1.3). */
  readonly retain: boolean;
  /** Whether the server has sent this packet before (3.3.1.1). */
  readonly duplicate: boolean;
  /** The buffer that this piece of payload lies in, from index `start` up to `end`. Not to be written to. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** How many bytes this piece has: `end - start`. */
  readonly length: number;
  /** Where in the payload this piece begins. */
  readonly offset: number;
  /** How many bytes the whole payload has; may be 0. */
  readonly total: number;
  /** The topic name. Allocates the string, and a little on the way, at each use. */
  readonly topic: string;
  /** A copy of this piece, to keep. Allocates about 8 slots and `length` bytes, at each use. */
  readonly payload: Uint8Array;
  /** This piece as text; what is not valid UTF-8 becomes U+FFFD. Allocates the string. */
  text(): string;
}

/** The one `Message` of a session, which the codec and the session fill. */
export class ReceivedMessage implements Message, PublishParts {
  readonly bytes: Uint8Array;
  /** Of the same buffer, for `isTopicName` and `TopicFilter.matches`. */
  readonly view: DataView;
  flags = 0;
  identifier = 0;
  topicStart = 0;
  topicEnd = 0;
  start = 0;
  end = 0;
  offset = 0;
  total = 0;

  /** @param bytes the buffer that all packets are received in. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = viewOf(bytes);
  }

  get qos(): QoS {
    return ((this.flags >> QOS_SHIFT) & QOS_MASK) as QoS;
  }

  get retain(): boolean {
    return (this.flags & RETAIN) > 0;
  }

  get duplicate(): boolean {
    return (this.flags & DUP) > 0;
  }

  get length(): number {
    return this.end - this.start;
  }

  get topic(): string {
    return decodeUtf8(this.bytes, this.topicStart, this.topicEnd);
  }

  get payload(): Uint8Array {
    return this.bytes.slice(this.start, this.end);
  }

  text(): string {
    return decodeUtf8(this.bytes, this.start, this.end);
  }
}
