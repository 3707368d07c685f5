import { Client as PlainClient, readLength } from "../index.js";
import { AWAITING_PUBCOMP, NOT_AWAITED } from "../session/delivery.js";
import type { OutgoingMessage } from "../session/outbox.js";
import { CONNECTED, CONNECTING } from "../session/session.js";
import { ACKNOWLEDGEMENT_SIZE } from "../wire/frame.js";
import { PUBACK, PUBCOMP, PUBREC, PUBREL, PUBREL_FIRST_BYTE, QOS_2, RETAIN } from "../wire/packet-type.js";
import type { ClientOptions as PlainClientOptions } from "../client/options.js";
import type { Codec } from "./codec.js";
import { FAILED, PACKET_IDENTIFIER_NOT_FOUND, RECEIVE_MAXIMUM_EXCEEDED, violation } from "./errors.js";
import type { ReceivedMessage } from "./message.js";
import type { ClientOptions } from "./options.js";
import type { PayloadSource } from "../session/payload-source.js";
import type { QoS } from "../wire/quality-of-service.js";
import type { Topic } from "../wire/topic.js";
import type { Properties } from "./properties.js";
import { putReleasesFirst } from "./releases-first.js";
import type { SubscriptionEntry } from "./subscription-entry.js";

/** Bytes that a topic alias adds at most: the property, and a longer length of the properties and of the packet. */
const ALIAS_MARGIN = 5;

/** A message in its slot, with what it was made of. */
interface StoredMessage extends OutgoingMessage {
  topic?: Topic | undefined;
  properties?: Properties | undefined;
}

/**
 * How messages are delivered, in both directions, as far as 5.0 differs: reason codes, flow control (4.9), topic aliases,
 * and routing by subscription identifiers.
 */
export abstract class Delivery extends PlainClient<Properties> {
  protected declare readonly codec: Codec;
  protected declare message: ReceivedMessage;
  // The `#` keeps credentials out of what debuggers and consoles print of a client.
  readonly #options: ClientOptions;
  /** The reason code that goes with the acknowledgement owed. */
  private owedReason = 0;

  constructor(options: ClientOptions, codec: Codec) {
    // The engine gives the callbacks, whose parameters are more in 5.0, what the codec has received.
    super(options as object as PlainClientOptions, codec);
    this.#options = options;
    this.message = codec.attach(this.input);
    this.outbox.slots.forEach((slot) => Object.assign(slot, { topic: undefined, properties: undefined }));
  }

  /** The options. A getter, not a field, for the sake of what the `#` is for. */
  protected get given(): ClientOptions {
    return this.#options;
  }

  // ---- out -------------------------------------------------------------------------------------------------------

  /** PUBREL goes ahead of PUBLISH packets that wait, and these only as far as the server's Receive Maximum allows (4.9). */
  protected override refill(): boolean {
    const outbox = this.outbox;
    if (this.state === CONNECTED && !this.source && outbox.sent < outbox.count) {
      putReleasesFirst(outbox);
      if (outbox.unsent?.state !== AWAITING_PUBCOMP && outbox.sent >= this.codec.server.receiveMaximum) {
        this.outputLength = this.subscriptions.write(this.codec, this.output);
        return this.more = this.outputLength > 0;
      }
    }
    return super.refill();
  }

  protected override store(
    topic: Topic,
    payload: Uint8Array | PayloadSource,
    qos: QoS,
    retain: boolean,
    properties: Properties | undefined,
  ): number {
    const slot = this.outbox.free as StoredMessage | undefined;
    if (slot && !this.reading) {
      slot.topic = topic;
      slot.properties = properties;
    }
    return super.store(topic, payload, qos, retain, properties);
  }

  /** The slot keeps the topic for when the message must be sent again; what goes out now has its alias instead. */
  protected override sendStored(message: StoredMessage): boolean {
    const codec = this.codec;
    const packet = message.packet;
    const length = message.length;
    const topic = message.topic;
    const room = Math.min(packet.length, codec.server.maximumPacketSize) - ALIAS_MARGIN;
    const isWhole = message.state !== AWAITING_PUBCOMP && !message.source && length <= room;
    const alias = topic && isWhole ? codec.aliasOf(topic) : 0;
    if (!topic || alias === 0) return super.sendStored(message);
    const wasKnown = codec.aliases[alias] === topic;
    const size = packet.length;
    const payloadLength = length - headLength(packet);
    packet.copyWithin(size - payloadLength, length - payloadLength, length); // out of the way
    const start = this.writeHead(message, topic, payloadLength, alias);
    packet.copyWithin(start, size - payloadLength, size);
    const isSent = this.stream.write(packet, start + payloadLength);
    packet.copyWithin(size - payloadLength, start, start + payloadLength);
    this.writeHead(message, topic, payloadLength, -1);
    packet.copyWithin(length - payloadLength, size - payloadLength, size);
    if (isSent) {
      this.silence = 0;
      this.outbox.sent++;
    } else if (!wasKnown) codec.aliases[alias] = undefined; // what was to tell it has not gone out
    return isSent;
  }

  private writeHead(message: StoredMessage, topic: Topic, payloadLength: number, alias: number): number {
    const packet = message.packet;
    return this.codec.publish(packet, 0, topic, packet[0] & 0x0f, message.identifier, payloadLength, message.properties, alias);
  }

  /** Settles what was stored before it was known that this server does not take it, as its refusal would. */
  protected settleRefused(at: number): void {
    const outbox = this.outbox;
    while (at < outbox.count) {
      const { packet, identifier, state } = outbox.slots[at];
      const length = readLength(packet, 1, packet.length) >>> 3;
      const reasonCode = state === AWAITING_PUBCOMP ? 0 : this.codec.refusalOf(packet[0], length);
      if (reasonCode > 0) {
        outbox.remove(at);
        try {
          this.#options.onDelivered?.(identifier, reasonCode, this.codec.received);
        } finally {
          this.settleRefused(at); // the others, even if it threw
        }
        return;
      }
      at++;
    }
  }

  // ---- in --------------------------------------------------------------------------------------------------------

  protected override take(type: number, start: number, end: number): void {
    const input = this.input;
    const identifier = (input[start] << 8) | input[start + 1];
    if (this.state === CONNECTING) this.takeFirst(type, start, end);
    else if (type < PUBACK || type > PUBCOMP) this.takeOther(type, identifier, start + 2, end);
    else if (end - start === 2) {
      this.codec.received.clear();
      this.settle(type, identifier, 0);
    } else {
      const reasonCode = input[start + 2];
      const error = this.codec.checkReason(type, reasonCode, start + 3, end);
      if (error) this.fail(error);
      else this.settle(type, identifier, reasonCode);
    }
  }

  /** Takes an acknowledgement, once it is known what it says. */
  private settle(type: number, identifier: number, reasonCode: number): void {
    const outbox = this.outbox;
    const state = outbox.acknowledge(type, identifier);
    if (state === AWAITING_PUBCOMP && reasonCode < FAILED) this.sendMore();
    else if (state !== NOT_AWAITED) {
      if (state === AWAITING_PUBCOMP) outbox.remove(outbox.count - 1); // a failed PUBREC ends the exchange (4.3.3): no PUBREL
      this.more ||= outbox.sent < outbox.count; // there is one more that may be sent
      // A PUBREL that was sent again may find nothing to release: with its PUBREC the server had taken the message over.
      this.#options.onDelivered?.(identifier, type === PUBCOMP ? 0 : reasonCode, this.codec.received);
    } else if (identifier === 0) this.fail(violation("identifier 0"));
    else if (type === PUBREL) {
      this.oweReason(PUBCOMP << 4, identifier, this.inbox.has(identifier) ? 0 : PACKET_IDENTIFIER_NOT_FOUND);
      this.inbox.delete(identifier);
    } else if (type === PUBREC && reasonCode < FAILED && !outbox.has(identifier))
      this.oweReason(PUBREL_FIRST_BYTE, identifier, PACKET_IDENTIFIER_NOT_FOUND);
  }

  protected override takePublish(): void {
    const message = this.message;
    if (message.flags > RETAIN && message.offset === 0 && this.inbox.full && !this.isRepeated(message))
      this.fail(violation("more messages under way than receiveMaximum", RECEIVE_MAXIMUM_EXCEEDED));
    else super.takePublish();
  }

  private isRepeated({ flags, identifier }: ReceivedMessage): boolean {
    return (flags & QOS_2) > 0 && this.inbox.has(identifier);
  }

  /** Calls the handler of every subscription that the message came for, in the order they were made, or `onMessage`. */
  protected override deliver(): void {
    const message = this.message;
    const entries = this.subscriptions.entries as readonly SubscriptionEntry[];
    let handled = false;
    for (let at = 0; at < entries.length; at++) {
      const entry = entries[at];
      if (!entry.handler || !isFor(entry, message)) continue;
      handled = true;
      entry.handler(message);
    }
    if (!handled) this.#options.onMessage?.(message);
  }

  protected override handOver(acknowledgement: number, identifier: number, last: boolean): void {
    const isExactlyOnce = acknowledgement === PUBREC;
    if (last && isExactlyOnce) this.inbox.add(identifier);
    try {
      this.deliver();
    } finally {
      if (last) {
        const reasonCode = this.message.code;
        if (isExactlyOnce && reasonCode >= FAILED) this.inbox.delete(identifier);
        this.oweReason(acknowledgement << 4, identifier, reasonCode);
      }
    }
  }

  private oweReason(first: number, identifier: number, reasonCode: number): void {
    this.owedReason = reasonCode;
    this.owe(first, identifier);
  }

  protected override end(state: number): void {
    this.owedReason = 0;
    super.end(state);
  }

  protected override acknowledge(): boolean {
    const reasonCode = this.owedReason;
    if (reasonCode === 0) return super.acknowledge();
    if (this.outputLength + ACKNOWLEDGEMENT_SIZE >= this.output.length && !this.flush()) return false;
    if (!super.acknowledge()) return false;
    const output = this.output;
    output[this.outputLength - ACKNOWLEDGEMENT_SIZE + 1] = ACKNOWLEDGEMENT_SIZE - 1;
    output[this.outputLength++] = reasonCode;
    this.owedReason = 0;
    return true;
  }
}

/** Where the payload of a QoS 1 or 2 message begins. */
function headLength(packet: Uint8Array): number {
  const start = 1 + (readLength(packet, 1, packet.length) & 7);
  const list = start + 2 + ((packet[start] << 8) | packet[start + 1]) + 2;
  const header = readLength(packet, list, packet.length);
  return list + (header & 7) + (header >>> 3);
}

function isFor({ identifier, topics }: SubscriptionEntry, message: ReceivedMessage): boolean {
  const { properties } = message;
  if (identifier > 0 && properties.hasSubscriptionIdentifier) return properties.isFor(identifier);
  return topics.matches(message.topicBytes, message.topicView, message.topicStart, message.topicEnd);
}
