import { expect, it } from "vitest";
import { Properties, type GivenProperties } from "mqtt-xs/v5";
import { pass, until } from "../../support/waiting.js";
import { describeWithMosquitto } from "../brokers.js";
import type { PeerProperties } from "../peer.js";
import { connectedDevice, type DeviceMessage5 } from "./device.js";
import { startPeer } from "./peer.js";

const CORRELATION = Uint8Array.from({ length: 256 }, (_, at) => at);

/** Every property that a publisher can give a message, but for its expiry, which the broker counts down. */
const GIVEN = {
  payloadFormatIndicator: true,
  contentType: "application/json; charset=ü",
  responseTopic: "answers/🌡",
  correlationData: CORRELATION,
} as const satisfies GivenProperties;

const AT_PEER: PeerProperties = { ...GIVEN, correlationData: Buffer.from(CORRELATION) };

/** The same name again and again, among others: the order counts (3.3.2.3.7). */
const PAIRS: [string, string][] = [
  ["unit", "C"],
  ["", ""],
  ["unit", "F"],
  ["größe", "温度"],
  ["unit", "C"],
];

const textsOf = (messages: readonly { readonly payload: Buffer }[]): string[] => messages.map(({ payload }) => payload.toString());

describeWithMosquitto("Messages of MQTT 5.0", (kind) => {
  it.each([0, 1, 2] as const)("of QoS %i reach MQTT.js with all their properties, in order", async (qos) => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    await peer.subscribe("to/peer");
    const device = await connectedDevice(broker, { inflight: 8 });
    const properties = new Properties({ ...GIVEN, messageExpiryInterval: 1_000, userProperties: { unit: ["C", "F"], room: "1" } });
    for (let count = 0; count < 8; count++) device.client.publish("to/peer", `message ${count}`, qos, false, properties);
    const messages = await peer.received(8);
    expect(textsOf(messages)).toEqual(Array.from({ length: 8 }, (_, count) => `message ${count}`));
    for (const message of messages) {
      expect(message).toMatchObject({ topic: "to/peer", qos, properties: AT_PEER });
      expect({ ...message.properties.userProperties }).toEqual({ unit: ["C", "F"], room: "1" });
      expect(message.properties.messageExpiryInterval).toBeGreaterThan(980);
    }
    await device.allDelivered();
    expect(device.deliveries.map(({ reasonCode }) => reasonCode)).toEqual(qos === 0 ? [] : new Array(8).fill(0));
  });

  it.each([0, 1, 2] as const)("of QoS %i from MQTT.js arrive with all their properties, in order", async (qos) => {
    const broker = await kind.start();
    const device = await connectedDevice(broker);
    expect(await device.subscribe({ filter: "to/+", qos: 2 })).toEqual([2]);
    const peer = await startPeer(broker);
    const properties = { ...AT_PEER, messageExpiryInterval: 1_000, userProperties: { unit: ["C", "F"], room: "1" } };
    for (let count = 0; count < 8; count++) await peer.publish("to/device", `message ${count}`, qos, false, properties);
    const messages = await device.received(8);
    expect(textsOf(messages)).toEqual(Array.from({ length: 8 }, (_, count) => `message ${count}`));
    for (const message of messages) {
      expect(message).toMatchObject({ topic: "to/device", qos, properties: GIVEN });
      expect(message.properties.userProperties).toEqual([["unit", "C"], ["unit", "F"], ["room", "1"]]);
      expect(message.properties.messageExpiryInterval).toBeGreaterThan(980);
    }
  });

  it("have their user properties in the order in which they were given", async () => {
    const broker = await kind.start();
    const device = await connectedDevice(broker);
    await device.subscribe({ filter: "a", qos: 2 });
    device.client.publish("a", "", 2, false, new Properties({ userProperties: PAIRS }));
    const [message] = await device.received(1);
    expect(message.properties).toEqual({ userProperties: PAIRS });
  });

  it("have no properties where none were given", async () => {
    const broker = await kind.start();
    const device = await connectedDevice(broker);
    await device.subscribe({ filter: "a", qos: 1 });
    device.client.publish("a", "first", 1, false, new Properties(GIVEN));
    device.client.publish("a", "second", 1, false, new Properties({}));
    device.client.publish("a", "third", 1);
    expect((await device.received(3)).map(({ properties }) => properties)).toEqual([GIVEN, {}, {}]);
  });

  it("are not delivered once they have expired, and until then tell how long they last", async () => {
    const broker = await kind.start();
    const device = await connectedDevice(broker, { clientId: "device", clean: false });
    await device.subscribe({ filter: "kept", qos: 1 });
    await device.close();
    const peer = await startPeer(broker);
    await peer.publish("kept", "for a second", 1, false, { messageExpiryInterval: 1 });
    await peer.publish("kept", "for a minute", 1, false, { messageExpiryInterval: 60 });
    await peer.publish("kept", "for ever", 1);
    await pass(2_500);
    device.connect();
    const [minute, ever] = await device.received(2);
    expect(textsOf(device.messages)).toEqual(["for a minute", "for ever"]);
    expect(minute.properties.messageExpiryInterval).toBeGreaterThan(30);
    expect(minute.properties.messageExpiryInterval).toBeLessThan(59);
    expect(ever.properties).toEqual({});
  });

  it("that the device gives an expiry are gone when MQTT.js comes too late", async () => {
    const broker = await kind.start();
    const device = await connectedDevice(broker);
    await device.publish("soon/over", "kept", 1, true, new Properties({ messageExpiryInterval: 1 }));
    await device.publish("soon/there", "kept", 1, true, new Properties({ messageExpiryInterval: 60 }));
    await pass(2_500);
    const peer = await startPeer(broker);
    await peer.subscribe("soon/#");
    expect(await peer.received(1)).toMatchObject([{ topic: "soon/there", retain: true }]);
    await peer.publish("soon/last", "");
    expect((await peer.received(2)).map(({ topic }) => topic)).toEqual(["soon/there", "soon/last"]);
  });

  it("to topics that nobody subscribes to are delivered with reason 0x10", async () => {
    const broker = await kind.start();
    const device = await connectedDevice(broker);
    expect(await device.publish("nobody", "", 1)).toBe(0x10);
    await device.subscribe({ filter: "nobody" });
    expect(await device.publish("nobody", "", 1)).toBe(0);
  });

  it("that an access control list forbids are refused with reason 0x87, and others go on", async () => {
    // Without a limit of its queues, mosquitto hangs up on everyone whom it forbids something.
    const broker = await kind.start({ accessList: ["topic readwrite open/#"], configuration: ["max_queued_messages 1000"] });
    const device = await connectedDevice(broker);
    expect(await device.subscribe([{ filter: "open/#", qos: 2 }])).toEqual([2]);
    expect(await device.publish("closed", "", 1)).toBe(0x87);
    expect(await device.publish("closed", "", 2)).toBe(0x87);
    expect(await device.publish("open/door", "", 2)).toBe(0);
    expect(await device.received(1)).toMatchObject([{ topic: "open/door" }]);
    expect(device.client.inflight).toBe(0);
    expect(device.failures).toEqual([]);
  });

  it("are requests and responses: the answer comes to the response topic, with the request's correlation data", async () => {
    const broker = await kind.start();
    const responder = await connectedDevice(broker);
    const answer = ({ topic, payload, properties }: DeviceMessage5): void => {
      const { responseTopic = "", correlationData = new Uint8Array() } = properties;
      responder.client.publish(responseTopic, `${topic}: ${payload.toString()}!`, 1, false, new Properties({ correlationData }));
    };
    await responder.subscribe({
      filter: "requests/+",
      qos: 1,
      handler: (message) => {
        responder.take(message);
        answer(responder.messages[responder.messages.length - 1]);
      },
    });
    const requester = await connectedDevice(broker);
    await requester.subscribe({ filter: "answers/requester", qos: 1 });
    for (const name of ["first", "second"]) {
      const properties = new Properties({ responseTopic: "answers/requester", correlationData: Buffer.from(name) });
      requester.client.publish(`requests/${name}`, "hello", 1, false, properties);
    }
    const answers = await requester.received(2);
    expect(textsOf(answers)).toEqual(["requests/first: hello!", "requests/second: hello!"]);
    expect(answers.map(({ properties }) => Buffer.from(properties.correlationData ?? []).toString())).toEqual(["first", "second"]);
  });
});

describeWithMosquitto("Subscriptions of MQTT 5.0", (kind) => {
  it("do not get what their own client publishes, if they say so", async () => {
    const broker = await kind.start();
    const device = await connectedDevice(broker);
    await device.subscribe([
      { filter: "others", qos: 1, noLocal: true },
      { filter: "all", qos: 1 },
    ]);
    const peer = await startPeer(broker);
    for (const topic of ["others", "all"]) await device.publish(topic, "mine", 1);
    for (const topic of ["others", "all"]) await peer.publish(topic, "other's", 1);
    const messages = await device.received(3);
    expect(messages.map(({ topic, payload }) => [topic, payload.toString()])).toEqual([
      ["all", "mine"],
      ["others", "other's"],
      ["all", "other's"],
    ]);
  });

  it("see retain as it was published, if they say so", async () => {
    const broker = await kind.start();
    const device = await connectedDevice(broker);
    await device.subscribe([
      { filter: "as/published", qos: 1, retainAsPublished: true },
      { filter: "as/usual", qos: 1 },
    ]);
    const peer = await startPeer(broker);
    for (const topic of ["as/published", "as/usual"]) {
      await peer.publish(topic, "kept", 1, true);
      await peer.publish(topic, "passing", 1, false);
    }
    const messages = await device.received(4);
    expect(messages.map(({ topic, retain }) => [topic, retain])).toEqual([
      ["as/published", true],
      ["as/published", false],
      ["as/usual", false],
      ["as/usual", false],
    ]);
  });

  it("get retained messages at every subscribing, only when they are new, or never", async () => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    for (const topic of ["every", "new", "never"]) await peer.publish(topic, "kept", 1, true);
    const device = await connectedDevice(broker);
    const subscriptions = [
      { filter: "every", retainHandling: 0 },
      { filter: "new", retainHandling: 1 },
      { filter: "never", retainHandling: 2 },
    ] as const;
    await device.subscribe(subscriptions);
    await device.subscribe(subscriptions);
    await device.subscribe({ filter: "last" });
    await peer.publish("last", "");
    await until("the last message", () => device.messages.some(({ topic }) => topic === "last"));
    expect(device.messages.map(({ topic }) => topic)).toEqual(["every", "new", "every", "last"]);
  });

  it("have their messages routed by their identifiers, which may be large", async () => {
    const broker = await kind.start();
    const device = await connectedDevice(broker);
    const routed: [string, string, readonly number[]][] = [];
    const route = (name: string) => (message: Parameters<typeof device.take>[0]) => {
      device.take(message);
      const { topic, properties } = device.messages[device.messages.length - 1];
      routed.push([name, topic, properties.subscriptionIdentifiers ?? []]);
    };
    await device.subscribeAs(1, { filter: "room/+", qos: 1, handler: route("any room") });
    await device.subscribeAs(268_435_455, { filter: "room/1", qos: 1, handler: route("room 1") });
    await device.subscribe({ filter: "hall", qos: 1, handler: route("hall") });
    const peer = await startPeer(broker);
    for (const topic of ["room/2", "hall", "room/1"]) await peer.publish(topic, "", 1);
    await until("all messages", () => routed.some(([name]) => name === "room 1"));
    // Overlapping subscriptions: a broker sends one message with both identifiers, or one for each (3.3.4).
    expect(routed.filter(([, topic]) => topic !== "room/1")).toEqual([
      ["any room", "room/2", [1]],
      ["hall", "hall", []],
    ]);
    await until("both handlers", () => routed.filter(([, topic]) => topic === "room/1").length >= 2);
    expect(routed.filter(([, topic]) => topic === "room/1").map(([name]) => name).toSorted()).toEqual(["any room", "room 1"]);
  });

  it("that share a filter get each message once between them", async () => {
    const broker = await kind.start();
    const one = await connectedDevice(broker);
    const other = await connectedDevice(broker);
    for (const device of [one, other]) expect(await device.subscribe({ filter: "$share/group/work/+", qos: 1 })).toEqual([1]);
    const peer = await startPeer(broker);
    for (let count = 0; count < 20; count++) await peer.publish(`work/${count}`, "", 1);
    await until("all messages", () => one.messages.length + other.messages.length >= 20);
    for (const { messages } of [one, other]) expect(messages.length).toBeGreaterThan(0);
    const topics = [...one.messages, ...other.messages].map(({ topic }) => topic);
    expect(topics).toHaveLength(20);
    expect(new Set(topics).size).toBe(20);
  });

  it("that share a filter have a handler for it, and end by it", async () => {
    const broker = await kind.start();
    const device = await connectedDevice(broker);
    const handled: string[] = [];
    await device.subscribe({ filter: "$share/group/work/#", qos: 1, handler: ({ topic }) => handled.push(topic) });
    const peer = await startPeer(broker);
    await peer.publish("work/1", "", 1);
    await until("the message", () => handled.length > 0);
    expect(handled).toEqual(["work/1"]);
    expect(await device.unsubscribe(["$share/group/work/#", "unknown"])).toEqual([0, 0x11]);
    expect(await device.publish("work/2", "", 1)).toBe(0x10);
  });
});
