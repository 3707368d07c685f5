import { ACKNOWLEDGEMENT_SIZE, writeAcknowledgement } from "../wire/frame.js";
import { DUP, PUBREL_FIRST_BYTE } from "../wire/packet-type.js";
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
  source: Uint8Array | PayloadSource | undefined = undefined;

  constructor(size: number) {
    this.packet = resizableBytes(size);
  }
}

/**
 * The QoS 1 and 2 messages that are not delivered yet, in fixed slots: a queue in the order in which they must be
 * sent, those already sent on this connection first, free slots behind it. Nothing but the constructor allocates.
 *
 * Order (MQTT 3.1.1, 4.6): a PUBLISH keeps its place until it is acknowledged; with its PUBREC a message moves to the
 * end of the queue, so that PUBRELs go out in the order of the PUBRECs, now and after any reconnect.
 */
export class Outbox {
  /** How many messages are not delivered yet. */
  count = 0;
  /** How many of them have been sent on this connection. */
  sent = 0;
  /** The queue, then the free slots. */
  readonly slots: OutgoingMessage[] = [];

  /**
   * @param size how many messages there is room for, 1 or more.
   * @param packetSize bytes of the largest packet.
   */
  constructor(size: number, packetSize: number) {
    while (this.slots.push(new OutgoingMessage(packetSize)) < size);
  }

  /** The slot that the next `add` takes, to write the packet into; undefined when all are in use. */
  get free(): OutgoingMessage | undefined {
    return this.slots[this.count];
  }

  /** The first message of the queue that has not been sent on this connection. */
  get unsent(): OutgoingMessage | undefined {
    return this.sent < this.count ? this.slots[this.sent] : undefined;
  }

  /** Whether a message not delivered yet has this packet identifier. */
  has(identifier: number): boolean {
    let at = 0;
    while (at < this.count && this.slots[at].identifier !== identifier) at++;
    return at < this.count;
  }

  /** Puts the free slot, whose packet has been written up to `length`, at the end of the queue. */
  add(message: OutgoingMessage, identifier: number, exactlyOnce: boolean, length: number): void {
    message.identifier = identifier;
    message.state = exactlyOnce ? AWAITING_PUBREC : AWAITING_PUBACK;
    message.length = length;
    this.count++;
  }

  /**
   * Takes an acknowledgement; one that no message sent on this connection waits for changes nothing.
   * @returns the state that the message is in now, or `NOT_AWAITED`.
   */
  acknowledge(type: number, identifier: number): number {
    let at = 0; // searched for as in `has`: on the way of every acknowledgement a call would cost as much as the search
    while (at < this.sent && this.slots[at].identifier !== identifier) at++;
    if (at === this.sent) return NOT_AWAITED;
    const message = this.slots[at];
    const state = afterAcknowledgement(message.state, type);
    if (state !== NOT_AWAITED) this.remove(at);
    if (state === AWAITING_PUBCOMP) this.release(message);
    return state;
  }

  /** The same session goes on over another connection: all is sent again, PUBLISH packets marked as repeated (4.4). */
  resume(): void {
    while (this.sent > 0) this.mark(this.slots[--this.sent], DUP);
  }

  /**
   * The server has lost the session: what it had not taken over yet is sent anew.
   * @returns the identifier of a message that it had taken over, which is done now; 0 when there is none left.
   */
  restart(): number {
    for (let at = 0; at < this.count; at++) {
      const message = this.slots[at];
      if (message.state === AWAITING_PUBCOMP) {
        this.remove(at);
        return message.identifier;
      }
      this.mark(message, 0);
    }
    return 0;
  }

  private mark(message: OutgoingMessage, flag: number): void {
    if (message.state !== AWAITING_PUBCOMP) message.packet[0] = (message.packet[0] & ~DUP) | flag;
  }

  /** Takes the message at this place out of the queue: its slot becomes the first free one. */
  remove(at: number): void {
    const slots = this.slots;
    const message = slots[at];
    message.source = undefined;
    if (at < this.sent) this.sent--;
    slots.copyWithin(at, at + 1, this.count--);
    slots[this.count] = message;
  }

  /** The server has the message just removed: it is back at the end, with PUBREL in the place of its PUBLISH. */
  protected release(message: OutgoingMessage): void {
    writeAcknowledgement(message.packet, 0, PUBREL_FIRST_BYTE, message.identifier);
    message.length = ACKNOWLEDGEMENT_SIZE;
    message.state = AWAITING_PUBCOMP;
    this.count++;
  }
}
