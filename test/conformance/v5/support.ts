import { expect } from "vitest";
import { Client, type ClientOptions } from "mqtt-xs/v5";
import type { ErrorCode } from "../../../src/errors.js";
import type { ScriptedBrokerOptions } from "../../support/scripted-broker.js";
import { disconnect, hex, publish, type ConnackFields } from "../../support/v5/packets.js";
import { ScriptedBroker5 } from "../../support/v5/scripted-broker.js";

export { deliveries, expectRefused, messages, PERSISTENT, reconnect } from "../support.js";

/** A client with the broker it talks to, and what it told its application. */
export interface Fixture {
  readonly broker: ScriptedBroker5;
  readonly client: Client;
  /**
   * Such as "connected", "message a/b: text", "delivered 7", "delivered 7 0x87", "authenticated", "disconnected ERR_PROTOCOL",
   * "disconnected", in order.
   */
  readonly events: string[];
}

/** A client whose stream to the broker is not open yet. A reconnect follows every loss at once. */
export function start(options: Partial<ClientOptions> = {}, brokerOptions: ScriptedBrokerOptions = {}): Fixture {
  const broker = new ScriptedBroker5(brokerOptions);
  const events: string[] = [];
  const client = new Client({
    transport: broker.transport,
    clock: broker.clock,
    random: () => 0,
    onConnect: (sessionPresent) => events.push(sessionPresent ? "connected, session present" : "connected"),
    onDisconnect: (error) => events.push(error === undefined ? "disconnected" : `disconnected ${error.code}`),
    onMessage: (message) => events.push(`message ${message.topic}: ${message.text()}`),
    onDelivered: (identifier, reasonCode) => events.push(`delivered ${String(identifier)}${inHexadecimal(reasonCode)}`),
    onWritable: () => events.push("writable"),
    onError: (error) => events.push(`error ${error.code}`),
    onAuthenticated: () => events.push("authenticated"),
    ...options,
  });
  client.connect();
  return { broker, client, events };
}

/** " 0x87"; nothing for 0x00. */
function inHexadecimal(reasonCode: number): string {
  return reasonCode === 0 ? "" : ` 0x${reasonCode.toString(16).padStart(2, "0")}`;
}

/** A client whose CONNECT the broker has taken and not answered. */
export function awaitingConnack(options: Partial<ClientOptions> = {}, brokerOptions: ScriptedBrokerOptions = {}): Fixture {
  const fixture = start(options, brokerOptions);
  fixture.broker.transport.accept();
  fixture.broker.expect("CONNECT");
  return fixture;
}

/** A client that the broker has accepted. What it was told until then is not among the events. */
export function connect(
  options: Partial<ClientOptions> = {},
  brokerOptions: ScriptedBrokerOptions = {},
  answer: ConnackFields = {},
): Fixture {
  const fixture = start(options, brokerOptions);
  fixture.broker.acceptConnection(answer);
  fixture.events.length = 0;
  return fixture;
}

/** The CONNECT that a client with these options sends, byte by byte. */
export function connectPacket(options: Partial<ClientOptions> = {}): Uint8Array {
  const { broker } = start(options);
  broker.transport.accept();
  return broker.expect("CONNECT").bytes;
}

/**
 * The client must close the connection with this error once `violation` comes in, whole or byte by byte: it sends one DISCONNECT
 * in its shortest form, neither answers nor takes what comes behind, and does nothing more for an hour. It does not reconnect.
 *
 * @param reasonCode of that DISCONNECT; `undefined` when none may be sent, such as after one from the server.
 * @param prepare sends what is to come first, and takes what the client sends.
 */
export function expectClosedBy(
  violation: Uint8Array | string,
  code: ErrorCode,
  reasonCode: number | undefined,
  options: Partial<ClientOptions> = {},
  prepare: (fixture: Fixture) => void = () => undefined,
): void {
  expectEnd(() => connect({ ...options, reconnectPeriod: 0 }), violation, code, reasonCode, prepare);
}

/**
 * The same with `answer` in the place of CONNACK.
 *
 * @param reasonCode of the client's DISCONNECT; `undefined` when none may be sent, such as after a refusal.
 */
export function expectNotConnectedBy(
  answer: Uint8Array | string,
  code: ErrorCode,
  reasonCode: number | undefined,
  options: Partial<ClientOptions> = {},
  prepare: (fixture: Fixture) => void = () => undefined,
): void {
  expectEnd(() => awaitingConnack({ ...options, reconnectPeriod: 0 }), answer, code, reasonCode, prepare);
}

function expectEnd(
  begin: () => Fixture,
  violation: Uint8Array | string,
  code: ErrorCode,
  reasonCode: number | undefined,
  prepare: (fixture: Fixture) => void,
): void {
  const behind = publish({ topic: "behind", payload: "not to be seen", qos: 1, identifier: 99 });
  const bytes = typeof violation === "string" ? hex(violation) : violation;
  for (const byteByByte of [false, true]) {
    const fixture = begin();
    prepare(fixture);
    fixture.broker.expectNothing();
    fixture.events.length = 0;
    if (byteByByte) fixture.broker.sendByteByByte(bytes);
    else fixture.broker.sendTogether(bytes, behind);
    if (reasonCode !== undefined) fixture.broker.expectBytes(disconnect(reasonCode));
    fixture.broker.expectClosed();
    fixture.broker.advance(3_600_000);
    fixture.broker.expectClosed();
    expect(fixture.events).toEqual([`disconnected ${code}`]);
    expect(fixture.client.connected).toBe(false);
  }
}
