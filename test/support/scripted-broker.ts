import { AssertionError, deepStrictEqual } from "node:assert";
import type { MqttError } from "../../src/errors.js";
import { ManualClock } from "./manual-clock.js";
import { MemoryTransport, type MemoryTransportOptions } from "./memory-transport.js";
import {
  concat,
  connack,
  firstPacket,
  hex,
  parsePackets,
  toHex,
  utf8,
  type ClientPacket,
  type ClientPacketFields,
  type ClientPacketType,
} from "./packets.js";

/** A field as a test may write it: text stands for its UTF-8 bytes where bytes are meant, and fields may be left out. */
type Expected<Field> = Field extends Uint8Array
  ? Uint8Array | string
  : Field extends readonly (infer Item)[]
    ? readonly Expected<Item>[]
    : Field extends object
      ? { readonly [Key in keyof Field]?: Expected<Field[Key]> }
      : Field;

/** The fields of a packet that `expect` compares; those left out may have any value. */
export type ExpectedFields<Type extends ClientPacketType> = {
  readonly [Key in keyof ClientPacketFields[Type]]?: Expected<ClientPacketFields[Type][Key]>;
};

/** Options of a `ScriptedBroker`. */
export interface ScriptedBrokerOptions extends MemoryTransportOptions {
  /** What the clock's `now` begins at; 0 unless given. */
  readonly clockStart?: number;
}

/**
 * A server that does what the test says, line by line, with the client's time and bytes in its hands:
 *
 *     const broker = new ScriptedBroker();
 *     const client = new Client({ transport: broker.transport, clock: broker.clock, … });
 *     client.connect();
 *     broker.acceptConnection();
 *     broker.send(publish({ topic: "a", qos: 1, identifier: 7 }));
 *     broker.expect("PUBACK", { identifier: 7 });
 *     broker.expectNothing();
 *
 * What the client sends waits until the test expects it, in order. Every `expect…` also fails when the client has broken
 * the contract of its transport.
 */
export class ScriptedBroker {
  readonly clock: ManualClock;
  readonly transport: MemoryTransport;

  constructor(options: ScriptedBrokerOptions = {}) {
    this.clock = new ManualClock(options.clockStart);
    this.transport = new MemoryTransport(options);
  }

  /** Opens the stream, takes CONNECT, and answers with CONNACK. */
  acceptConnection(answer: Parameters<typeof connack>[0] = {}): ClientPacket<"CONNECT"> {
    this.transport.accept();
    const connect = this.expect("CONNECT");
    this.send(connack(answer));
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
  expect<Type extends ClientPacketType>(type: Type, fields: ExpectedFields<Type> = {}): ClientPacket<Type> {
    this.#expectNoViolation();
    const found = firstPacket(this.transport.sent);
    if (found === undefined) throw this.#failure(`${type} expected`);
    if (!isOfType(found, type)) throw this.#failure(`${type} expected, not ${found.type}`);
    this.transport.takeSent(found.bytes.length);
    deepStrictEqual(pick(found, fields), normalized(fields));
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
  takePackets(): ClientPacket[] {
    this.#expectNoViolation();
    return parsePackets(this.transport.takeSent());
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
    const what = sent.length === 0 ? "the client has sent nothing" : `the client has sent ${describe(sent)}`;
    return new AssertionError({ message: `${message}: ${what}` });
  }
}

function bytesOf(bytes: Uint8Array | string): Uint8Array {
  return typeof bytes === "string" ? hex(bytes) : bytes;
}

function isOfType<Type extends ClientPacketType>(
  packet: { readonly type: ClientPacketType },
  type: Type,
): packet is ClientPacket<Type> {
  return packet.type === type;
}

function describe(sent: Uint8Array): string {
  try {
    return `${parsePackets(sent)
      .map((packet) => packet.type)
      .join(", ")} (${toHex(sent)})`;
  } catch {
    return toHex(sent);
  }
}

/** Those parts of `actual` that `expected` names. */
function pick(actual: unknown, expected: unknown): unknown {
  if (actual instanceof Uint8Array) return toHex(actual);
  if (!isObject(actual) || !isObject(expected)) return actual;
  if (Array.isArray(actual)) return actual.map((item, index) => pick(item, Reflect.get(expected, index)));
  return Object.fromEntries(Object.keys(expected).map((key) => [key, pick(Reflect.get(actual, key), Reflect.get(expected, key))]));
}

function normalized(expected: unknown): unknown {
  if (expected instanceof Uint8Array) return toHex(expected);
  if (!isObject(expected)) return expected;
  if (Array.isArray(expected)) return expected.map(normalized);
  return Object.fromEntries(
    Object.entries(expected).map(([key, value]) => [
      key,
      typeof value === "string" && (key === "payload" || key === "password") ? toHex(utf8(value)) : normalized(value),
    ]),
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
