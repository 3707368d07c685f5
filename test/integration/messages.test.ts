import { expect, it } from "vitest";
import { WOULD_BLOCK, type QoS } from "mqtt-xs";
import { until } from "../support/waiting.js";
import { describeWithEachBroker } from "./brokers.js";
import { connectedDevice, type Device } from "./device.js";
import { startPeer } from "./peer.js";

/** `count` texts that tell their place. */
function texts(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `message ${index}`);
}

/** Publishes all, waiting for room as an application would. */
async function publishAll(device: Device, payloads: readonly string[], qos: QoS): Promise<number> {
  let next = 0;
  let refusals = 0;
  device.onWritable = () => {
    while (next < payloads.length) {
      if (device.client.publish("to/peer", payloads[next], qos) === WOULD_BLOCK) {
        refusals++;
        return;
      }
      next++;
    }
  };
  device.onWritable();
  await until("everything is published", () => next === payloads.length);
  return refusals;
}

describeWithEachBroker("Messages", (kind) => {
  it.each([0, 1, 2] as const)("QoS %i reaches MQTT.js, in order", async (qos) => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    await peer.subscribe("to/peer");
    const device = await connectedDevice(broker);
    await publishAll(device, texts(100), qos);
    const messages = await peer.received(100);
    expect(messages.map(({ payload }) => payload.toString())).toEqual(texts(100));
    expect(new Set(messages.map((message) => message.qos))).toEqual(new Set([qos]));
    await device.allDelivered();
    expect(device.delivered.length).toBe(qos === 0 ? 0 : 100);
  });

  it.each([0, 1, 2] as const)("QoS %i from MQTT.js arrives, in order", async (qos) => {
    const broker = await kind.start();
    const device = await connectedDevice(broker);
    expect(await device.subscribe({ filter: "to/+", qos: 2 })).toEqual([2]);
    const peer = await startPeer(broker);
    for (const text of texts(100)) await peer.publish("to/device", text, qos);
    const messages = await device.received(100);
    expect(messages.map(({ payload }) => payload.toString())).toEqual(texts(100));
    expect(messages.every((message) => message.qos === qos && message.topic === "to/device" && !message.retain)).toBe(true);
  });

  it("the quality of service is lowered to the one granted", async () => {
    const broker = await kind.start();
    const device = await connectedDevice(broker);
    expect(await device.subscribe({ filter: "a", qos: 1 }, { filter: "b", qos: 0 })).toEqual([1, 0]);
    const peer = await startPeer(broker);
    await peer.publish("a", "", 2);
    await peer.publish("b", "", 2);
    const messages = await device.received(2);
    expect(messages.map(({ topic, qos }) => [topic, qos])).toEqual([["a", 1], ["b", 0]]);
  });

  it("topics and payloads of any bytes survive both ways", async () => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    await peer.subscribe("Ü/🌡/#");
    const device = await connectedDevice(broker);
    await device.subscribe({ filter: "Ü/🌡/+", qos: 1 });
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    device.client.publish("Ü/🌡/温度", bytes, 1);
    device.client.publish("Ü/🌡/", "", 1);
    for (const messages of [await peer.received(2), await device.received(2)]) {
      expect(messages.map(({ topic }) => topic)).toEqual(["Ü/🌡/温度", "Ü/🌡/"]);
      expect(messages.map(({ payload }) => [...payload])).toEqual([[...bytes], []]);
    }
  });

  it("retained messages are kept, told apart, and cleared by an empty one", async () => {
    const broker = await kind.start();
    const device = await connectedDevice(broker);
    device.client.publish("state", "on", 1, true);
    await device.allDelivered();
    const peer = await startPeer(broker);
    await peer.subscribe("state");
    expect(await peer.received(1)).toMatchObject([{ retain: true, payload: Buffer.from("on") }]);

    await peer.publish("setting", "7", 1, true);
    await device.subscribe({ filter: "setting", qos: 1 });
    expect(await device.received(1)).toMatchObject([{ topic: "setting", retain: true, payload: Buffer.from("7") }]);
    await peer.publish("setting", "8", 1, true);
    expect(await device.received(2)).toMatchObject([{}, { retain: false, payload: Buffer.from("8") }]);

    device.client.publish("state", "", 1, true);
    await device.allDelivered();
    const late = await startPeer(broker);
    await late.subscribe("state");
    await late.subscribe("setting");
    expect(await late.received(1)).toMatchObject([{ topic: "setting" }]);
  });

  it("handlers get what matches their filter, of several in one SUBSCRIBE", async () => {
    const broker = await kind.start();
    const device = await connectedDevice(broker);
    const seen: string[] = [];
    const codes = await device.subscribe(
      { filter: "room/+/temperature", qos: 1, handler: ({ topic }) => seen.push(`+ ${topic}`) },
      { filter: "hall/#", qos: 1, handler: ({ topic }) => seen.push(`# ${topic}`) },
    );
    expect(codes).toEqual([1, 1]);
    const peer = await startPeer(broker);
    for (const topic of ["room/1/temperature", "room/1/humidity", "hall", "hall/a/b"]) await peer.publish(topic, "", 1);
    await until("three messages", () => seen.length >= 3);
    expect(seen).toEqual(["+ room/1/temperature", "# hall", "# hall/a/b"]);
    expect(device.messages).toEqual([]);
  });

  it("of several filters in one SUBSCRIBE, the refused one is told", async () => {
    const broker = await kind.start({ forbidden: "forbidden" });
    const device = await connectedDevice(broker);
    const codes = await device.subscribe({ filter: "a", qos: 1 }, { filter: "forbidden", qos: 1 }, { filter: "b", qos: 2 });
    expect(codes).toEqual([1, 0x80, 2]);
    device.client.subscribe({ filter: "forbidden" });
    await until("the error", () => device.errors.length > 0);
    expect(device.errors).toMatchObject([{ code: "ERR_SUBSCRIPTION_REFUSED", reasonCode: 0x80 }]);
    const peer = await startPeer(broker);
    for (const topic of ["forbidden", "a", "b"]) await peer.publish(topic, "", 1);
    expect((await device.received(2)).map(({ topic }) => topic)).toEqual(["a", "b"]);
  });

  it("after UNSUBSCRIBE nothing comes any more", async () => {
    const broker = await kind.start();
    const device = await connectedDevice(broker);
    await device.subscribe({ filter: "a", qos: 1 }, { filter: "b", qos: 1 });
    await device.unsubscribe("a");
    const peer = await startPeer(broker);
    await peer.publish("a", "", 1);
    await peer.publish("b", "", 1);
    expect(await device.received(1)).toMatchObject([{ topic: "b" }]);
    expect(device.messages.length).toBe(1);
  });

  it("10,000 QoS 0 messages, as fast as there is room, all arrive in order", async () => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    await peer.subscribe("to/peer", 0);
    const device = await connectedDevice(broker, { packetSize: 2_048 });
    // Long ones, since the system's own buffers take megabytes before there is no room.
    const payloads = texts(10_000).map((text) => text.padEnd(1_000));
    expect(await publishAll(device, payloads, 0)).toBeGreaterThan(0);
    const messages = await peer.received(10_000, 20_000);
    expect(messages.map(({ payload }) => payload.toString().trimEnd())).toEqual(texts(10_000));
    expect(device.failures).toEqual([]);
  });
});
