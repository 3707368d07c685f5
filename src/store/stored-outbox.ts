import { MqttError, Outbox } from "../index.js";
import type { OutgoingMessage } from "../session/outbox.js";
import { AWAITING_PUBCOMP } from "../session/delivery.js";
import { ACKNOWLEDGEMENT_SIZE } from "../wire/frame.js";
import { PUBREC, PUBREL_FIRST_BYTE, QOS_2 } from "../wire/packet-type.js";
import { kindOf, ORIGIN_SHIFT } from "./keys.js";
import type { StoredSession } from "./stored-session.js";

/** Bytes of room that a new message leaves to acknowledgements. */
const RESERVE = 64;
const IDENTIFIER = 0xffff;

/** A message in its slot, with the key of its record. */
interface StoredMessage extends OutgoingMessage {
  key?: number;
}

/**
 * An outbox whose messages are stored before they are sent, and erased when they are acknowledged. The record of a QoS 2
 * message becomes that of its PUBREL with the PUBREC, in one step.
 */
export class StoredOutbox extends Outbox {
  /** Inside of what leads from PUBLISH to PUBREL, where the record is replaced rather than erased. */
  private isReleasing = false;

  constructor(
    size: number,
    private readonly packetSize: number,
    private readonly session: StoredSession,
  ) {
    super(size, packetSize);
    this.slots.forEach((slot) => Object.assign(slot, { key: 0 }));
    const { store } = session;
    for (let index = 0; index < store.count; ) {
      const key = store.keyAt(index);
      if (kindOf(key) !== 0 || this.load(key)) index++;
    }
    this.sent = this.count; // by an earlier connection, as far as can be known: the next one marks them as repeated
  }

  /** Takes a record into a slot. Returns false when it had to be dropped. */
  private load(key: number): boolean {
    const { store } = this.session;
    const slot = this.slots[this.count] as StoredMessage;
    const length = store.read(key, slot.packet);
    if (length < ACKNOWLEDGEMENT_SIZE) {
      this.session.failed("a stored message does not fit packetSize: dropped");
      store.erase(key);
      return false;
    }
    const first = slot.packet[0];
    slot.key = key;
    super.add(slot, key & IDENTIFIER, (first & QOS_2) > 0, length);
    if (first === PUBREL_FIRST_BYTE) slot.state = AWAITING_PUBCOMP;
    return true;
  }

  /** Whether a message that was the queued one of this number is under way. */
  hasOrigin(origin: number): boolean {
    let at = 0;
    while (at < this.count && ((this.slots[at] as StoredMessage).key ?? 0) >> ORIGIN_SHIFT !== origin) at++;
    return at < this.count;
  }

  override get free(): OutgoingMessage | undefined {
    return this.session.store.hasRoom(this.packetSize + RESERVE) ? super.free : undefined;
  }

  override add(message: StoredMessage, identifier: number, exactlyOnce: boolean, length: number): void {
    const session = this.session;
    if (message.source) throw notWhole();
    const key = (session.origin << ORIGIN_SHIFT) | identifier;
    if (!session.keepIdentifier(identifier) || !session.store.put(key, message.packet, length)) throw notStored();
    message.key = key;
    super.add(message, identifier, exactlyOnce, length);
  }

  override acknowledge(type: number, identifier: number): number {
    this.isReleasing = type === PUBREC;
    const state = super.acknowledge(type, identifier);
    this.isReleasing = false;
    return state;
  }

  override remove(at: number): void {
    const message = this.slots[at] as StoredMessage;
    super.remove(at);
    if (!this.isReleasing) this.session.store.erase(message.key ?? 0);
  }

  protected override release(message: StoredMessage): void {
    super.release(message);
    if (!this.session.store.put(message.key ?? 0, message.packet, ACKNOWLEDGEMENT_SIZE)) this.session.notKept();
  }
}

function notWhole(): MqttError {
  const what = "with a stored session, a message of QoS 1 or 2 must fit packetSize whole, and be ready at once";
  return new MqttError("ERR_PACKET_SIZE", what, "caller");
}

function notStored(): MqttError {
  return new MqttError("ERR_STORE", "the message could not be stored, so it was not sent", "resources");
}
