import { expect, it } from "vitest";
import type { QoS } from "mqtt-xs";
import { Properties, Topic } from "mqtt-xs/v5";
import { pass, until } from "../../support/waiting.js";
import { type Broker, type BrokerKind, describeWithMosquitto } from "../brokers.js";
import { startLink } from "../link.js";
import { COUNT, expectAllArrived, hasLast, NUMBERS, publishNumbers, qosOf } from "../numbers.js";
import { connectedDevice, type Device5 } from "./device.js";
import { startPeer } from "./peer.js";
import { sentByDevice } from "./traffic.js";

const PERSISTENT = { clientId: "device", clean: false } as const;

const textsOf = (messages: readonly { readonly payload: Buffer }[]): string[] => messages.map(({ payload }) => payload.toString());

/** Whether the broker has a session of this client still. */
async function sessionIsPresent(broker: Broker): Promise<boolean> {
  const other = await connectedDevice(broker, PERSISTENT);
  await other.close();
  return other.connections[0];
}

/** A device whose session lasts so long, with a subscription. */
async function subscribedDevice(kind: BrokerKind, sessionExpiryInterval: number): Promise<[Device5, Broker]> {
  const broker = await kind.start();
  const device = await connectedDevice(broker, { ...PERSISTENT, sessionExpiryInterval });
  await device.subscribe({ filter: "numbers", qos: 2 });
  return [device, broker];
}

describeWithMosquitto("A session of MQTT 5.0", (kind) => {
  it("that lasts long enough has what came meanwhile", async () => {
    const [device, broker] = await subscribedDevice(kind, 60);
    await device.close();
    const peer = await startPeer(broker);
    for (const number of NUMBERS.slice(0, 10)) await peer.publish("numbers", number, qosOf(number));
    device.connect();
    expect(textsOf(await device.received(10))).toEqual(NUMBERS.slice(0, 10));
    expect(device.connections).toEqual([false, true]);
  });

  it("that has run out is gone: what came meanwhile is not delivered, and subscriptions are made again", async () => {
    const [device, broker] = await subscribedDevice(kind, 1);
    await device.close();
    await pass(3_000);
    const peer = await startPeer(broker);
    await peer.publish("numbers", "missed", 1);
    device.client.publish("kept", "published while away", 1, true);
    device.connect();
    await device.allDelivered();
    await device.subscribe({ filter: "other" }); // answered after the restored one
    await peer.publish("numbers", "seen", 1);
    expect(textsOf(await device.received(1))).toEqual(["seen"]);
    expect(device.connections).toEqual([false, false]);
    expect(device.deliveries).toHaveLength(1);
  });

  it("that has run out is gone for the broker, too", async () => {
    const [device, broker] = await subscribedDevice(kind, 1);
    await device.close();
    await pass(3_000);
    expect(await sessionIsPresent(broker)).toBe(false);
  });

  it("that lasts for ever, as it does by default, is there later", async () => {
    const broker = await kind.start();
    const device = await connectedDevice(broker, PERSISTENT);
    await device.subscribe({ filter: "numbers", qos: 2 });
    await device.close();
    await pass(1_500);
    expect(await sessionIsPresent(broker)).toBe(true);
  });

  it("ends with a DISCONNECT that says so", async () => {
    const [device, broker] = await subscribedDevice(kind, 60);
    device.client.close(0, new Properties({ sessionExpiryInterval: 0 }));
    await device.closed();
    expect(await sessionIsPresent(broker)).toBe(false);
  });

  it("that was ended by a DISCONNECT is begun anew, with its subscriptions", async () => {
    const [device, broker] = await subscribedDevice(kind, 60);
    device.client.close(0, new Properties({ sessionExpiryInterval: 0 }));
    await device.closed();
    device.connect();
    await device.connected();
    await device.subscribe({ filter: "other" }); // answered after the restored one
    const peer = await startPeer(broker);
    await peer.publish("numbers", "hello", 2);
    expect(textsOf(await device.received(1))).toEqual(["hello"]);
    expect(device.connections).toEqual([false, false]);
  });

  it("lasts longer where the DISCONNECT says so", async () => {
    const [device, broker] = await subscribedDevice(kind, 1);
    device.client.close(0, new Properties({ sessionExpiryInterval: 60 }));
    await device.closed();
    await pass(3_000);
    expect(await sessionIsPresent(broker)).toBe(true);
  });

  it("outlives a broken connection, but not a clean start", async () => {
    const broker = await kind.start();
    const link = await startLink(broker);
    const device = await connectedDevice(link, { clientId: "device", clean: true, sessionExpiryInterval: 60 });
    await device.subscribe({ filter: "numbers", qos: 2 });
    link.cut();
    await until("another connection", () => device.connections.length === 2);
    expect(device.connections).toEqual([false, false]);
    expect(sentByDevice(link)[0]).toMatchObject({ type: "CONNECT", cleanStart: true, properties: { sessionExpiryInterval: 60 } });
    await device.close();
    expect(await sessionIsPresent(broker)).toBe(true);
  });

  it("loses nothing of what is published, by alias and with properties, while the network breaks again and again", async () => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    await peer.subscribe("numbers");
    const link = await startLink(broker);
    const device = await connectedDevice(link, { ...PERSISTENT, reconnectPeriod: 5 });
    device.onDelivered = () => {
      if (device.delivered.length % 7 === 0) link.cut();
    };
    const topic = new Topic("numbers");
    const properties = new Properties({ contentType: "text/plain" });
    const publish = (number: string, qos: QoS): number => device.client.publish(topic, number, qos, false, properties);
    await publishNumbers(device, publish, () => device.connected());
    expect(device.connections.length).toBeGreaterThan(3);
    expect(device.deliveries.every(({ reasonCode }) => reasonCode === 0)).toBe(true);
    await until("the last numbers", () => hasLast(peer.messages));
    expectAllArrived(textsOf(peer.messages));
    expect(peer.messages.every((message) => message.properties.contentType === "text/plain")).toBe(true);
  });

  it("loses nothing of what comes in while the network breaks again and again", async () => {
    const broker = await kind.start();
    const link = await startLink(broker);
    const device = await connectedDevice(link, { ...PERSISTENT, reconnectPeriod: 5 });
    let taken = 0;
    const handler = (message: Parameters<Device5["take"]>[0]): void => {
      device.take(message);
      if (++taken % 7 === 0) link.cut();
    };
    await device.subscribe({ filter: "numbers", qos: 2, handler });
    const peer = await startPeer(broker);
    for (const number of NUMBERS) await peer.publish("numbers", number, qosOf(number));
    await until("the last numbers", () => hasLast(device.messages));
    expectAllArrived(textsOf(device.messages));
    expect(device.connections.length).toBeGreaterThan(1);
  });
});

describeWithMosquitto("A session of MQTT 5.0 that the broker keeps on disk", (kind) => {
  it("outlives a restart of the broker: what is published arrives, QoS 2 once", async () => {
    const broker = await kind.start({ persistence: true });
    const options = { clientId: "reader", clean: false, properties: { sessionExpiryInterval: 600 } };
    const reader = await startPeer(broker, options);
    await reader.subscribe("numbers");
    await reader.end();
    const device = await connectedDevice(broker, PERSISTENT);
    const publish = (number: string, qos: QoS): number => device.client.publish("numbers", number, qos);
    await publishNumbers(device, publish, () => broker.restart());
    const again = await startPeer(broker, options);
    await until("the last numbers", () => hasLast(again.messages));
    expectAllArrived(textsOf(again.messages));
    expect(device.connections).toEqual([false, true]);
    expect(device.deliveries).toHaveLength(COUNT);
  });
});
