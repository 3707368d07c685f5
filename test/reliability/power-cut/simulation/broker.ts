import { ByteQueue } from "./byte-queue.js";
import {
  acknowledgement,
  connack,
  CONNECT,
  DISCONNECT,
  parsePublish,
  PINGREQ,
  pingresp,
  type Protocol,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  publish,
  PUBREC,
  PUBREL,
  suback,
  SUBSCRIBE,
} from "./packets.js";
import type { Message } from "./traffic.js";

/** Whom a broker tells what happens. */
export interface BrokerListener {
  /** It has taken a message over: once each with QoS 2, as far as it knows. */
  arrived(topic: string, qos: number, payload: Uint8Array): void;
  /** A message of its own was acknowledged to the end. */
  delivered(number: number): void;
  /** The client has broken a rule of the standard. */
  violated(rule: string): void;
}

/** A message on its way to the client; from its PUBREC on it is released. */
interface Inflight {
  readonly identifier: number;
  readonly message: Message;
  isReleased: boolean;
}

/** Messages under way to the client at the same time. */
const WINDOW = 3;
/** Few, so that identifiers are used again and again. */
const IDENTIFIERS = 5;

/** A broker of either version for one client, whose session it keeps as the standard says (4.1, 4.3, 4.4). */
export class Broker {
  // The connection.
  private readonly input = new ByteQueue();
  private readonly output = new ByteQueue();
  private isConnected = false;
  private readonly aliases = new Map<number, string>();
  // The session.
  private hasSession = false;
  private isSubscribed = false;
  /** Identifiers of QoS 2 messages taken over and not released. */
  private unreleased: number[] = [];
  private inflight: Inflight[] = [];
  private readonly queue: Message[] = [];
  private lastIdentifier = 0;

  constructor(
    private readonly protocol: Protocol,
    private readonly listener: BrokerListener,
  ) {}

  /** Whether nothing is under way in either direction. */
  get isIdle(): boolean {
    const isDone = this.inflight.length === 0 && this.queue.length === 0 && this.unreleased.length === 0;
    return this.isConnected && isDone && this.output.length === 0;
  }

  /** A connection begins. */
  opened(): void {
    this.closed();
    this.aliases.clear();
  }

  /** The connection is gone, and what has not left with it. */
  closed(): void {
    this.isConnected = false;
    this.input.drop();
    this.output.drop();
  }

  /** Sends a message to the client as soon as it is subscribed and connected. */
  publish(message: Message): void {
    this.queue.push(message);
    this.pump();
  }

  /** Bytes for the client, at most `count`. */
  take(count: number): Uint8Array {
    return this.output.take(count);
  }

  /** Bytes from the client. */
  receive(bytes: Uint8Array): void {
    this.input.push(bytes);
    const input = this.input.peek();
    while (this.input.length >= 2 && this.input.length >= 2 + input[1]) {
      const first = input[0];
      const body = input.slice(2, 2 + input[1]);
      this.input.drop(2 + body.length);
      this.takePacket(first, body);
    }
    this.pump();
  }

  private takePacket(first: number, body: Uint8Array): void {
    const type = first >> 4;
    const identifier = (body[0] << 8) | body[1];
    if (type === CONNECT) this.takeConnect(body);
    else if (!this.isConnected) this.listener.violated(`a packet of type ${type} before CONNECT`);
    else if (type === PUBLISH) this.takePublish(first, body);
    else if (type === PUBREL) this.takePubrel(identifier);
    else if (type === PUBACK || type === PUBREC || type === PUBCOMP) this.takeAcknowledgement(type, identifier);
    else if (type === SUBSCRIBE) {
      this.isSubscribed = true;
      this.output.push(suback(this.protocol, identifier));
    } else if (type === PINGREQ) this.output.push(pingresp());
    else if (type === DISCONNECT) this.isConnected = false;
    else this.listener.violated(`a packet of type ${type}`);
  }

  private takeConnect(body: Uint8Array): void {
    if (body[6] !== this.protocol) this.listener.violated(`CONNECT of version ${body[6]}`);
    if ((body[7] & 2) > 0) this.listener.violated("CONNECT that asks for a new session");
    this.isConnected = true;
    this.output.push(connack(this.protocol, this.hasSession));
    this.hasSession = true;
    for (const each of this.inflight) this.send(each, true);
  }

  private takePublish(first: number, body: Uint8Array): void {
    const { qos, dup, identifier, topic, alias, payload } = parsePublish(this.protocol, first, body);
    if (alias > 0 && topic !== "") this.aliases.set(alias, topic);
    const isRepeated = qos === 2 && this.unreleased.includes(identifier);
    if (isRepeated && !dup) this.listener.violated(`PUBLISH without DUP under identifier ${identifier}, which is in use`);
    if (qos === 2 && !isRepeated) this.unreleased.push(identifier);
    this.output.push(acknowledgement(qos === 2 ? PUBREC : PUBACK, identifier));
    if (!isRepeated) this.listener.arrived(topic || (this.aliases.get(alias) ?? ""), qos, payload);
  }

  private takePubrel(identifier: number): void {
    this.unreleased = this.unreleased.filter((each) => each !== identifier);
    this.output.push(acknowledgement(PUBCOMP, identifier));
  }

  private takeAcknowledgement(type: number, identifier: number): void {
    const found = this.inflight.find((each) => each.identifier === identifier);
    if (!found || (type === PUBACK) !== (found.message.qos === 1)) {
      this.listener.violated(`an acknowledgement of type ${type} for identifier ${identifier}, which nobody waits for`);
    } else if (type === PUBREC) {
      found.isReleased = true;
      this.send(found, false);
    } else {
      this.inflight = this.inflight.filter((each) => each !== found);
      this.listener.delivered(found.message.number);
    }
  }

  private pump(): void {
    while (this.isConnected && this.isSubscribed && this.inflight.length < WINDOW) {
      const message = this.queue.shift();
      if (!message) return;
      do this.lastIdentifier = (this.lastIdentifier % IDENTIFIERS) + 1;
      while (this.inflight.some(({ identifier }) => identifier === this.lastIdentifier));
      const inflight = { identifier: this.lastIdentifier, message, isReleased: false };
      this.inflight.push(inflight);
      this.send(inflight, false);
    }
  }

  private send({ identifier, message, isReleased }: Inflight, dup: boolean): void {
    this.output.push(isReleased ? acknowledgement(PUBREL, identifier) : publish(this.protocol, message, identifier, dup));
  }
}
