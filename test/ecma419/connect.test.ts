import { describe, expect, it } from "vitest";
import type { ControlMessage } from "../../src/ecma419.js";
import { connack, hex, utf8 } from "../support/packets.js";
import { buffer, connected, create, expectFailed, expectReleased, type Fixture, HOST, type Options } from "./support.js";
import { TLS } from "./support/fake-socket.js";
import { ADDRESS, type Server } from "./support/server.js";

/** The CONNECT of a client with these options. */
function connectOf(options: Partial<Options>): object {
  const { server } = create(options);
  server.open();
  const [packet, ...others] = server.take();
  expect(packet.type).toBe("CONNECT");
  expect(others).toEqual([]);
  return packet;
}

describe("The server's name", () => {
  it("is resolved by a resolver made of the dictionary dns", () => {
    const { server } = create(({ dns }) => ({ dns: { ...dns, servers: ["192.0.2.53"] } }));
    expect(server.resolver.options).toMatchObject({ servers: ["192.0.2.53"] });
    expect(server.resolver.questions).toMatchObject([{ host: HOST }]);
  });

  it("is given to the socket with the address found, and the port", () => {
    const { server } = create({ port: 1884 });
    expect(server.sockets).toEqual([]);
    server.resolver.answer(ADDRESS);
    expect(server.link.options).toMatchObject({ host: HOST, address: ADDRESS, port: 1884 });
  });

  it("needs no resolver when the address is given", () => {
    const { server } = create({ address: "192.0.2.7" });
    expect(server.resolvers).toEqual([]);
    expect(server.link.options).toMatchObject({ host: HOST, address: "192.0.2.7", port: 1883 });
  });

  it("is let go of, with its resolver, once it is resolved", () => {
    const { server } = create();
    server.resolver.answer(ADDRESS);
    expect(server.resolver.isClosed).toBe(true);
  });

  it("that cannot be resolved is an error", () => {
    const fixture = create();
    fixture.server.resolver.fail();
    expectFailed(fixture, "ERR_HOST_NOT_FOUND");
    expect(fixture.events).toHaveLength(1);
  });
});

describe("The socket", () => {
  it("is made of the whole dictionary socket, such as a TLS socket's", () => {
    const settings = { secure: { verify: true }, TCP: { io: Object } };
    const { server } = create(({ socket }) => ({ socket: { ...socket, ...settings } }));
    server.resolver.answer(ADDRESS);
    expect(server.link.options).toMatchObject({ ...settings, host: HOST, address: ADDRESS, port: 1883 });
  });

  it("that cannot be made is an error", () => {
    const fixture = create();
    fixture.server.socketFailure = new Error("no network");
    fixture.server.resolver.answer(ADDRESS);
    fixture.server.settle();
    expectFailed(fixture, "ERR_SOCKET");
  });

  it("that cannot be made, as the constructor does where there is an address, is its exception", () => {
    const made: Server[] = [];
    const make = (): Fixture =>
      create((server) => {
        made.push(server);
        server.socketFailure = new Error("no network");
        return { address: ADDRESS };
      });
    expect(make).toThrow("no network");
    made.forEach(expectReleased);
  });

  it("that is refused is an error", () => {
    const fixture = create();
    fixture.server.resolver.answer(ADDRESS);
    fixture.server.end();
    expectFailed(fixture, "ERR_SOCKET");
    expect(fixture.events).toHaveLength(1);
  });

  it("that ends before CONNACK is an error", () => {
    const fixture = create();
    fixture.server.open();
    fixture.server.end();
    expectFailed(fixture, "ERR_CONNECTION_CLOSED");
    expect(fixture.events).toHaveLength(1);
  });

  it("may call back without being this", () => {
    const { server, events } = create({}, TLS);
    server.accept();
    expect(events).toEqual([["control", { operation: 2, returnCode: 0, sessionPresent: false }]]);
  });
});

describe("CONNECT", () => {
  it("is sent once the socket is open, and only once", () => {
    const { server } = create();
    server.open();
    expect(server.takeHex()).toBe("10 0c 00 04 4d 51 54 54 04 02 00 00 00 00");
    server.drain();
    expect(server.takeHex()).toBe("");
  });

  it("waits until there is room", () => {
    const { server } = create({ id: "greenhouse-1" });
    server.open(10);
    expect(server.takeHex()).toBe("");
    server.drain(100);
    expect(server.takeNames()).toEqual(["CONNECT"]);
  });

  it("says all that is asked for", () => {
    const will = { topic: "status/1", message: "gone", QoS: 2, retain: true };
    const options = { id: "greenhouse-1", user: "sensor", password: "correct horse", keepAlive: 60_000, clean: false, will };
    expect(connectOf(options)).toMatchObject({
      protocolName: "MQTT",
      protocolLevel: 4,
      clientId: "greenhouse-1",
      username: "sensor",
      password: utf8("correct horse"),
      keepalive: 60,
      clean: false,
      will: { topic: "status/1", payload: utf8("gone"), qos: 2, retain: true },
    });
  });

  it.each([
    [0, 0],
    [1, 1],
    [999, 1],
    [1_000, 1],
    [1_001, 2],
    [60_000, 60],
    [65_535_000, 65_535],
  ])("says a keepAlive of %i ms as %i seconds", (keepAlive, keepalive) => {
    expect(connectOf({ keepAlive })).toMatchObject({ keepalive });
    expect(connectOf({ keepalive: keepAlive })).toMatchObject({ keepalive });
    expect(connectOf({ keepAlive, keepalive: 5_000 })).toMatchObject({ keepalive });
  });

  const bytes = hex("00 ff 80");
  const BUFFERS: Readonly<Record<string, NonNullable<Options["password"]>>> = {
    "an ArrayBuffer": bytes.buffer,
    "a Uint8Array": bytes,
    "a part of one": hex("11 00 ff 80 22").subarray(1, 4),
    "an Int8Array": new Int8Array(bytes.buffer),
    "a DataView": new DataView(hex("11 00 ff 80 22").buffer, 1, 3),
  };
  it.each(Object.entries(BUFFERS))("takes password and will as %s", (_name, content) => {
    const options = { user: "u", password: content, will: { topic: "t", message: content } };
    expect(connectOf(options)).toMatchObject({ password: bytes, will: { payload: bytes } });
  });

  it("has text in UTF-8", () => {
    const will = { topic: "état", message: "fini 🌡" };
    expect(connectOf({ id: "gerät", user: "josé", password: "pässword", will })).toMatchObject({
      clientId: "gerät",
      username: "josé",
      password: utf8("pässword"),
      will: { topic: "état", payload: utf8("fini 🌡") },
    });
  });

  it("has a will without a message as one with an empty payload", () => {
    expect(connectOf({ will: { topic: "status" } })).toMatchObject({ will: { topic: "status", payload: utf8("") } });
    expect(connectOf({ will: { topic: "status", message: "" } })).toMatchObject({ will: { payload: utf8("") } });
    expect(connectOf({ will: { topic: "status", message: new ArrayBuffer(0) } })).toMatchObject({ will: { payload: utf8("") } });
  });

  it("has a will of QoS 0, not retained, unless it says otherwise; 0 and 1 will do for retain", () => {
    expect(connectOf({ will: { topic: "status", message: "gone" } })).toMatchObject({ will: { qos: 0, retain: false } });
    expect(connectOf({ will: { topic: "s", message: "x", retain: 0 } })).toMatchObject({ will: { retain: false } });
    expect(connectOf({ will: { topic: "s", message: "x", retain: 1 } })).toMatchObject({ will: { retain: true } });
  });

  it("has no will QoS without a will", () => {
    expect(connectOf({ will: { QoS: 2, retain: true } })).toMatchObject({ will: undefined });
  });

  it("has neither user nor password when they are empty, as is their default", () => {
    expect(connectOf({ user: "", password: "" })).toMatchObject({ username: undefined, password: undefined });
  });

  it("has a password alone, which the standard forbids, with an empty user", () => {
    expect(connectOf({ password: "token" })).toMatchObject({ username: "", password: utf8("token") });
  });

  it("does not change when the password's bytes do", () => {
    const password = new Uint8Array(buffer("secret"));
    const { server } = create({ user: "u", password });
    password.fill(0);
    server.open();
    expect(server.take()).toMatchObject([{ password: utf8("secret") }]);
  });
});

describe("CONNACK", () => {
  it("is told, and then that there is room", () => {
    const told: unknown[] = [];
    const { server } = create({
      onControl: (message: ControlMessage) => told.push(message),
      onWritable: (count) => told.push(count > 0),
    });
    server.open();
    expect(told).toEqual([]);
    server.drain();
    expect(told).toEqual([]);
    server.send(connack());
    expect(told).toEqual([{ operation: 2, returnCode: 0, sessionPresent: false }, true]);
  });

  it("says whether the server has kept the session", () => {
    const { server, events } = create({ id: "c", clean: false });
    server.accept({ sessionPresent: true });
    expect(events).toEqual([["control", { operation: 2, returnCode: 0, sessionPresent: true }]]);
  });

  it("that speaks of a session though a clean one was asked for is a violation", () => {
    const fixture = create();
    fixture.server.accept({ sessionPresent: true });
    expectFailed(fixture, "ERR_PROTOCOL");
  });

  it.each([1, 2, 3, 4, 5])("with return code %i is an error that has it, and nothing else", (returnCode) => {
    const errors: unknown[] = [];
    const { server, events } = create({ user: "u", password: "correct horse", onError: (error) => errors.push(error) });
    server.accept({ returnCode });
    expect(errors).toMatchObject([{ name: "MqttError", code: "ERR_CONNECTION_REFUSED", fault: "server", reasonCode: returnCode }]);
    expect(String(errors)).not.toContain("correct horse");
    expect(events).toEqual([]);
    expect(server.link.isClosed).toBe(true);
  });

  it("with a return code that the standard does not know is a violation", () => {
    const fixture = create();
    fixture.server.accept({ returnCode: 6 });
    expectFailed(fixture, "ERR_PROTOCOL");
  });

  it("may come byte by byte, and with what follows in one piece", () => {
    const { server, events } = create();
    server.open();
    server.sendByteByByte(connack());
    expect(events).toHaveLength(1);
    const other = create();
    other.server.open();
    other.server.send(connack(), "30 04 00 01 74 78");
    expect(other.messages).toMatchObject([{ topic: "t", payload: "x" }]);
  });
});

describe("30 seconds without CONNACK", () => {
  const STALLED: Readonly<Record<string, (fixture: Fixture) => void>> = {
    "while the name is resolved": () => undefined,
    "while the socket connects": ({ server }) => server.resolver.answer(ADDRESS),
    "while the server says nothing": ({ server }) => server.open(),
    "in the midst of a CONNACK": ({ server }) => {
      server.open();
      server.send("20 02 00");
    },
  };
  it.each(Object.entries(STALLED))("%s are too long", (_name, stall) => {
    const fixture = create();
    stall(fixture);
    fixture.server.clock.advance(29_000);
    expect(fixture.events).toEqual([]);
    fixture.server.clock.advance(1_000);
    expectFailed(fixture, "ERR_CONNECT_TIMEOUT");
  });

  it("are nothing to a client that is connected", () => {
    const { server, events } = connected();
    server.clock.advance(86_400_000);
    expect(events).toEqual([]);
    expect(server.link.isClosed).toBe(false);
  });
});
