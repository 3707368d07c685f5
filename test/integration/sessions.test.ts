import { expect, it } from "vitest";
import { WOULD_BLOCK, type QoS } from "mqtt-xs";
import { until } from "../support/waiting.js";
import { describeWithEachBroker, describeWithMosquitto } from "./brokers.js";
import { connectedDevice, startDevice, type Device } from "./device.js";
import { startLink } from "./link.js";
import { startPeer } from "./peer.js";

const PERSISTENT = { clientId: "device", clean: false } as const;
const COUNT = 60;

/** The payloads of `COUNT` messages, alternately with QoS 1 and 2. */
const NUMBERS = Array.from({ length: COUNT }, (_, index) => String(index));

function qosOf(number: string): QoS {
  return Number(number) % 2 === 0 ? 1 : 2;
}

/** Publishes all numbers, waiting for room: the first half, a few that `between` finds on their way, then the rest. */
async function publishNumbers(device: Device, between: () => Promise<void>): Promise<void> {
  let next = 0;
  let limit = COUNT / 2 + 3;
  const publish = (): void => {
    while (next < limit && device.client.publish("numbers", NUMBERS[next], qosOf(NUMBERS[next])) !== WOULD_BLOCK) next++;
  };
  device.onWritable = publish;
  publish();
  await until("half of the messages are delivered", () => device.delivered.length >= COUNT / 2);
  await between();
  limit = COUNT;
  publish();
  await until("all messages are delivered", () => device.delivered.length === COUNT);
}

/**
 * Each number arrived: those of QoS 2 once, those of QoS 1 at least once; both in the order in which they were sent, but
 * not among each other, since a server passes a QoS 2 message on when it is released.
 */
function expectAllArrived(payloads: readonly string[]): void {
  const arrived = (qos: QoS): string[] => payloads.filter((number) => qosOf(number) === qos);
  const sent = (qos: QoS): string[] => NUMBERS.filter((number) => qosOf(number) === qos);
  expect([...new Set(arrived(1))]).toEqual(sent(1));
  expect(arrived(2)).toEqual(sent(2));
}

/** Whether the last number of each quality of service is there. */
function hasLast(messages: readonly { readonly payload: Buffer }[]): boolean {
  const payloads = messages.map(({ payload }) => payload.toString());
  return NUMBERS.slice(-2).every((number) => payloads.includes(number));
}

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
    await publishNumbers(device, () => device.connected());
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
    await publishNumbers(device, () => broker.restart());
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
