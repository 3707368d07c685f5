import { describe, expect, it } from "vitest";
import MQTTClient from "../../src/ecma419.js";
import { connack, pingresp, puback, publish, pubrel } from "../support/packets.js";
import { buffer, connected, create, expectReleased, expectThrown, type Fixture, type Options } from "./support.js";
import { TCP, TLS } from "./support/fake-socket.js";
import { ADDRESS } from "./support/server.js";

const { DISCONNECT } = MQTTClient;

/** Everything that could still happen to a client happens; nothing may come of it. */
function expectSilence({ server, events }: Fixture): void {
  const before = events.length;
  const socket = server.sockets.at(-1);
  for (const resolver of server.resolvers) {
    resolver.answer(ADDRESS);
    resolver.fail();
  }
  socket?.takeWritten();
  socket?.options.onWritable(1_000);
  socket?.options.onReadable(5);
  socket?.options.onError();
  server.clock.advance(1_000_000);
  expect(events).toHaveLength(before);
  expect(socket?.takeWritten() ?? []).toHaveLength(0);
  expect(server.sockets.at(-1)).toBe(socket);
}

/** A client that writes down all its callbacks, and closes in the one of this name. */
function closingIn(name: string, manner = TCP): Fixture {
  const told: string[] = [];
  const callback = (each: string) =>
    function (this: MQTTClient): void {
      told.push(each);
      if (each === name) this.close();
    };
  const names = ["onControl", "onReadable", "onWritable", "onError", "onClose"];
  const fixture = create(Object.fromEntries(names.map((each) => [each, callback(each)])), manner);
  return { ...fixture, events: told };
}

describe("close", () => {
  const TIMES: Readonly<Record<string, (fixture: Fixture) => void>> = {
    "while the name is resolved": () => undefined,
    "while the socket connects": ({ server }) => server.resolver.answer(ADDRESS),
    "before CONNACK": ({ server }) => server.open(),
    "when connected": ({ server }) => server.accept(),
    "in the midst of what comes in": ({ server }) => {
      server.accept();
      server.send("30 20 00 01 74");
    },
    "in the midst of what goes out": ({ client, server }) => {
      server.accept();
      client.write(buffer("x"), { topic: "t", byteLength: 100 });
    },
    "after DISCONNECT": ({ client, server }) => {
      server.accept();
      client.write(null, { operation: DISCONNECT });
    },
    "after an error": ({ server }) => {
      server.accept();
      server.end();
    },
  };
  it.each(Object.entries(TIMES))("lets go of everything, says nothing more, and may be called again: %s", (_name, come) => {
    const fixture = create({ keepAlive: 5_000 });
    come(fixture);
    fixture.server.sockets.at(-1)?.takeWritten();
    fixture.client.close();
    expectReleased(fixture.server);
    expect(fixture.server.sockets.at(-1)?.takeWritten() ?? []).toHaveLength(0);
    fixture.client.close();
    expectSilence(fixture);
    expectThrown(() => fixture.client.write(buffer("x"), { topic: "t" }), "ERR_STATE");
    fixture.client.close();
  });

  it("sends no DISCONNECT, so that the server publishes the will", () => {
    const { client, server } = connected({ will: { topic: "status", message: "gone" } });
    client.close();
    expect(server.link.takeWritten()).toHaveLength(0);
  });

  it("leaves a message that has not been read unacknowledged", () => {
    const { client, server } = connected({ onReadable: () => undefined });
    server.send(publish({ topic: "t", payload: "x", qos: 1 }));
    client.close();
    expect(server.link.takeWritten()).toHaveLength(0);
  });

  it("has read throw, as every other method of a closed instance", () => {
    const { client, server } = connected({ onReadable: () => undefined });
    server.send(publish({ topic: "t", payload: "hello" }));
    client.close();
    expect(() => client.read()).toThrow(Error);
    expect(() => client.read(new Uint8Array(5))).toThrow(Error);
  });

  it("leaves other clients of the same dictionaries alone", () => {
    const first = connected();
    const second = connected();
    first.client.close();
    second.client.write(buffer("x"), { topic: "t" });
    expect(second.server.takeNames()).toEqual(["PUBLISH"]);
  });
});

describe("close in a callback", () => {
  for (const manner of [TCP, TLS])
    for (const name of ["onControl", "onWritable", "onReadable"])
      it(`is as good as anywhere, and the last: ${name}, over ${manner.name}`, () => {
        const fixture = closingIn(name, manner);
        fixture.server.open();
        fixture.server.take();
        fixture.server.send(connack(), publish({ topic: "t", payload: "x", qos: 2 }), pingresp(), puback(1), publish({ topic: "u" }));
        expect(fixture.events.at(-1)).toBe(name);
        expect(fixture.events.filter((each) => each === name)).toHaveLength(1);
        expectReleased(fixture.server);
        expect(fixture.server.link.takeWritten()).toHaveLength(0);
        expectSilence(fixture);
      });

  it("is harmless in onError, as the SDK's mqtt module has it", () => {
    const fixture = closingIn("onError");
    fixture.server.accept();
    fixture.server.end();
    expect(fixture.events.at(-1)).toBe("onError");
    expectReleased(fixture.server);
    expectSilence(fixture);
  });

  it("is harmless in onClose", () => {
    const fixture = closingIn("onClose");
    fixture.server.accept();
    fixture.client.write(null, { operation: DISCONNECT });
    fixture.server.end();
    expect(fixture.events.at(-1)).toBe("onClose");
    expectReleased(fixture.server);
    expectSilence(fixture);
  });

  it("in the midst of a message has nothing of the rest told", () => {
    const told: number[] = [];
    const { server } = connected({
      packetSize: 64,
      onReadable(count) {
        told.push(count);
        this.read(10);
        this.close();
      },
    });
    server.send(publish({ topic: "t", payload: new Uint8Array(500), qos: 1 }), publish({ topic: "u" }));
    expect(told).toHaveLength(1);
    expect(server.link.takeWritten()).toHaveLength(0);
  });
});

describe("The end that the server makes", () => {
  it("is onClose after DISCONNECT, and not an error", () => {
    const fixture = connected();
    const { client, server, events } = fixture;
    client.write(null, { operation: DISCONNECT });
    expect(server.takeHex()).toBe("e0 00");
    expect(events).toEqual([]);
    server.end();
    expect(events).toEqual([["close"]]);
    expectReleased(server);
    expectSilence(fixture);
  });

  it("is onError after DISCONNECT where there is no onClose", () => {
    const fixture = connected({ onClose: undefined as never });
    fixture.client.write(null, { operation: DISCONNECT });
    fixture.server.end();
    expect(fixture.events).toEqual([["error", "ERR_CONNECTION_CLOSED"]]);
    expectReleased(fixture.server);
  });

  it("is an error at any other time, and the client is closed then", () => {
    const fixture = connected({ keepAlive: 5_000 });
    fixture.server.end();
    expect(fixture.events).toEqual([["error", "ERR_CONNECTION_CLOSED"]]);
    expectReleased(fixture.server);
    expectSilence(fixture);
  });

  it("is told when what came before has been", () => {
    const { server, events, messages } = connected();
    server.send(publish({ topic: "t", payload: "last words" }));
    server.end();
    expect(messages).toMatchObject([{ payload: "last words" }]);
    expect(events).toEqual([["error", "ERR_CONNECTION_CLOSED"]]);
  });
});

describe("After DISCONNECT", () => {
  it("nothing is sent any more, whatever comes in", () => {
    const { client, server } = connected();
    client.write(null, { operation: DISCONNECT });
    expect(server.takeHex()).toBe("e0 00");
    server.send(publish({ topic: "t", payload: "x", qos: 1 }), publish({ topic: "t", payload: "x", qos: 2 }), pubrel(3), "50 02 00 04");
    expect(server.takeHex()).toBe("");
  });

  it("what was written before has been sent before", () => {
    const { client, server } = connected();
    client.write(buffer("x"), { topic: "t" });
    server.drain(2);
    server.send(publish({ topic: "in", qos: 1, identifier: 5 }));
    server.drain();
    client.write(null, { operation: DISCONNECT });
    expect(server.takeNames()).toEqual(["PUBLISH", "PUBACK", "DISCONNECT"]);
  });
});

describe("A server that does not close after DISCONNECT", () => {
  it("has the client close after five seconds, since it must not stay (3.14.4)", () => {
    const { client, server, events } = connected();
    client.write(null, { operation: DISCONNECT });
    server.clock.advance(4_999);
    expect(events).toEqual([]);
    server.clock.advance(1);
    expect(events).toEqual([["close"]]);
    expectReleased(server);
  });
});

describe("A callback that throws", () => {
  const failing = (name: string): Partial<Options> => ({
    [name]: () => {
      throw new Error("the application's");
    },
  });

  it.each([
    ["onReadable", publish({ topic: "t", payload: "x", qos: 1, identifier: 1 })],
    ["onReadable", publish({ topic: "t" })],
    ["onControl", pingresp()],
  ])("is for the host to report: %s; the client goes on", (name, packet) => {
    const { server } = create({ ...failing(name), ...(name === "onControl" ? {} : { onControl: () => undefined }) });
    server.open();
    server.take();
    expect(() => {
      server.send(connack(), packet);
      server.settle();
    }).toThrow("the application's");
    for (let round = 0; round < 5; round++) swallow(() => server.settle());
    swallow(() => server.send(publish({ topic: "t", qos: 1, identifier: 2 })));
    for (let round = 0; round < 5; round++) swallow(() => server.settle());
    expect(server.takeHex()).toMatch(/40 02 00 02$/);
  });
});

function swallow(act: () => void): void {
  try {
    act();
  } catch (error) {
    expect(String(error)).toContain("the application's");
  }
}
