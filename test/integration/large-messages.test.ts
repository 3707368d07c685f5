import { createHash, randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { describeWithEachBroker } from "./brokers.js";
import { connectedDevice } from "./device.js";
import { startPeer } from "./peer.js";

const BUFFER = 512;
const sizes = [
  { title: "10 kB", size: 10_000 },
  { title: "1 MB", size: 1_000_000 },
].flatMap((each) => ([0, 1, 2] as const).map((qos) => ({ ...each, qos })));

function hash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

describeWithEachBroker(`Messages larger than the ${BUFFER} bytes of the buffers`, (kind) => {
  it.each(sizes)("$title goes out with QoS $qos", async ({ size, qos }) => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    await peer.subscribe("large");
    const device = await connectedDevice(broker, { packetSize: BUFFER });
    const payload = randomBytes(size);
    expect(device.client.publish("large", payload, qos)).toBe(qos === 0 ? 0 : 1);
    const [message] = await peer.received(1);
    expect(hash(message.payload)).toBe(hash(payload));
    await device.allDelivered();
  });

  it.each(sizes)("$title comes in with QoS $qos", async ({ size, qos }) => {
    const broker = await kind.start();
    const device = await connectedDevice(broker, { packetSize: BUFFER });
    await device.subscribe({ filter: "large", qos: 2 });
    const peer = await startPeer(broker);
    const payload = randomBytes(size);
    await peer.publish("large", payload, qos);
    const [message] = await device.received(1);
    expect(hash(message.payload)).toBe(hash(payload));
    expect(message.qos).toBe(qos);
    expect(message.pieces).toBeGreaterThan(size / BUFFER);
  });

  it("other messages follow a large one, in both directions", async () => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    await peer.subscribe("to/peer");
    const device = await connectedDevice(broker, { packetSize: BUFFER });
    await device.subscribe({ filter: "to/device", qos: 2 });
    const payload = randomBytes(100_000);
    device.client.publish("to/peer", payload, 2);
    device.client.publish("to/peer", "small", 2);
    await Promise.all([peer.publish("to/device", payload, 2), peer.publish("to/device", "small", 2)]);
    for (const messages of [await peer.received(2), await device.received(2)])
      expect(messages.map((message) => hash(message.payload))).toEqual([hash(payload), hash(Buffer.from("small"))]);
  });
});
