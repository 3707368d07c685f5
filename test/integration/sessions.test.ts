import { expect, it } from "vitest";
import type { QoS } from "mqtt-xs";
import { until } from "../support/waiting.js";
import { describeWithEachBroker, describeWithMosquitto } from "./brokers.js";
import { connectedDevice, startDevice, type Device } from "./device.js";
import { startLink } from "./link.js";
import { COUNT, expectAllArrived, hasLast, NUMBERS, publishNumbers, qosOf } from "./numbers.js";
import { startPeer } from "./peer.js";

const PERSISTENT = { clientId: "device", clean: false } as const;

const numbersOf = (device: Device) => (number: string, qos: QoS) => device.client.publish("numbers", number, qos);

describeWithEachBroker("A session", (kind) => {
  it("that is kept has the messages that came meanwhile", async () => {
    const broker = await kind.start();
    const device = await connectedDevice(broker, PERSISTENT);
    await device.subscribe({ filter: "numbers", qos: 2 });
    await device.close();
    const peer = await startPeer(broker);
    for (const number of NUMBERS.slice(0, 10)) await peer.publish("numbers", number, qosOf(number));
    device.connect();
    const messages = await device.received(10);
    expect(messages.map(({ payload }) => payload.toString())).toEqual(NUMBERS.slice(0, 10));
    expect(messages.map(({ qos }) => qos)).toEqual(NUMBERS.slice(0, 10).map(qosOf));
    expect(device.connections).toEqual([false, true]);
  });

  it("that is clean has nothing from before but its subscriptions, which are made again", async () => {
    const broker = await kind.start();
    const device = await connectedDevice(broker, { clientId: "device", clean: true });
    await device.subscribe({ filter: "numbers", qos: 2 });
    await device.close();
    const peer = await startPeer(broker);
    await peer.publish("numbers", "missed", 1);
    device.connect();
    await device.connected();
    await device.subscribe({ filter: "other" }); // answered after the restored one
    await peer.publish("numbers", "seen", 1);
    expect((await device.received(1)).map(({ payload }) => payload.toString())).toEqual(["seen"]);
    expect(device.connections).toEqual([false, false]);
  });

  it("loses nothing of what is published while the network breaks again and again", async () => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    await peer.subscribe("numbers");
    const link = await startLink(broker);
    const device = await connectedDevice(link, { ...PERSISTENT, reconnectPeriod: 5 });
    device.onDelivered = () => {
      if (device.delivered.length % 7 === 0) link.cut();
    };
    await publishNumbers(device, numbersOf(device), () => device.connected());
    expect(device.connections.length).toBeGreaterThan(3);
    await until("the last numbers", () => hasLast(peer.messages));
    expectAllArrived(peer.messages.map(({ payload }) => payload.toString()));
  });

  it("that the broker lost with a restart is begun anew: subscriptions and waiting messages come back", async () => {
    const broker = await kind.start();
    const device = startDevice(broker, PERSISTENT);
    await device.subscribe({ filter: "to/device", qos: 2 });
    await broker.restart();
    device.client.publish("kept", "published while away", 2, true);
    await device.allDelivered();
    expect(device.connections).toEqual([false, false]);
    const peer = await startPeer(broker);
    await peer.subscribe("kept");
    expect(await peer.received(1)).toMatchObject([{ payload: Buffer.from("published while away") }]);
    await device.subscribe({ filter: "other" }); // answered after the restored one
    await peer.publish("to/device", "hello", 2);
    expect(await device.received(1)).toMatchObject([{ payload: Buffer.from("hello"), qos: 2 }]);
  });
});

describeWithMosquitto("A session that the broker keeps on disk", (kind) => {
  it("outlives a restart of the broker: what is published arrives, QoS 2 once", async () => {
    const broker = await kind.start({ persistence: true });
    const reader = await startPeer(broker, { clientId: "reader", clean: false });
    await reader.subscribe("numbers");
    await reader.end();
    const device = await connectedDevice(broker, PERSISTENT);
    await publishNumbers(device, numbersOf(device), () => broker.restart());
    const again = await startPeer(broker, { clientId: "reader", clean: false });
    await until("the last numbers", () => hasLast(again.messages));
    expectAllArrived(again.messages.map(({ payload }) => payload.toString()));
    expect(device.connections).toEqual([false, true]);
  });

  it("outlives a restart of the broker: what comes in arrives, QoS 2 once", async () => {
    const broker = await kind.start({ persistence: true });
    const device = await connectedDevice(broker, PERSISTENT);
    await device.subscribe({ filter: "numbers", qos: 2 });
    const before = await startPeer(broker);
    for (const number of NUMBERS.slice(0, COUNT / 2)) await before.publish("numbers", number, qosOf(number));
    await before.end();
    await broker.restart();
    const after = await startPeer(broker);
    for (const number of NUMBERS.slice(COUNT / 2)) await after.publish("numbers", number, qosOf(number));
    await until("the last numbers", () => hasLast(device.messages));
    expectAllArrived(device.messages.map(({ payload }) => payload.toString()));
  });
});
