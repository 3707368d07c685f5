import { DUP, PUBREL, RESERVED_FLAGS } from "../wire/packet-type.js";
import { AWAITING_PUBACK, AWAITING_PUBCOMP, AWAITING_PUBREC, afterAcknowledgement, DONE, NOT_AWAITED } from "./delivery.js";
import type { PayloadSource } from "./payload-source.js";
import { resizableBytes } from "./resizable-bytes.js";

/** A QoS 1 or 2 message in its slot: the packet to send, or to send again, and what is awaited for it. */
export class OutgoingMessage {
  /** The PUBLISH, or its head where `source` has the payload; from the PUBREC on, the PUBREL. */
  readonly packet: Uint8Array;
  length = 0;
  identifier = 0;
  state = DONE;
  source: Uint8Array | PayloadSource | undefined;
  next: OutgoingMessage | undefined;

  constructor(size: number, next: OutgoingMessage | undefined) {
    this.packet = resizableBytes(size);
    this.next = next;
  }
}

/**
 * The QoS 1 and 2 messages that are not delivered yet, in fixed slots: a queue in the order in which they must be
 * sent, those already sent on this connection first. Nothing but the constructor allocates.
 *
 * Order (MQTT 3.1.1, 4.6): a PUBLISH keeps its place until it is acknowledged; with its PUBREC a message moves to the
 * end of the queue, so that PUBRELs go out in the order of the PUBRECs, now and after any reconnect.
 */
export class Outbox {
  /** How many messages are not delivered yet. */
  count = 0;
  /** The slot that the next `add` takes, to write the packet into; undefined when all are in use. */
  free: OutgoingMessage | undefined;
  /** The first message of the queue that has not been sent on this connection. */
  unsent: OutgoingMessage | undefined;
  private head: OutgoingMessage | undefined;
  private tail: OutgoingMessage | undefined;

  /**
   * @param slots how many messages there is room for.
   * @param size bytes of the largest packet.
   */
  constructor(slots: number, size: number) {
    while (slots-- > 0) this.free = new OutgoingMessage(size, this.free);
  }

  /** Whether a message not delivered yet has this packet identifier. */
  has(identifier: number): boolean {
    let message = this.head;
    while (message && message.identifier !== identifier) message = message.next;
    return message !== undefined;
  }

  /** Puts the free slot, whose packet has been written up to `length`, at the end of the queue. */
  add(message: OutgoingMessage, identifier: number, exactlyOnce: boolean, length: number): void {
    this.free = message.next;
    message.identifier = identifier;
    message.state = exactlyOnce ? AWAITING_PUBREC : AWAITING_PUBACK;
    message.length = length;
    this.count++;
    this.append(message);
  }

  /**
   * Takes an acknowledgement; one that no message sent on this connection waits for changes nothing.
   * @returns the state that the message is in now, or `NOT_AWAITED`.
   */
  acknowledge(type: number, identifier: number): number {
    const unsent = this.unsent;
    let previous: OutgoingMessage | undefined;
    let message = this.head;
    while (message !== unsent && message && message.identifier !== identifier) {
      previous = message;
      message = message.next;
    }
    if (!message || message === unsent) return NOT_AWAITED;
    const state = afterAcknowledgement(message.state, type);
    if (state === NOT_AWAITED) return state;
    this.unlink(message, previous);
    if (state === DONE) this.recycle(message);
    else this.release(message);
    return state;
  }

  /** The same session goes on over another connection: all is sent again, PUBLISH packets marked as repeated (4.4). */
  resume(): void {
    for (let message = this.head; message && message !== this.unsent; message = message.next) this.mark(message, DUP);
    this.unsent = this.head;
  }

  /**
   * The server has lost the session: what it had not taken over yet is sent anew.
   * @returns a message that it had taken over, which is done now; call again until there is none.
   */
  restart(): OutgoingMessage | undefined {
    let previous: OutgoingMessage | undefined;
    for (let message = this.head; message; message = message.next) {
      if (message.state === AWAITING_PUBCOMP) {
        this.unlink(message, previous);
        this.recycle(message);
        return message;
      }
      this.mark(message, 0);
      previous = message;
    }
    return undefined;
  }

  /** Drops the message that is being sent, whose source gave up. */
  drop(abandoned: OutgoingMessage): void {
    let previous: OutgoingMessage | undefined;
    for (let message = this.head; message && message !== abandoned; message = message.next) previous = message;
    this.unlink(abandoned, previous);
    this.recycle(abandoned);
  }

  private mark(message: OutgoingMessage, flag: number): void {
    if (message.state !== AWAITING_PUBCOMP) message.packet[0] = (message.packet[0] & ~DUP) | flag;
  }

  private append(message: OutgoingMessage): void {
    message.next = undefined;
    if (this.tail) this.tail.next = message;
    else this.head = message;
    this.tail = message;
    this.unsent ??= message;
  }

  private unlink(message: OutgoingMessage, previous: OutgoingMessage | undefined): void {
    const next = message.next;
    if (previous) previous.next = next;
    else this.head = next;
    if (this.tail === message) this.tail = previous;
    if (this.unsent === message) this.unsent = next;
  }

  private recycle(message: OutgoingMessage): void {
    message.source = undefined;
    message.next = this.free;
    this.free = message;
    this.count--;
  }

  /** The server has the message: PUBREL takes the place of its PUBLISH. */
  private release(message: OutgoingMessage): void {
    const { packet, identifier } = message;
    packet[0] = (PUBREL << 4) | RESERVED_FLAGS;
    packet[1] = 2;
    packet[2] = identifier >> 8;
    packet[3] = identifier;
    message.length = 4;
    message.state = AWAITING_PUBCOMP;
    message.source = undefined;
    this.append(message);
  }
}
