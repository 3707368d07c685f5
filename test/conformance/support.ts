import { expect } from "vitest";
import { Client, type ClientOptions } from "mqtt-xs";
import type { ErrorCode } from "../../src/errors.js";
import { hex, publish, type connack } from "../support/packets.js";
import { ScriptedBroker, type ScriptedBrokerOptions, type VersionedBroker } from "../support/scripted-broker.js";

type Answer = Parameters<typeof connack>[0];

/** A client with the broker it talks to, and what it told its application. */
export interface Fixture {
  readonly broker: ScriptedBroker;
  readonly client: Client;
  /** Such as "connected", "message a/b: text", "delivered 7", "disconnected ERR_PROTOCOL", in order. */
  readonly events: string[];
}

/** What `reconnect` needs of a fixture. */
interface Connected<Answer extends object> {
  readonly broker: Pick<VersionedBroker<{ CONNECT: object }, Answer>, "transport" | "drop" | "advance" | "acceptConnection">;
  readonly events: string[];
}

/** A persistent session, of which nothing may be lost. */
export const PERSISTENT = { clean: false, clientId: "c" } as const;

/** A client whose stream to the broker is not open yet. A reconnect follows every loss at once. */
export function start(options: Partial<ClientOptions> = {}, brokerOptions: ScriptedBrokerOptions = {}): Fixture {
  const broker = new ScriptedBroker(brokerOptions);
  const events: string[] = [];
  const client = new Client({
    transport: broker.transport,
    clock: broker.clock,
    random: () => 0,
    onConnect: (sessionPresent) => events.push(sessionPresent ? "connected, session present" : "connected"),
    onDisconnect: (error) => events.push(error === undefined ? "disconnected" : `disconnected ${error.code}`),
    onMessage: (message) => events.push(`message ${message.topic}: ${message.text()}`),
    onDelivered: (identifier) => events.push(`delivered ${String(identifier)}`),
    onWritable: () => events.push("writable"),
    onError: (error) => events.push(`error ${error.code}`),
    ...options,
  });
  client.connect();
  return { broker, client, events };
}

/** A client that the broker has accepted. What it was told until then is not among the events. */
export function connect(
  options: Partial<ClientOptions> = {},
  brokerOptions: ScriptedBrokerOptions = {},
  answer: Answer = {},
): Fixture {
  const fixture = start(options, brokerOptions);
  fixture.broker.acceptConnection(answer);
  fixture.events.length = 0;
  return fixture;
}

/** The connection breaks, and the broker, of any version, accepts the next one. */
export function reconnect<Answer extends object>({ broker, events }: Connected<Answer>, answer: Partial<Answer> = {}): void {
  if (broker.transport.isOpen) broker.drop();
  broker.advance(0);
  broker.acceptConnection(answer);
  events.push("reconnected");
}

/** What the application was given, in order. */
export function messages({ events }: Pick<Fixture, "events">): string[] {
  return events.filter((event) => event.startsWith("message"));
}

/** What the application was told of messages that arrived, in order. */
export function deliveries({ events }: Pick<Fixture, "events">): string[] {
  return events.filter((event) => event.startsWith("delivered"));
}

/** The CONNECT that a client with these options sends, byte by byte. */
export function connectPacket(options: Partial<ClientOptions> = {}): Uint8Array {
  const { broker } = start(options);
  broker.transport.accept();
  return broker.expect("CONNECT").bytes;
}

/**
 * The client must close the connection with this error once `violation` comes in, whole or byte by byte, and neither
 * answer it nor take what comes behind it.
 *
 * @param prepare sends what is to come first, and takes what the client sends.
 */
export function expectClosedBy(
  violation: Uint8Array | string,
  code: ErrorCode,
  options: Partial<ClientOptions> = {},
  prepare: (fixture: Fixture) => void = () => undefined,
): void {
  const behind = publish({ topic: "behind", payload: "not to be seen", qos: 1, identifier: 99 });
  for (const byteByByte of [false, true]) {
    const fixture = connect(options);
    prepare(fixture);
    fixture.events.length = 0;
    const bytes = typeof violation === "string" ? hex(violation) : violation;
    if (byteByByte) fixture.broker.sendByteByByte(bytes);
    else fixture.broker.sendTogether(bytes, behind);
    fixture.broker.expectClosed();
    expect(fixture.events).toEqual([`disconnected ${code}`]);
  }
}

/** `act` must throw an `MqttError` with this code. */
export function expectRefused(act: () => unknown, code: ErrorCode, message = ""): void {
  expect(act).toThrow(expect.objectContaining({ name: "MqttError", code, message: expect.stringContaining(message) as string }));
}
