import { describe, expect, it } from "vitest";
import { checkConnect, checkQoS, checkSettings } from "../../src/client/check-options.js";
import { Client, type ClientOptions, MqttError, Topic } from "mqtt-xs";
import { ManualClock } from "../support/manual-clock.js";
import { MemoryTransport } from "../support/memory-transport.js";
import { mqttString } from "../support/packets.js";

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

describe("defaults", () => {
  it("are those that the options tell", () => {
    expect(checkSettings(options())).toEqual({
      clean: true,
      keepalive: 60,
      packetSize: 512,
      inflight: 4,
      receiveMaximum: 64,
      subscriptions: 8,
      connectTimeout: 30_000,
      reconnectPeriod: 1_000,
      reconnectMaximum: 60_000,
      stableAfter: 10_000,
    });
    expect(checkConnect(options(), checkSettings(options()))).toEqual({
      clean: true,
      keepalive: 60,
      clientId: mqttString(""),
      username: undefined,
      password: undefined,
      will: undefined,
    });
  });

  it("of a will: no payload, QoS 0, not retained", () => {
    const withWill = options({ will: { topic: "w" } });
    expect(checkConnect(withWill, checkSettings(withWill)).will).toMatchObject({ payload: mqttString(""), qos: 0, retain: false });
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
    for (const right of [minimum, maximum]) expect(checkSettings(options({ [name]: right }))).toMatchObject({ [name]: right });
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
    ["a client identifier that is no text", { clientId: 5 }, /^clientId: expected text of at most 65535 bytes/],
    ["a client identifier with U+0000", { clientId: "a\0" }, /^clientId: expected text .* without U\+0000$/],
    ["a client identifier with a lone surrogate", { clientId: "\ud800" }, /^clientId: expected text/],
    ["a client identifier that is too long", { clientId: "a".repeat(65_536) }, /^clientId: expected text of at most 65535 bytes/],
    ["a session to keep, of nobody", { clean: false }, /^clientId: expected one that is not empty, since clean is false/],
    ["a user name that is no text", { username: 5 }, /^username: expected text/],
    ["a user name with U+0000", { username: "\0" }, /^username: expected text/],
    ["a password without a user name", { password: SECRET }, /^username: expected one, since there is a password/],
    ["a password that is a number", { username: "u", password: 5 }, /^password: expected text or bytes, at most 65535$/],
    ["a password with a lone surrogate", { username: "u", password: `${SECRET}\ud800` }, /^password: expected text or bytes/],
    ["a password that is too long", { username: "u", password: SECRET.repeat(3_000) }, /^password: expected text or bytes/],
    ["a will without a topic", { will: {} }, /^will\.topic: /],
    ["a will to the empty topic", { will: { topic: "" } }, /^will\.topic: /],
    ["a will to a filter", { will: { topic: "a/#" } }, /^will\.topic: .*"a\/#"/],
    ["a will's payload", { will: { topic: "w", payload: 5 } }, /^will\.payload: expected text or bytes, at most 65535$/],
    ["a will's payload that is too long", { will: { topic: "w", payload: new Uint8Array(65_536) } }, /^will\.payload: expected/],
    ["a will's quality of service", { will: { topic: "w", qos: 3 } }, /^will\.qos: expected 0, 1 or 2$/],
    ["a will's retain", { will: { topic: "w", retain: 1 } }, /^will\.retain: expected true or false$/],
  ])("%s", (_, wrong, message) => {
    const error = refusal(wrong);
    expect(error.message).toMatch(message);
    expect(error.fault).toBe("caller");
    expect(error.message).not.toContain(SECRET);
  });

  it("a CONNECT larger than packetSize says how large it is, and keeps the password to itself", () => {
    const error = refusal({ username: "u", password: SECRET, packetSize: 32 });
    expect(error.code).toBe("ERR_PACKET_SIZE");
    expect(error.message).toBe("packetSize: CONNECT needs 47 bytes, not 32");
  });
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

describe("checkQoS", () => {
  it.each([0, 1, 2])("takes %i", (qos) => {
    expect(checkQoS(qos, "qos")).toBe(qos);
  });

  it.each([-1, 3, 0.5, NaN])("refuses %d", (qos) => {
    expect(() => checkQoS(qos, "qos")).toThrow("qos: expected 0, 1 or 2");
  });
});
