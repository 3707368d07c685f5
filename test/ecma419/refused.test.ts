import { describe, expect, it } from "vitest";
import MQTTClient, { type WriteOptions } from "../../src/ecma419.js";
import { connack, utf8 } from "../support/packets.js";
import { connected, create, expectThrown, type Fixture } from "./support.js";

const { SUBSCRIBE, UNSUBSCRIBE, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, PINGREQ, DISCONNECT } = MQTTClient;
const DATA = utf8("hello");

/** `write` throws, nothing was sent, and the client is as well as before. */
function expectRefused({ client, server }: Fixture, options: unknown, data: unknown = DATA): void {
  expectThrown(() => client.write(data as Uint8Array, options as WriteOptions));
  expect(server.takeHex()).toBe("");
  client.write(DATA, { topic: "t" });
  expect(server.take()).toMatchObject([{ topic: "t", payload: DATA }]);
}

describe("write throws, and sends nothing", () => {
  const TIMES: Readonly<Record<string, (fixture: Fixture) => void>> = {
    "before the name is resolved": () => undefined,
    "before the connection is made": ({ server }) => server.resolver.answer("192.0.2.1"),
    "before CONNACK": ({ server }) => server.open(),
    "after a refusal": ({ server }) => server.accept({ returnCode: 5 }),
    "after close": ({ client, server }) => {
      server.accept();
      client.close();
    },
    "after close before CONNACK": ({ client, server }) => {
      server.open();
      client.close();
    },
    "after DISCONNECT": ({ client, server }) => {
      server.accept();
      client.write(null, { operation: DISCONNECT });
    },
    "after the server has gone": ({ server }) => {
      server.accept();
      server.end();
    },
  };
  it.each(Object.entries(TIMES))("%s", (_name, come) => {
    const fixture = create();
    come(fixture);
    fixture.server.sockets.at(-1)?.takeWritten();
    for (const options of [{ topic: "t" }, { operation: PINGREQ }, { operation: DISCONNECT }, { operation: PUBACK, id: 1 }, undefined])
      expectThrown(() => fixture.client.write(DATA, options), "ERR_STATE");
    expect(fixture.server.sockets.at(-1)?.takeWritten() ?? new Uint8Array()).toHaveLength(0);
  });

  it("before CONNACK only: then it writes", () => {
    const { client, server } = create();
    server.open();
    server.take();
    expectThrown(() => client.write(DATA, { topic: "t" }), "ERR_STATE");
    server.send(connack());
    client.write(DATA, { topic: "t" });
    expect(server.takeNames()).toEqual(["PUBLISH"]);
  });

  const WRONG: Readonly<Record<string, unknown>> = {
    "without options": undefined,
    "without a topic": {},
    "with QoS 3": { topic: "t", QoS: 3 },
    "with QoS -1": { topic: "t", QoS: -1 },
    "with QoS 1.5": { topic: "t", QoS: 1.5 },
    "with QoS as text": { topic: "t", QoS: "1" },
    "to a topic with +": { topic: "a/+" },
    "to a topic with #": { topic: "#" },
    "to an empty topic": { topic: "" },
    "to a topic with U+0000": { topic: "a\0" },
    "to a topic with half of a character": { topic: "\ud800" },
    "to a topic of over 65,535 bytes": { topic: "x".repeat(65_536) },
    "to a topic whose bytes are no UTF-8": { topic: Uint8Array.of(0xc3, 0x28).buffer },
    "to a topic that is a number": { topic: 5 },
    "with fewer bytes announced than there are": { topic: "t", byteLength: 4 },
    "with a byteLength below 0": { topic: "t", byteLength: -1 },
    "with a byteLength that is no integer": { topic: "t", byteLength: 5.5 },
    "with more bytes announced than MQTT can express": { topic: "t", byteLength: 268_435_456 },
    "a duplicate of QoS 0": { topic: "t", duplicate: true },
    "with id 0": { topic: "t", QoS: 1, id: 0 },
    "with id 65,536": { topic: "t", QoS: 1, id: 65_536 },
    "with id -1": { topic: "t", QoS: 1, id: -1 },
    "with id 1.5": { topic: "t", QoS: 2, id: 1.5 },
    "with an id that is text": { topic: "t", QoS: 1, id: "7" },
    "a subscription without items": { operation: SUBSCRIBE },
    "a subscription to no items": { operation: SUBSCRIBE, items: [] },
    "a subscription with id 0": { operation: SUBSCRIBE, items: [{ topic: "t" }], id: 0 },
    "a subscription with QoS 3": { operation: SUBSCRIBE, items: [{ topic: "t", QoS: 3 }] },
    "a subscription whose second filter is wrong": { operation: SUBSCRIBE, items: [{ topic: "t" }, { topic: "a#" }] },
    "a subscription to an empty filter": { operation: SUBSCRIBE, items: [{ topic: "" }] },
    "a subscription without a filter": { operation: SUBSCRIBE, items: [{}] },
    "a subscription that is larger than the buffer": { operation: SUBSCRIBE, items: [{ topic: "x".repeat(600) }] },
    "the end of a subscription without items": { operation: UNSUBSCRIBE },
    "the end of a subscription to no items": { operation: UNSUBSCRIBE, items: [] },
    "the end of a subscription to a wrong filter": { operation: UNSUBSCRIBE, items: [{ topic: "a/#/b" }] },
    "PUBACK without id": { operation: PUBACK },
    "PUBREC without id": { operation: PUBREC },
    "PUBREL with id 0": { operation: PUBREL, id: 0 },
    "PUBCOMP with id 65,536": { operation: PUBCOMP, id: 65_536 },
    "CONNECT, which the client sends": { operation: 1 },
    "CONNACK, which servers send": { operation: 2 },
    "SUBACK, which servers send": { operation: 9, id: 1 },
    "PINGRESP, which servers send": { operation: 13 },
    "operation 0": { operation: 0 },
    "operation 15": { operation: 15 },
    "operation 3.5": { operation: 3.5, topic: "t" },
    "an operation by name": { operation: "PUBLISH", topic: "t" },
  };
  it.each(Object.entries(WRONG))("%s", (_name, options) => {
    expectRefused(connected(), options);
  });

  it.each([[5], ["hello"], [{}], [[1, 2]], [new Uint16Array(2)], [new Float64Array(1)]])("data that is no byte buffer: %o", (data) => {
    expectRefused(connected(), { topic: "t", operation: PUBLISH }, data);
  });
});
