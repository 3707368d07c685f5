import { describe, expect, it } from "vitest";
import MQTTClient from "../../src/ecma419.js";
import { pingresp, publish } from "../support/packets.js";
import { buffer, connected, expectFailed, pattern } from "./support.js";

const KEEP_ALIVE = 60_000;

describe("Keep alive", () => {
  it("sends PINGREQ when nothing was sent for about three quarters of it", () => {
    const { server } = connected({ keepAlive: KEEP_ALIVE });
    server.clock.advance(0.7 * KEEP_ALIVE);
    expect(server.takeHex()).toBe("");
    server.clock.advance(0.2 * KEEP_ALIVE);
    expect(server.takeHex()).toBe("c0 00");
  });

  it("never lets more than its time pass without a packet, as the standard demands, for as long as the server answers", () => {
    const { server, events } = connected({ keepalive: 1_500 }); // 2 seconds for the server
    let silence = 0;
    for (let passed = 0; passed < 60_000; passed += 50) {
      server.clock.advance(50);
      const names = server.takeNames();
      for (const name of names) if (name === "PINGREQ") server.send(pingresp());
      silence = names.length > 0 ? 0 : silence + 50;
      expect(silence).toBeLessThan(2_000);
    }
    expect(server.link.isClosed).toBe(false);
    expect(events.length).toBeGreaterThan(60_000 / 2_000);
    expect(events.length).toBeLessThan(60_000 / 1_000);
  });

  it("tells of PINGRESP", () => {
    const { server, events } = connected({ keepAlive: KEEP_ALIVE });
    server.clock.advance(0.9 * KEEP_ALIVE);
    server.send(pingresp());
    expect(events).toEqual([["control", { operation: MQTTClient.PINGRESP }]]);
  });

  it("of a server that does not answer ends the connection by one and a half times its time", () => {
    const fixture = connected({ keepAlive: KEEP_ALIVE });
    fixture.server.clock.advance(KEEP_ALIVE);
    expect(fixture.events).toEqual([]);
    fixture.server.clock.advance(0.5 * KEEP_ALIVE);
    expectFailed(fixture, "ERR_KEEPALIVE_TIMEOUT");
  });

  it("of a server that stops answering ends the connection soon", () => {
    const fixture = connected({ keepAlive: KEEP_ALIVE });
    const { server } = fixture;
    for (let pings = 0; pings < 5; ) {
      server.clock.advance(100);
      if (!server.takeNames().includes("PINGREQ")) continue;
      server.send(pingresp());
      pings++;
    }
    server.clock.advance(1.5 * KEEP_ALIVE);
    expectFailed(fixture, "ERR_KEEPALIVE_TIMEOUT");
  });

  it("needs no PINGREQ while the application writes", () => {
    const { client, server } = connected({ keepAlive: KEEP_ALIVE });
    for (let count = 0; count < 10; count++) {
      server.clock.advance(0.5 * KEEP_ALIVE);
      client.write(buffer("x"), { topic: "t" });
    }
    expect(new Set(server.takeNames())).toEqual(new Set(["PUBLISH"]));
  });

  it("needs PINGREQ while the application only receives", () => {
    const { server } = connected({ keepAlive: KEEP_ALIVE });
    for (let count = 0; count < 9; count++) {
      server.clock.advance(0.1 * KEEP_ALIVE);
      server.send(publish({ topic: "t", payload: "x" }));
    }
    expect(server.takeNames()).toEqual(["PINGREQ"]);
  });

  it("is patient with an answer that waits behind messages, on a slow network", () => {
    const { server } = connected({ keepAlive: KEEP_ALIVE });
    for (let count = 0; count < 50; count++) {
      server.clock.advance(0.3 * KEEP_ALIVE);
      server.send(publish({ topic: "t", payload: "x" }));
    }
    expect(server.takeNames().length).toBeGreaterThan(10);
    expect(server.link.isClosed).toBe(false);
  });

  it("goes on while a payload waits to be read, behind which the answers wait as well", () => {
    const { client, server, events } = connected({ keepAlive: KEEP_ALIVE, onReadable: () => undefined });
    server.send(publish({ topic: "t", payload: "x" }));
    for (let count = 0; count < 4; count++) {
      server.clock.advance(KEEP_ALIVE);
      expect(server.takeNames()).not.toEqual([]);
      server.send(pingresp());
    }
    client.read();
    server.settle();
    expect(events.length).toBeGreaterThan(0);
    expect(server.link.isClosed).toBe(false);
  });

  it("does not get in between the fragments of a message", () => {
    const { client, server } = connected({ keepAlive: KEEP_ALIVE });
    client.write(buffer("ab"), { topic: "t", byteLength: 4 });
    server.clock.advance(KEEP_ALIVE);
    client.write(buffer("cd"));
    expect(server.take()).toMatchObject([{ type: "PUBLISH", payload: new Uint8Array(buffer("abcd")) }, { type: "PINGREQ" }]);
    server.send(pingresp());
    expect(server.link.isClosed).toBe(false);
  });

  it("waits for room, but not for ever", () => {
    const fixture = connected({ keepAlive: KEEP_ALIVE });
    const { server, client } = fixture;
    server.drain(105);
    client.write(pattern(100), { topic: "t" });
    server.clock.advance(KEEP_ALIVE);
    server.drain(1_000);
    expect(server.takeNames()).toEqual(["PUBLISH", "PINGREQ"]);
    server.send(pingresp());
    server.clock.advance(4 * KEEP_ALIVE);
    expectFailed(fixture, "ERR_KEEPALIVE_TIMEOUT");
  });

  it("begins with CONNACK", () => {
    const { server } = connected({ keepAlive: 1_000 });
    expect(server.takeHex()).toBe("");
    server.clock.advance(900);
    expect(server.takeNames()).toEqual(["PINGREQ"]);
  });

  it("ends with DISCONNECT: nothing may be sent any more", () => {
    const { client, server, events } = connected({ keepAlive: KEEP_ALIVE });
    client.write(null, { operation: MQTTClient.DISCONNECT });
    server.take();
    server.clock.advance(10 * KEEP_ALIVE);
    expect(server.takeHex()).toBe("");
    expect(events).not.toContainEqual(["error", "ERR_KEEPALIVE_TIMEOUT"]);
  });

  it("of 0, the default, is none", () => {
    for (const options of [{}, { keepAlive: 0 }]) {
      const { server } = connected(options);
      server.clock.advance(86_400_000);
      expect(server.takeHex()).toBe("");
      expect(server.link.isClosed).toBe(false);
    }
  });
});
