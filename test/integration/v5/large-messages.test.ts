import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { Properties, Topic } from "mqtt-xs/v5";
import { describeWithMosquitto } from "../brokers.js";
import { startLink } from "../link.js";
import { connectedDevice } from "./device.js";
import { startPeer } from "./peer.js";
import { publishedBy } from "./traffic.js";

const BUFFER = 512;
const SIZE = 300_000;
const PROPERTIES = { contentType: "application/octet-stream", userProperties: { part: "1" } } as const;

describeWithMosquitto(`Messages of MQTT 5.0 of ${SIZE} bytes, in buffers of ${BUFFER}`, (kind) => {
  it.each([0, 1, 2] as const)("go out with their properties, by a source, with QoS %i", async (qos) => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    await peer.subscribe("large/#");
    const device = await connectedDevice(broker, { packetSize: BUFFER });
    const payload = randomBytes(SIZE);
    const source = {
      length: SIZE,
      read: (target: Uint8Array, start: number, end: number, position: number): number => {
        target.set(payload.subarray(position, position + end - start), start);
        return end - start;
      },
    };
    const properties = new Properties(PROPERTIES);
    device.client.publish(new Topic("large/source"), source, qos, false, properties);
    const [message] = await peer.received(1);
    expect(message).toMatchObject({ topic: "large/source", qos, properties: PROPERTIES });
    expect(message.payload.equals(payload)).toBe(true);
    await device.allDelivered();
  });

  it.each([0, 1, 2] as const)("come in with their properties at every piece, with QoS %i", async (qos) => {
    const broker = await kind.start();
    const device = await connectedDevice(broker, { packetSize: BUFFER });
    let pieces = 0;
    await device.subscribe({
      filter: "large",
      qos: 2,
      handler: (message) => {
        if (message.properties.get("contentType") === PROPERTIES.contentType) pieces++;
        device.take(message);
      },
    });
    const peer = await startPeer(broker);
    const payload = randomBytes(SIZE);
    await peer.publish("large", payload, qos, false, PROPERTIES);
    const [message] = await device.received(1);
    expect(message.payload.equals(payload)).toBe(true);
    expect(message.qos).toBe(qos);
    expect(message.pieces).toBeGreaterThan(SIZE / BUFFER);
    expect(pieces).toBe(message.pieces);
  });

  it("go both ways at the same time, and small ones on the same topic after them, by its alias", async () => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    await peer.subscribe("to/peer");
    const link = await startLink(broker);
    const device = await connectedDevice(link, { packetSize: BUFFER });
    await device.subscribe({ filter: "to/device", qos: 2 });
    const payload = randomBytes(SIZE);
    const topic = new Topic("to/peer");
    device.client.publish(topic, payload, 2);
    device.client.publish(topic, "small", 2);
    await Promise.all([peer.publish("to/device", payload, 2), peer.publish("to/device", "small", 2)]);
    for (const messages of [await peer.received(2), await device.received(2)])
      expect(messages.map((message) => (message.payload.length > 5 ? message.payload.equals(payload) : message.payload.toString()))).toEqual([
        true,
        "small",
      ]);
    await device.allDelivered();
    await device.publish(topic, "last", 1);
    expect((await peer.received(3)).map((message) => message.topic)).toEqual(["to/peer", "to/peer", "to/peer"]);
    expect(publishedBy("device", link).at(-1)).toMatchObject({ topic: "", properties: { topicAlias: 1 } });
  });
});
