import { expect, it } from "vitest";
import { WOULD_BLOCK } from "mqtt-xs";
import { describeWithMosquitto } from "../brokers.js";
import { startLink } from "../link.js";
import { connectedDevice } from "./device.js";
import { startPeer } from "./peer.js";
import { mostUnderWay, sentByDevice } from "./traffic.js";

const NUMBERS = Array.from({ length: 24 }, (_, at) => String(at));

const textsOf = (messages: readonly { readonly payload: Buffer }[]): string[] => messages.map(({ payload }) => payload.toString());

describeWithMosquitto("Flow control", (kind) => {
  it.each([
    { receiveMaximum: 1, qos: 1 },
    { receiveMaximum: 1, qos: 2 },
    { receiveMaximum: 3, qos: 1 },
    { receiveMaximum: 3, qos: 2 },
  ] as const)("sends as much as the broker takes, $receiveMaximum at a time, with QoS $qos", async ({ receiveMaximum, qos }) => {
    const broker = await kind.start({ configuration: [`max_inflight_messages ${receiveMaximum}`] });
    const peer = await startPeer(broker);
    await peer.subscribe("to/peer");
    const link = await startLink(broker);
    const device = await connectedDevice(link, { inflight: 8 });
    expect(device.client.server.receiveMaximum).toBe(receiveMaximum);
    let next = 0;
    device.onWritable = () => {
      while (next < NUMBERS.length && device.client.publish("to/peer", NUMBERS[next], qos) !== WOULD_BLOCK) next++;
    };
    device.onWritable();
    expect(textsOf(await peer.received(NUMBERS.length))).toEqual(NUMBERS);
    await device.allDelivered();
    expect(device.deliveries).toHaveLength(NUMBERS.length);
    expect(mostUnderWay("device", link)).toBe(receiveMaximum);
    sentByDevice(link);
  });

  it("lets QoS 0, and requests, pass what waits", async () => {
    const broker = await kind.start({ configuration: ["max_inflight_messages 1"] });
    const peer = await startPeer(broker);
    await peer.subscribe("to/peer");
    const device = await connectedDevice(broker, { inflight: 8 });
    for (const number of NUMBERS.slice(0, 8)) device.client.publish("to/peer", number, 2);
    device.client.publish("to/peer", "at once");
    expect(await device.subscribe({ filter: "a", qos: 1 })).toEqual([1]);
    const texts = textsOf(await peer.received(9));
    expect(texts.filter((text) => text !== "at once")).toEqual(NUMBERS.slice(0, 8));
    expect(texts.indexOf("at once")).toBeLessThan(8);
    await device.allDelivered();
  });

  it.each([1, 2] as const)("has the broker send as much as the device takes, one at a time, with QoS %i", async (qos) => {
    const broker = await kind.start();
    const link = await startLink(broker);
    const device = await connectedDevice(link, { receiveMaximum: 1, clientId: "device", clean: false });
    await device.subscribe({ filter: "to/device", qos: 2 });
    await device.close();
    const peer = await startPeer(broker);
    for (const number of NUMBERS) await peer.publish("to/device", number, qos);
    device.connect();
    expect(textsOf(await device.received(NUMBERS.length))).toEqual(NUMBERS);
    expect(mostUnderWay("broker", link)).toBe(1);
    expect(sentByDevice(link)[0]).toMatchObject({ type: "CONNECT", properties: { receiveMaximum: 1 } });
    expect(device.failures).toEqual([]);
  });

  // Mosquitto 2.0.11 sends as many again with every PUBREC; the device then ends the connection, as it must (4.9).
  it("loses nothing and has nothing twice, even if the broker sends more than the device takes", async () => {
    const broker = await kind.start();
    const device = await connectedDevice(broker, { receiveMaximum: 4, clientId: "device", clean: false, reconnectPeriod: 5 });
    await device.subscribe({ filter: "to/device", qos: 2 });
    await device.close();
    const peer = await startPeer(broker);
    for (const number of NUMBERS) await peer.publish("to/device", number, 2);
    device.connect();
    expect(textsOf(await device.received(NUMBERS.length)).toSorted()).toEqual(NUMBERS.toSorted());
    expect(device.messages).toHaveLength(NUMBERS.length);
    for (const failure of device.failures) expect(failure).toMatchObject({ code: "ERR_PROTOCOL", reasonCode: 0x93 });
  });
});
