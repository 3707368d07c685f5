import { expect, it } from "vitest";
import { Properties } from "mqtt-xs/v5";
import { describeWithMosquitto } from "../brokers.js";
import { connectedDevice, startDevice } from "./device.js";
import { startPeer } from "./peer.js";

/** What is published before the broker has said what it takes. */
const PATIENT = { inflight: 4, clientId: "device", clean: false } as const;

describeWithMosquitto("What the broker does not take", (kind) => {
  it("is refused at the call when the packet is too large, and the connection stays", async () => {
    const broker = await kind.start({ configuration: ["max_packet_size 200"] });
    const device = await connectedDevice(broker);
    expect(device.client.server.maximumPacketSize).toBe(200);
    for (const qos of [0, 1, 2] as const)
      expect(() => device.client.publish("a", new Uint8Array(300), qos)).toThrow(
        expect.objectContaining({ code: "ERR_PACKET_SIZE", fault: "caller" }),
      );
    expect(() => device.client.publish("a", new Uint8Array(100_000))).toThrow(expect.objectContaining({ code: "ERR_PACKET_SIZE" }));
    expect(await device.publish("a", new Uint8Array(150), 1)).toBe(0x10);
    expect(device.client.inflight).toBe(0);
    expect(device.failures).toEqual([]);
  });

  it("is taken up to the last byte that the packet may have", async () => {
    const broker = await kind.start({ configuration: ["max_packet_size 200"] });
    const device = await connectedDevice(broker);
    await device.subscribe({ filter: "a", qos: 1 });
    // Fixed header 3, topic 3, identifier 2, no properties 1.
    expect(() => device.client.publish("a", new Uint8Array(192), 1)).toThrow(expect.objectContaining({ code: "ERR_PACKET_SIZE" }));
    expect(await device.publish("a", new Uint8Array(191), 1)).toBe(0);
    expect(device.failures).toEqual([]);
  });

  it("is settled once the broker has said so, when it was published before: 0x95, too large", async () => {
    const broker = await kind.start({ configuration: ["max_packet_size 200"] });
    const device = startDevice(broker, PATIENT);
    const large = device.client.publish("a", new Uint8Array(300), 2);
    const small = device.client.publish("a", "", 1);
    await device.allDelivered();
    expect(device.deliveries).toEqual([{ identifier: large, reasonCode: 0x95 }, { identifier: small, reasonCode: 0x10 }]);
  });

  it("is refused at the call when the message is to be retained: 0x9a", async () => {
    const broker = await kind.start({ configuration: ["retain_available false"] });
    const device = startDevice(broker, PATIENT);
    const identifier = device.client.publish("a", "before", 1, true);
    await device.allDelivered();
    expect(device.deliveries).toEqual([{ identifier, reasonCode: 0x9a }]);
    expect(device.client.server.retainAvailable).toBe(false);
    for (const qos of [0, 1, 2] as const)
      expect(() => device.client.publish("a", "", qos, true)).toThrow(
        expect.objectContaining({ code: "ERR_NOT_SUPPORTED", fault: "caller", reasonCode: 0x9a }),
      );
    expect(await device.publish("a", "", 1)).toBe(0x10);
    expect(device.failures).toEqual([]);
  });

  it("is refused at the call when the quality of service is too high: 0x9b", async () => {
    const broker = await kind.start({ configuration: ["max_qos 1"] });
    const device = startDevice(broker, PATIENT);
    const identifier = device.client.publish("a", "before", 2);
    await device.allDelivered();
    expect(device.deliveries).toEqual([{ identifier, reasonCode: 0x9b }]);
    expect(device.client.server.maximumQoS).toBe(1);
    expect(() => device.client.publish("a", "", 2)).toThrow(
      expect.objectContaining({ code: "ERR_NOT_SUPPORTED", fault: "caller", reasonCode: 0x9b }),
    );
    expect(await device.publish("a", "", 1)).toBe(0x10);
    expect(await device.subscribe({ filter: "a", qos: 2 })).toEqual([1]);
    expect(device.failures).toEqual([]);
  });
});

describeWithMosquitto("What the device does not take", (kind) => {
  it("is kept back by the broker: packets over maximumPacketSize", async () => {
    const broker = await kind.start();
    const device = await connectedDevice(broker, { maximumPacketSize: 200 });
    await device.subscribe({ filter: "a", qos: 2 });
    const peer = await startPeer(broker);
    for (const qos of [0, 1, 2] as const) {
      await peer.publish("a", Buffer.alloc(300), qos);
      await peer.publish("a", "small", qos);
    }
    const messages = await device.received(3);
    expect(messages.map(({ payload }) => payload.toString())).toEqual(["small", "small", "small"]);
    expect(device.failures).toEqual([]);
  });

  it("is not announced: messages larger than its buffers come in pieces, with their properties", async () => {
    const broker = await kind.start();
    const device = await connectedDevice(broker, { packetSize: 128 });
    await device.subscribe({ filter: "a", qos: 2 });
    const peer = await startPeer(broker);
    await peer.publish("a", Buffer.alloc(1_000, "x"), 2, false, { contentType: "text/plain" });
    const [message] = await device.received(1);
    expect(message.payload).toHaveLength(1_000);
    expect(message.pieces).toBeGreaterThan(8);
    expect(message.properties).toEqual({ contentType: "text/plain" });
  });

  it("ends the connection, and says why, when topic and properties do not fit its buffers", async () => {
    const broker = await kind.start();
    const device = await connectedDevice(broker, { packetSize: 128, reconnectPeriod: 0 });
    await device.subscribe({ filter: "a", qos: 0 });
    const other = await connectedDevice(broker);
    other.client.publish("a", "", 0, false, new Properties({ contentType: "x".repeat(200) }));
    expect(await device.failure()).toMatchObject({ code: "ERR_RECEIVE_SIZE", fault: "resources", reasonCode: 0x97 });
  });
});
