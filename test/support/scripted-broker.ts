import { AssertionError, deepStrictEqual } from "node:assert";
import type { MqttError } from "../../src/errors.js";
import { ManualClock } from "./manual-clock.js";
import { MemoryTransport, type MemoryTransportOptions } from "./memory-transport.js";
import {
  concat,
  connack,
  firstPacket,
  hex,
  parseAll,
  toHex,
  utf8,
  type ClientPacket,
  type ClientPacketFields,
  type PacketOf,
} from "./packets.js";

/** A field as a test may write it: text stands for its UTF-8 bytes where bytes are meant, and fields may be left out. */
type Expected<Field> = Field extends Uint8Array
  ? Uint8Array | string
  : Field extends readonly unknown[]
    ? { readonly [Index in keyof Field]: Expected<Field[Index]> }
    : Field extends object
      ? ExpectedFields<Field>
      : Field;

/** The fields of a packet that `expect` compares; those left out may have any value. */
export type ExpectedFields<Fields> = { readonly [Key in keyof Fields]?: Expected<Fields[Key]> };

/** Options of a `ScriptedBroker`. */
export interface ScriptedBrokerOptions extends MemoryTransportOptions {
  /** What the clock's `now` begins at; 0 unless given. */
  readonly clockStart?: number;
}

/**
 * A server that does what the test says, line by line, with the client's time and bytes in its hands; of any version of MQTT,
 * which is told by `Fields` (the fields of a client's packets, by their names), `Answer` (what a CONNACK is made from) and the
 * methods that are left to it.
 *
 * What the client sends waits until the test expects it, in order. Every `expect…` also fails when the client has broken
 * the contract of its transport.
 */
export abstract class VersionedBroker<Fields extends { readonly CONNECT: object }, Answer extends object> {
  readonly clock: ManualClock;
  readonly transport: MemoryTransport;

  constructor(options: ScriptedBrokerOptions = {}) {
    this.clock = new ManualClock(options.clockStart);
    this.transport = new MemoryTransport(options);
  }

  /** The first of the client's packets in `bytes`; `undefined` when there is no whole packet. Throws for a malformed one. */
  protected abstract firstPacket(bytes: Uint8Array): PacketOf<Fields> | undefined;

  /** What this server answers to `connect`. */
  protected abstract connack(answer: Partial<Answer>, connect: PacketOf<Fields, "CONNECT">): Uint8Array;

  /** Opens the stream, takes CONNECT, and answers with CONNACK. */
  acceptConnection(answer: Partial<Answer> = {}): PacketOf<Fields, "CONNECT"> {
    this.transport.accept();
    const connect = this.expect("CONNECT");
    this.send(this.connack(answer, connect));
    return connect;
  }

  /** Sends bytes, or text in hexadecimal, to the client, cut after each of the indexes in `splits`. */
  send(bytes: Uint8Array | string, splits?: readonly number[]): void {
    this.transport.deliver(bytesOf(bytes), splits);
  }

  /** Sends several packets in one piece. */
  sendTogether(...packets: readonly Uint8Array[]): void {
    this.send(concat(...packets));
  }

  /** Sends bytes, or text in hexadecimal, each byte by itself. */
  sendByteByByte(bytes: Uint8Array | string): void {
    this.transport.deliverByteByByte(bytesOf(bytes));
  }

  /** Takes the client's next packet, which must be of this type and have at least these fields. */
  expect<Type extends keyof Fields & string>(type: Type, fields: ExpectedFields<Fields[Type]> = {}): PacketOf<Fields, Type> {
    this.#expectNoViolation();
    const found = this.firstPacket(this.transport.sent);
    if (found === undefined) throw this.#failure(`${type} expected`);
    if (!isOfType(found, type)) throw this.#failure(`${type} expected, not ${String(found.type)}`);
    this.transport.takeSent(found.bytes.length);
    deepStrictEqual(pick(found, fields), normalized(found, fields));
    return found;
  }

  /** Takes exactly these bytes, as `Uint8Array` or in hexadecimal, off what the client has sent. */
  expectBytes(bytes: Uint8Array | string): void {
    this.#expectNoViolation();
    const expected = bytesOf(bytes);
    deepStrictEqual(toHex(this.transport.sent.slice(0, expected.length)), toHex(expected));
    this.transport.takeSent(expected.length);
  }

  /** The client has sent nothing that was not expected already. */
  expectNothing(): void {
    this.#expectNoViolation();
    if (this.transport.sent.length > 0) throw this.#failure("nothing expected");
  }

  /** The client is connected, or on its way. */
  expectOpen(): void {
    this.#expectNoViolation();
    if (!this.transport.isOpen) throw this.#failure("an open connection expected");
  }

  /** The client has closed the connection, and sent nothing that was not expected. */
  expectClosed(): void {
    this.expectNothing();
    if (this.transport.isOpen || this.transport.isOpening || !this.transport.closedByClient)
      throw this.#failure("the client was expected to close the connection");
  }

  /** The client has asked for its `count`th connection, which waits for an answer. */
  expectConnecting(count = this.transport.opens): void {
    this.#expectNoViolation();
    if (!this.transport.isOpening) throw this.#failure("the client was expected to be connecting");
    deepStrictEqual(this.transport.opens, count);
  }

  /** All packets that the client has sent and that were not expected yet; none is left then. */
  takePackets(): PacketOf<Fields>[] {
    this.#expectNoViolation();
    return this.#parsePackets(this.transport.takeSent());
  }

  /** The connection breaks. */
  drop(error?: MqttError): void {
    this.transport.drop(error);
  }

  /** Lets time pass. */
  advance(milliseconds: number): void {
    this.clock.advance(milliseconds);
  }

  #expectNoViolation(): void {
    const violation = this.transport.violations.at(0);
    if (violation !== undefined) throw violation;
  }

  #failure(message: string): AssertionError {
    const sent = this.transport.sent;
    const what = sent.length === 0 ? "the client has sent nothing" : `the client has sent ${this.#describe(sent)}`;
    return new AssertionError({ message: `${message}: ${what}` });
  }

  #describe(sent: Uint8Array): string {
    try {
      return `${this.#parsePackets(sent)
        .map((packet) => packet.type)
        .join(", ")} (${toHex(sent)})`;
    } catch {
      return toHex(sent);
    }
  }

  #parsePackets(bytes: Uint8Array): PacketOf<Fields>[] {
    return parseAll(bytes, (rest) => this.firstPacket(rest));
  }
}

/**
 * A `VersionedBroker` of MQTT 3.1.1:
 *
 *     const broker = new ScriptedBroker();
 *     const client = new Client({ transport: broker.transport, clock: broker.clock, … });
 *     client.connect();
 *     broker.acceptConnection();
 *     broker.send(publish({ topic: "a", qos: 1, identifier: 7 }));
 *     broker.expect("PUBACK", { identifier: 7 });
 *     broker.expectNothing();
 */
export class ScriptedBroker extends VersionedBroker<ClientPacketFields, Parameters<typeof connack>[0] & object> {
  protected override firstPacket(bytes: Uint8Array): ClientPacket | undefined {
    return firstPacket(bytes);
  }

  protected override connack(answer: Parameters<typeof connack>[0]): Uint8Array {
    return connack(answer);
  }
}

function bytesOf(bytes: Uint8Array | string): Uint8Array {
  return typeof bytes === "string" ? hex(bytes) : bytes;
}

function isOfType<Fields, Type extends keyof Fields>(packet: PacketOf<Fields>, type: Type): packet is PacketOf<Fields, Type> {
  return packet.type === type;
}

/** Those parts of `actual` that `expected` names. */
function pick(actual: unknown, expected: unknown): unknown {
  if (actual instanceof Uint8Array) return toHex(actual);
  if (!isObject(actual) || !isObject(expected)) return actual;
  if (Array.isArray(actual)) return actual.map((item, index) => pick(item, Reflect.get(expected, index)));
  return Object.fromEntries(Object.keys(expected).map((key) => [key, pick(Reflect.get(actual, key), Reflect.get(expected, key))]));
}

/** What `expected` comes to where `pick` has taken the same parts of `actual`: all bytes in hexadecimal. */
function normalized(actual: unknown, expected: unknown): unknown {
  if (actual instanceof Uint8Array) return bytesInHexadecimal(expected);
  if (!isObject(expected)) return expected;
  if (Array.isArray(expected)) return expected.map((item, index) => normalized(field(actual, index), item));
  return Object.fromEntries(Object.entries(expected).map(([key, value]) => [key, normalized(field(actual, key), value)]));
}

function bytesInHexadecimal(expected: unknown): unknown {
  if (typeof expected === "string") return toHex(utf8(expected));
  return expected instanceof Uint8Array ? toHex(expected) : expected;
}

function field(of: unknown, key: string | number): unknown {
  return isObject(of) ? Reflect.get(of, key) : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
