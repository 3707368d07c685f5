import { describe, expect, it } from "vitest";
import { TopicFilter, WOULD_BLOCK, type QoS } from "mqtt-xs";
import { packet, puback, publish, suback, uint16 } from "../support/packets.js";
import { connect, expectClosedBy, expectRefused, reconnect, type Fixture } from "./support.js";

/** Subscribes with `identifier` 1 to three filters, and lets the broker take the SUBSCRIBE. */
function subscribed({ broker, client }: Fixture): void {
  client.subscribe([{ filter: "a" }, { filter: "b", qos: 1 }, { filter: "c", qos: 2 }]);
  broker.expect("SUBSCRIBE", { identifier: 1 });
}

describe("3.8 SUBSCRIBE", () => {
  it("MQTT-3.8.1-1: SUBSCRIBE has flags 2, also when it restores what the server has lost", () => {
    const fixture = connect();
    const { broker, client } = fixture;
    client.subscribe({ filter: "a" });
    broker.expectBytes("82 06 00 01 00 01 61 00");
    broker.send(suback(1, 0));
    reconnect(fixture, {});
    broker.expectBytes("82 06 00 02 00 01 61 00");
    broker.expectNothing();
  });

  it("MQTT-3.8.3-1: filters are sent as UTF-8, as text and prepared alike", () => {
    const { broker, client } = connect();
    client.subscribe([{ filter: "é/+" }, { filter: new TopicFilter("😀/#"), qos: 2 }]);
    broker.expectBytes("82 12 00 01 00 04 c3 a9 2f 2b 00 00 06 f0 9f 98 80 2f 23 02");
    broker.expectNothing();
  });

  it("MQTT-3.8.3-1: refuses a filter that UTF-8 cannot express", () => {
    const { broker, client } = connect();
    expectRefused(() => client.subscribe({ filter: "a/\ud800" }), "ERR_TOPIC_FILTER");
    expectRefused(() => new TopicFilter("\udfff"), "ERR_TOPIC_FILTER");
    broker.expectNothing();
  });

  it("MQTT-3.8.3-3: refuses to subscribe to no filter at all", () => {
    const { broker, client } = connect();
    expectRefused(() => client.subscribe([]), "ERR_ARGUMENT", "filter");
    broker.expectNothing();
  });

  it("MQTT-3.8.3-3: one SUBSCRIBE holds as many filters as are given, each with its QoS", () => {
    const { broker, client } = connect();
    client.subscribe([{ filter: "a", qos: 0 }, { filter: "b/+", qos: 1 }, { filter: "#", qos: 2 }]);
    broker.expectBytes("82 10 00 01 00 01 61 00 00 03 62 2f 2b 01 00 01 23 02");
    broker.expectNothing();
  });

  it("MQTT-3.8.3-4: the byte of the requested QoS is 0, 1 or 2; it is 0 when none is given", () => {
    const { broker, client } = connect();
    for (const [qos, byte] of [[undefined, "00"], [0, "00"], [1, "01"], [2, "02"]] as const) {
      client.subscribe(qos === undefined ? { filter: "a" } : { filter: "a", qos });
      const bytes = broker.expect("SUBSCRIBE").bytes;
      expect(bytes.at(-1)).toBe(parseInt(byte, 16));
    }
  });

  for (const qos of [3, -1, 0.5, NaN, 128, 256])
    it(`MQTT-3.8.3-4: refuses to ask for QoS ${qos}, and keeps nothing of the whole call`, () => {
      const { broker, client, events } = connect();
      const handler = (): unknown => events.push("handler");
      expectRefused(() => client.subscribe([{ filter: "a", handler }, { filter: "b", qos: qos as QoS }]), "ERR_ARGUMENT", "qos");
      broker.expectNothing();
      broker.send(publish({ topic: "a" }));
      expect(events).toEqual(["message a: "]);
    });

  it("refuses what does not fit the buffer, and would block where no more filters are allowed", () => {
    const { broker, client } = connect({ packetSize: 32, subscriptions: 2 });
    expectRefused(() => client.subscribe({ filter: "a".repeat(40) }), "ERR_PACKET_SIZE");
    expect(client.subscribe([{ filter: "a" }, { filter: "b" }, { filter: "c" }])).toBe(WOULD_BLOCK);
    broker.expectNothing();
    client.subscribe([{ filter: "a" }, { filter: "b" }]);
    broker.expect("SUBSCRIBE");
    expect(client.subscribe({ filter: "c" })).toBe(WOULD_BLOCK);
    broker.expectNothing();
  });
});

describe("3.8.4 Response, 3.9 SUBACK", () => {
  it("MQTT-3.8.4-1: a message may come before the SUBACK, and finds its handler", () => {
    const { broker, client, events } = connect();
    client.subscribe({ filter: "a", qos: 1, handler: ({ topic }) => events.push(`handler ${topic}`) });
    broker.expect("SUBSCRIBE");
    broker.send(publish({ topic: "a", qos: 1, identifier: 3 }));
    broker.expectBytes(puback(3));
    expect(events).toEqual(["handler a"]);
  });

  it("MQTT-3.8.4-2: the SUBACK with its identifier completes a SUBSCRIBE, once", () => {
    const codes: number[][] = [];
    const { broker, client } = connect();
    const identifier = client.subscribe({ filter: "a", qos: 2 }, (granted) => codes.push([...granted]));
    broker.expect("SUBSCRIBE", { identifier });
    expect(codes).toEqual([]);
    broker.sendByteByByte(suback(identifier, 2));
    expect(codes).toEqual([[2]]);
    broker.send(suback(identifier, 2));
    expect(codes).toEqual([[2]]);
    broker.expectOpen();
  });

  it("MQTT-3.8.4-3: subscribing to an equal filter again replaces the subscription and its handler", () => {
    const { broker, client, events } = connect();
    client.subscribe({ filter: "a", handler: () => events.push("old") });
    client.subscribe({ filter: "a", qos: 1, handler: () => events.push("new") });
    broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "a", qos: 0 }] });
    broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "a", qos: 1 }] });
    broker.sendTogether(suback(1, 0), suback(2, 1), publish({ topic: "a" }));
    expect(events).toEqual(["new"]);
  });

  it("MQTT-3.8.4-5: a code for each filter: granted lower or as asked, or refused", () => {
    const codes: number[][] = [];
    const { broker, client } = connect();
    client.subscribe([{ filter: "a", qos: 2 }, { filter: "b", qos: 2 }, { filter: "c", qos: 2 }, { filter: "d", qos: 2 }], (granted) =>
      codes.push([...granted]),
    );
    broker.send(suback(1, 2, 1, 0, 0x80));
    expect(codes).toEqual([[2, 1, 0, 0x80]]);
    broker.expectOpen();
  });

  for (const codes of [[0], [0, 1], [0, 1, 2, 0], [0, 1, 2, 0, 0, 0, 0]])
    it(`MQTT-3.8.4-5: closes on ${codes.length} codes for three filters`, () => {
      expectClosedBy(suback(1, ...codes), "ERR_PROTOCOL", {}, subscribed);
    });

  it("MQTT-3.8.4-5: closes on a SUBACK without any code", () => {
    expectClosedBy(packet(0x90, uint16(1)), "ERR_MALFORMED_PACKET", {}, subscribed);
  });

  it("MQTT-3.8.4-5: a SUBACK with too few codes completes nothing", () => {
    let done = 0;
    const { broker, client } = connect();
    client.subscribe([{ filter: "a" }, { filter: "b" }], () => done++);
    broker.expect("SUBSCRIBE");
    broker.send(suback(1, 0));
    broker.expectClosed();
    expect(done).toBe(0);
  });

  it("MQTT-3.9.3-1: codes belong to the filters by position: only the refused one is gone", () => {
    const fixture = connect();
    const { broker, client, events } = fixture;
    const handler = (name: string) => (): unknown => events.push(name);
    client.subscribe([
      { filter: "a", handler: handler("a") },
      { filter: "b", handler: handler("b") },
      { filter: "c", handler: handler("c") },
    ]);
    broker.expect("SUBSCRIBE");
    broker.send(suback(1, 0, 0x80, 0));
    expect(events).toEqual(["error ERR_SUBSCRIPTION_REFUSED"]);
    broker.sendTogether(publish({ topic: "a" }), publish({ topic: "b" }), publish({ topic: "c" }));
    expect(events.slice(1)).toEqual(["a", "message b: ", "c"]);
    reconnect(fixture, {});
    broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "a", qos: 0 }] });
    broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "c", qos: 0 }] });
    broker.expectNothing();
  });

  it("MQTT-3.9.3-1: the callback gets the codes in the order of the filters", () => {
    const codes: number[] = [];
    const { broker, client } = connect();
    client.subscribe([{ filter: "a" }, { filter: "b", qos: 1 }, { filter: "c", qos: 2 }], (granted) => codes.push(...granted));
    broker.send(suback(1, 0, 0x80, 2));
    expect(codes).toEqual([0, 0x80, 2]);
  });

  it("MQTT-3.9.3-2: closes on every code but 0, 1, 2 and 128, in whatever place", () => {
    for (let code = 3; code < 256; code++) {
      if (code === 0x80) continue;
      const place = code % 3;
      const codes = [0, 1, 2].map((right, at) => (at === place ? code : right));
      expectClosedBy(suback(1, ...codes), "ERR_PROTOCOL", {}, subscribed);
    }
  });

  it("MQTT-3.9.3-2: closes on such a code in an answer that nobody waits for as well", () => {
    expectClosedBy(suback(9, 3), "ERR_PROTOCOL");
  });
});
