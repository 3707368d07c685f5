import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { NodeClock } from "../../hosts/node/index.js";
import MQTTClient from "../../src/ecma419.js";
import { connectedApplication, startApplication } from "../ecma419/support/application.js";
import { network } from "../ecma419/support/node-network.js";
import { runExample } from "../ecma419/support/sdk-example.js";
import { Wrapper } from "../ecma419/support/sdk-wrapper.js";
import { freePort } from "../support/free-port.js";
import { pass, until } from "../support/waiting.js";
import { describeWithEachBroker } from "./brokers.js";
import { startSilentServer } from "./link.js";
import { startPeer } from "./peer.js";

const { CONNACK, PUBACK, PUBREC, PUBCOMP, SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGRESP, DISCONNECT } = MQTTClient;
const QUALITIES = [0, 1, 2] as const;

describeWithEachBroker("ECMA-419's class", (kind) => {
  it("runs the SDK's example: subscriptions, fragments, a ping, and 16 KiB as there is room", async () => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    await peer.subscribe("foo/bar/#");
    const { controls, messages, client } = await runExample(broker);
    expect(controls.get(SUBACK)).toMatchObject({ payload: [2, 0] });
    for (const operation of [CONNACK, UNSUBACK, PINGRESP, PUBREC, PUBCOMP]) expect(controls.has(operation)).toBe(true);
    expect(controls.get(PUBACK)).toMatchObject({ id: 1234 });
    const large = `XXL${controls.text}`;
    expect(large).toHaveLength(3 + 16 * 1024);
    const atPeer = (await peer.received(2)).map(({ topic, payload }) => ({ topic, payload: payload.toString() }));
    for (const received of [messages, atPeer])
      expect(received.toSorted((left, right) => left.payload.length - right.payload.length)).toEqual([
        { topic: "foo/bar/small", payload: "SMALL\n" },
        { topic: "foo/bar/xxl", payload: large },
      ]);
    client.close();
    expect((await peer.received(3))[2]).toMatchObject({ topic: "foo/bar/will" });
  });

  it("is used as the SDK's mqtt module does: topics as bytes, views of what is left, identifiers of its own", async () => {
    const broker = await kind.start();
    const wrapper = new Wrapper(broker);
    const data = randomBytes(30_000);
    await wrapper.subscribe("xs/test", 2);
    await Promise.all([
      wrapper.publish("xs/test", Buffer.from("zero"), 0),
      wrapper.publish("xs/test", Buffer.from("one"), 1),
      wrapper.publish("xs/test", Buffer.from("two"), 2),
      wrapper.publish("xs/test", data, 1),
    ]);
    await until("all messages", () => wrapper.messages.length === 4);
    expect(wrapper.messages.map(([topic]) => topic)).toEqual(["xs/test", "xs/test", "xs/test", "xs/test"]);
    const payloads = wrapper.messages.map(([, payload]) => payload);
    const texts = payloads.map((payload) => payload.toString());
    expect(texts.filter((text) => text.length < 10).toSorted()).toEqual(["one", "two", "zero"]);
    expect(payloads.some((payload) => payload.equals(data))).toBe(true);
    await wrapper.unsubscribe("xs/test");
    wrapper.close();
  });

  it("exchanges messages of every QoS", async () => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    await peer.subscribe("to/peer");
    const app = await connectedApplication(broker);
    const { client } = app;
    client.write(null, { operation: SUBSCRIBE, items: [{ topic: "to/device", QoS: 2 }] });
    await app.told(SUBACK);
    for (const QoS of QUALITIES) {
      client.write(Buffer.from(`out ${QoS}`), { topic: "to/peer", QoS, id: 500 + QoS });
      await peer.publish("to/device", `in ${QoS}`, QoS);
    }
    await Promise.all([app.told(PUBACK, 501), app.told(PUBREC, 502), app.told(PUBCOMP, 502)]);
    const sent = (await peer.received(3)).map(({ payload, qos }) => [payload.toString(), qos]);
    expect(sent.toSorted()).toEqual([["out 0", 0], ["out 1", 1], ["out 2", 2]]);
    const received = (await app.received(3)).map(({ topic, payload, QoS }) => [topic, payload.toString(), QoS]);
    expect(received.toSorted()).toEqual(QUALITIES.map((QoS) => ["to/device", `in ${QoS}`, QoS]));
    expect(app.errors).toEqual([]);
  });

  it.each(QUALITIES)("streams 200 kB both ways through buffers of 128 bytes, QoS %i", async (QoS) => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    await peer.subscribe("to/peer");
    const app = await connectedApplication(broker, { packetSize: 128 });
    app.client.write(null, { operation: SUBSCRIBE, items: [{ topic: "to/device", QoS: 2 }] });
    await app.told(SUBACK);
    const payload = randomBytes(200_000);
    await Promise.all([app.writeAll(payload, { topic: "to/peer", QoS, id: 9 }), peer.publish("to/device", payload, QoS)]);
    const [sent] = await peer.received(1);
    const [received] = await app.received(1);
    expect([sent.payload.equals(payload), received.payload.equals(payload)]).toEqual([true, true]);
    expect([sent.qos, received.QoS]).toEqual([QoS, QoS]);
    if (QoS > 0) await app.told(QoS === 1 ? PUBACK : PUBCOMP, 9);
    expect(app.errors).toEqual([]);
  });

  it("gets many small messages in order, read in portions now and later", async () => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    const seen: string[] = [];
    let text = "";
    const read = (client: MQTTClient, count: number, more: boolean): void => {
      for (let left = count; left > 0; left -= 3) text += Buffer.from(client.read(3) ?? new ArrayBuffer(0)).toString();
      if (!more) seen.push(text);
      if (!more) text = "";
    };
    const app = await connectedApplication(broker, {
      packetSize: 64,
      onReadable(count, { more }) {
        if (seen.length % 2 === 0) read(this, count, more);
        else setTimeout(() => read(this, count, more), 1);
      },
    });
    app.client.write(null, { operation: SUBSCRIBE, items: [{ topic: "in", QoS: 1 }] });
    await app.told(SUBACK);
    const texts = Array.from({ length: 200 }, (_, index) => `message ${index}`);
    for (const each of texts) void peer.publish("in", each, 1);
    await until("all messages", () => seen.length === texts.length);
    expect(seen).toEqual(texts);
  });

  it("gets nothing any more after UNSUBSCRIBE", async () => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    const app = await connectedApplication(broker);
    app.client.write(null, { operation: SUBSCRIBE, items: [{ topic: "a", QoS: 1 }, { topic: "b", QoS: 1 }] });
    await app.told(SUBACK);
    app.client.write(null, { operation: UNSUBSCRIBE, items: [{ topic: "a" }], id: 77 });
    await app.told(UNSUBACK, 77);
    await peer.publish("a", "", 1);
    await peer.publish("b", "", 1);
    expect(await app.received(1)).toMatchObject([{ topic: "b", payload: { length: 0 } }]);
  });

  it("is told by a retained message that it is one", async () => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    await peer.publish("status", "on", 1, true);
    const app = await connectedApplication(broker);
    app.client.write(null, { operation: SUBSCRIBE, items: [{ topic: "status" }] });
    expect(await app.received(1)).toMatchObject([{ topic: "status", retain: true }]);
  });

  it("has its will published when it closes, and not when it disconnects, which ends in onClose", async () => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    await peer.subscribe("status/#");
    const polite = await connectedApplication(broker, { will: { topic: "status/polite", message: "gone" } });
    polite.client.write(null, { operation: DISCONNECT });
    await until("onClose", () => polite.isClosed);
    expect(polite.errors).toEqual([]);
    const rude = await connectedApplication(broker, { will: { topic: "status/rude", message: Uint8Array.of(1, 2), QoS: 1 } });
    rude.client.close();
    expect(await peer.received(1)).toMatchObject([{ topic: "status/rude", payload: Buffer.of(1, 2) }]);
  });

  it("keeps its connection alive", async () => {
    const broker = await kind.start();
    const app = await connectedApplication(broker, { keepAlive: 1_000 });
    await pass(2_600);
    expect(app.controls.filter(({ operation }) => operation === PINGRESP).length).toBeGreaterThanOrEqual(2);
    expect(app.errors).toEqual([]);
  });

  it("is told whether its session has been kept", async () => {
    const broker = await kind.start();
    const options = { id: "keeper", clean: false };
    const first = await connectedApplication(broker, options);
    expect(first.controls).toEqual([{ operation: CONNACK, returnCode: 0, sessionPresent: false }]);
    first.client.write(null, { operation: SUBSCRIBE, items: [{ topic: "t", QoS: 1 }] });
    await first.told(SUBACK);
    first.client.write(null, { operation: DISCONNECT });
    await until("onClose", () => first.isClosed);
    const second = await connectedApplication(broker, options);
    expect(second.controls).toEqual([{ operation: CONNACK, returnCode: 0, sessionPresent: true }]);
  });

  it("is told of a refusal", async () => {
    const broker = await kind.start({ user: { name: "sensor", password: "correct horse" } });
    const refused = startApplication(broker, { user: "sensor", password: "wrong horse" });
    expect(await refused.failure()).toMatchObject({ code: "ERR_CONNECTION_REFUSED", reasonCode: 5 });
    expect(refused.controls).toEqual([]);
    const accepted = await connectedApplication(broker, { user: "sensor", password: Buffer.from("correct horse") });
    expect(accepted.errors).toEqual([]);
  });

  it("is told when the server ends the connection", async () => {
    const broker = await kind.start();
    const app = await connectedApplication(broker);
    await broker.restart();
    expect(await app.failure()).toMatchObject({ code: "ERR_CONNECTION_CLOSED" });
    expect(() => app.client.write(null, { topic: "t" })).toThrow(expect.objectContaining({ code: "ERR_STATE" }) as Error);
  });
});

describe("ECMA-419's class, without a server,", () => {
  it("is told that nobody listens", async () => {
    const app = startApplication({ host: "127.0.0.1", port: await freePort() });
    expect(await app.failure()).toMatchObject({ code: "ERR_SOCKET" });
  });

  it("is told that there is no such name", async () => {
    // An empty label is refused by the resolver without asking the network.
    const app = startApplication({ host: "broker..invalid", port: 1883 });
    expect(await app.failure()).toMatchObject({ code: "ERR_HOST_NOT_FOUND" });
  });

  it("may be closed while it waits", async () => {
    const server = await startSilentServer();
    const client = new MQTTClient({ ...network, ...server, onError: () => expect.unreachable() }, new NodeClock());
    await pass(50);
    client.close();
    await pass(50);
  });
});
