import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Client, type ClientOptions, MqttError, Topic, WOULD_BLOCK } from "mqtt-xs";
import { ManualClock } from "../support/manual-clock.js";
import { MemoryTransport } from "../support/memory-transport.js";
import { publish } from "../support/packets.js";
import { connected, create, reconnect } from "./support.js";

const SECRET = "correct horse battery staple";

/** Options with some that are wrong, as a caller without types could give them. */
function options(wrong: Record<string, unknown> = {}): ClientOptions {
  return Object.assign({ transport: new MemoryTransport({ writeLimit: 1_024 }), clock: new ManualClock() }, wrong);
}

function refusal(wrong: Record<string, unknown>): MqttError {
  try {
    new Client(options(wrong));
  } catch (error) {
    if (error instanceof MqttError) return error;
    throw error;
  }
  return expect.fail("no option was refused");
}

describe("defaults are those that the options tell:", () => {
  it("a clean session, no client identifier, will or credentials, and a keep alive of 60 seconds", () => {
    const { broker, client } = create();
    client.connect();
    const expected = { clean: true, keepalive: 60, clientId: "", username: undefined, password: undefined, will: undefined };
    expect(broker.acceptConnection()).toMatchObject(expected);
    broker.advance(54_000);
    broker.expect("PINGREQ");
  });

  it("a will without payload, of QoS 0, not retained", () => {
    const { broker, client } = create({ will: { topic: "w" } });
    client.connect();
    expect(broker.acceptConnection().will).toEqual({ topic: "w", payload: new Uint8Array(0), qos: 0, retain: false });
  });

  it("packets of 512 bytes", () => {
    const { broker, events } = connected({ onMessage: ({ length }) => events.push(length) });
    broker.send(publish({ topic: "t", payload: "x".repeat(512 - 3 - 3) }));
    broker.send(publish({ topic: "t", payload: "x".repeat(512 - 3 - 3 + 1) }));
    expect(events).toEqual([506, 506, 1]);
  });

  it("4 messages on their way", () => {
    const { client } = create();
    for (let count = 0; count < 4; count++) expect(client.publish("t", "x", 1)).toBeGreaterThan(0);
    expect(client.publish("t", "x", 1)).toBe(WOULD_BLOCK);
  });

  it("64 received QoS 2 messages under way", () => {
    const { broker, events } = connected({ onMessage: () => undefined });
    for (let identifier = 1; identifier <= 64; identifier++) broker.send(publish({ topic: "t", qos: 2, identifier }));
    expect(events).toEqual([]);
    broker.send(publish({ topic: "t", qos: 2, identifier: 65 }));
    expect(events).toEqual([["disconnect", "ERR_RECEIVE_MAXIMUM"]]);
  });

  it("8 subscriptions", () => {
    const { client } = create();
    for (const filter of "abcdefgh") expect(client.subscribe({ filter })).toBeGreaterThan(0);
    expect(client.subscribe({ filter: "i" })).toBe(WOULD_BLOCK);
  });

  it("30 seconds to connect, then waits of up to 1 second, doubled up to 60", () => {
    const { broker, client, events } = create();
    client.connect();
    expect(broker.clock.untilNext).toBe(30_000);
    broker.advance(30_000);
    expect(events).toEqual([["disconnect", "ERR_CONNECT_TIMEOUT"]]);
    for (const longest of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
      expect(broker.clock.untilNext).toBe(longest / 2); // the tests' jitter
      broker.advance(longest / 2);
      broker.transport.refuse();
    }
  });

  it("10 seconds until a connection counts", () => {
    const { broker } = connected();
    broker.drop();
    reconnect(broker);
    broker.advance(9_999);
    broker.drop();
    expect(broker.clock.untilNext).toBe(1_000);
    broker.advance(1_000);
    broker.acceptConnection();
    broker.advance(10_000);
    broker.drop();
    expect(broker.clock.untilNext).toBe(500);
  });
});

describe("whole numbers", () => {
  it.each([
    ["keepalive", 0, 65_535],
    ["packetSize", 32, 1_024], // the transport's writeLimit
    ["inflight", 1, 32_767],
    ["receiveMaximum", 1, 65_535],
    ["subscriptions", 1, 32_767],
    ["connectTimeout", 1, 2_147_483_647],
    ["reconnectPeriod", 0, 2_147_483_647],
    ["reconnectMaximum", 1, 2_147_483_647],
    ["stableAfter", 0, 2_147_483_647],
  ])("%s: from %i to %i", (name, minimum, maximum) => {
    for (const right of [minimum, maximum]) expect(() => new Client(options({ [name]: right }))).not.toThrow();
    for (const wrong of [minimum - 1, maximum + 1, minimum + 0.5, NaN, Infinity, String(minimum), true, {}]) {
      const error = refusal({ [name]: wrong });
      expect(error.code).toBe("ERR_ARGUMENT");
      expect(error.message).toBe(`${name}: expected a whole number from ${String(minimum)} to ${String(maximum)}`);
    }
  });
});

describe("every option that is wrong is named, and told what is right", () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ["no transport", { transport: undefined }, /^transport: expected a Transport, from one of the hosts$/],
    ["a transport that is none", { transport: {} }, /^transport: expected a Transport/],
    ["a transport that is a text", { transport: "mqtt://localhost" }, /^transport: expected a Transport/],
    ["null for a transport", { transport: null }, /^transport: expected a Transport/],
    ["no clock", { clock: undefined }, /^clock: expected a Clock, from one of the hosts$/],
    ["a clock that is none", { clock: Date }, /^clock: expected a Clock/],
    ["clean", { clean: 1 }, /^clean: expected true or false$/],
    ["random", { random: 0.5 }, /^random: expected a function$/],
    ["onConnect", { onConnect: true }, /^onConnect: expected a function$/],
    ["onDisconnect", { onDisconnect: {} }, /^onDisconnect: expected a function$/],
    ["onMessage", { onMessage: "x" }, /^onMessage: expected a function$/],
    ["onDelivered", { onDelivered: 1 }, /^onDelivered: expected a function$/],
    ["onWritable", { onWritable: [] }, /^onWritable: expected a function$/],
    ["onError", { onError: null }, /^onError: expected a function$/],
    ["a client identifier that is no text", { clientId: 5 }, /^clientId: expected at most 65535 bytes, as text without U\+0000$/],
    ["a client identifier with U+0000", { clientId: "a\0" }, /^clientId: expected at most 65535 bytes, as text without U\+0000$/],
    ["a client identifier with a lone surrogate", { clientId: "\ud800" }, /^clientId: expected at most 65535 bytes, as text without U\+0000$/],
    ["a client identifier that is too long", { clientId: "a".repeat(65_536) }, /^clientId: expected at most 65535 bytes, as text without U\+0000$/],
    ["a session to keep, of nobody", { clean: false }, /^clientId: expected one that is not empty, since clean is false/],
    ["a user name that is no text", { username: 5 }, /^username: expected at most 65535 bytes, as text without U\+0000$/],
    ["a user name with U+0000", { username: "\0" }, /^username: expected at most 65535 bytes, as text without U\+0000$/],
    ["a password without a user name", { password: SECRET }, /^username: expected one, since there is a password/],
    ["a password that is a number", { username: "u", password: 5 }, /^password: expected at most 65535 bytes, as text without U\+0000$/],
    ["a password with a lone surrogate", { username: "u", password: `${SECRET}\ud800` }, /^password: expected at most 65535 bytes, as text without U\+0000$/],
    ["a password that is too long", { username: "u", password: SECRET.repeat(3_000) }, /^password: expected at most 65535 bytes, as text without U\+0000$/],
    ["a will without a topic", { will: {} }, /^"undefined": expected 1 to 65535 bytes/],
    ["a will to the empty topic", { will: { topic: "" } }, /^"": expected 1 to 65535 bytes/],
    ["a will to a filter", { will: { topic: "a/#" } }, /^"a\/#": expected 1 to 65535 bytes without "\+", "#"/],
    ["a will's payload", { will: { topic: "w", payload: 5 } }, /^will\.payload: expected at most 65535 bytes, as text without U\+0000$/],
    ["a will's payload that is too long", { will: { topic: "w", payload: new Uint8Array(65_536) } }, /^will\.payload: expected/],
    ["a will's quality of service", { will: { topic: "w", qos: 3 } }, /^will\.qos: expected 0, 1 or 2$/],
  ])("%s", (name, wrong, message) => {
    const error = refusal(wrong);
    expect(error.message).toMatch(message);
    expect(error.fault).toBe("caller");
    expect(error.code).toBe(name.startsWith("a will ") ? "ERR_TOPIC" : "ERR_ARGUMENT");
    expect(error.message).not.toContain(SECRET);
  });

  it("a CONNECT larger than packetSize says how large it is, and keeps the password to itself", () => {
    const error = refusal({ username: "u", password: SECRET, packetSize: 32 });
    expect(error.code).toBe("ERR_PACKET_SIZE");
    expect(error.message).toBe("the packet needs 50 bytes or more, 32 is the limit");
  });
});

it("a client printed keeps the password to itself", () => {
  const client = new Client(options({ username: "u", password: SECRET }));
  expect(inspect(client, { depth: 10, showHidden: true })).not.toContain(SECRET);
});

describe("what is right", () => {
  it.each<[string, Record<string, unknown>]>([
    ["a user name without a password", { username: "u" }],
    ["an empty user name and password", { username: "", password: "" }],
    ["a password of bytes, U+0000 included", { username: "u", password: Uint8Array.of(0, 255) }],
    ["a session to keep, with a client identifier", { clean: false, clientId: "c" }],
    ["a prepared topic for the will", { will: { topic: new Topic("w"), payload: Uint8Array.of(0), qos: 2, retain: true } }],
  ])("%s", (_, right) => {
    expect(() => new Client(options(right))).not.toThrow();
  });
});
