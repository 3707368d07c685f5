import { expect, it } from "vitest";
import { Properties } from "mqtt-xs/v5";
import { publish } from "../../support/v5/packets.js";
import { pass, until } from "../../support/waiting.js";
import { describeWithMosquitto } from "../brokers.js";
import { startLink } from "../link.js";
import { connectedDevice, startDevice } from "./device.js";
import { startPeer } from "./peer.js";
import { packetsOf, sentByDevice } from "./traffic.js";

const USER = { name: "sensor-user", password: "correct horse battery" };
/** Seconds: the least that mosquitto can be told. */
const LEAST_KEEP_ALIVE = 10;

describeWithMosquitto("A connection of MQTT 5.0", (kind) => {
  it("has the client identifier that the broker assigns, and keeps it", async () => {
    const broker = await kind.start();
    const link = await startLink(broker);
    const device = await connectedDevice(link, { clean: false });
    const assigned = device.client.clientId;
    expect(assigned).not.toBe("");
    expect(sentByDevice(link)[0]).toMatchObject({ type: "CONNECT", clientId: "", cleanStart: false });
    link.cut();
    await until("another connection", () => device.connections.length === 2);
    expect(device.connections).toEqual([false, true]);
    expect(sentByDevice(link)[0]).toMatchObject({ type: "CONNECT", clientId: assigned });
    expect(device.client.clientId).toBe(assigned);
  });

  it("is accepted with the right user name and password", async () => {
    const broker = await kind.start({ user: USER });
    const device = await connectedDevice(broker, { username: USER.name, password: USER.password });
    expect(await device.publish("a", "", 1)).toBe(0x10);
    expect(device.failures).toEqual([]);
  });

  it.each([
    { title: "a wrong password", credentials: { username: USER.name, password: "wrong-secret" } },
    { title: "a password alone", credentials: { password: USER.password } },
    { title: "none at all", credentials: {} },
  ])("is refused with $title, by name and without telling credentials", async ({ credentials }) => {
    const broker = await kind.start({ user: USER });
    const device = startDevice(broker, { ...credentials, reconnectPeriod: 0 });
    const failure = await device.failure();
    expect(failure).toMatchObject({ code: "ERR_CONNECTION_REFUSED", fault: "server", reasonCode: 0x87 });
    for (const secret of [USER.name, USER.password, ...Object.values(credentials)])
      expect(JSON.stringify([failure.message, failure.stack, String(failure)])).not.toContain(secret);
  });

  it("is kept alive as often as the broker wants", async () => {
    const broker = await kind.start({ configuration: [`max_keepalive ${LEAST_KEEP_ALIVE}`] });
    const link = await startLink(broker);
    const device = await connectedDevice(link, { keepalive: 3_600 });
    expect(device.client.server.keepalive).toBe(LEAST_KEEP_ALIVE);
    const start = performance.now();
    await until("PINGRESP", () => packetsOf(link).some(({ packet }) => packet.cmd === "pingresp"));
    expect(performance.now() - start).toBeLessThan(LEAST_KEEP_ALIVE * 1_000);
    await pass(LEAST_KEEP_ALIVE * 700); // together, longer than the broker waits
    expect(device.failures).toEqual([]);
    expect(await device.publish("a", "", 1)).toBe(0x10);
  });

  it("is kept as alive as the device wants, where the broker allows it", async () => {
    const broker = await kind.start();
    const device = await connectedDevice(broker, { keepalive: 1, reconnectPeriod: 0 });
    expect(device.client.server.keepalive).toBeUndefined();
    await pass(3_500); // a server hangs up after one and a half times the keep alive
    expect(device.failures).toEqual([]);
    expect(device.client.connected).toBe(true);
  });

  it("ends when another client takes its session over", async () => {
    const broker = await kind.start();
    const device = await connectedDevice(broker, { clientId: "device", clean: false, reconnectPeriod: 0 });
    const other = await connectedDevice(broker, { clientId: "device", clean: false });
    const { code, reasonCode } = await device.failure();
    // Mosquitto 2.0.11 says nothing, others say why.
    expect([["ERR_DISCONNECTED", 0x8e], ["ERR_CONNECTION_CLOSED", 0]]).toContainEqual([code, reasonCode]);
    expect(other.connections).toEqual([true]);
    expect(device.client.connected).toBe(false);
  });

  it.each([
    { what: "an alias that it does not know", packet: publish({ topic: "", properties: [["topicAlias", 99]] }), reasonCode: 0x94 },
    { what: "a topic with a wildcard", packet: publish({ topic: "a/#" }), reasonCode: 0x82 },
  ])("is told why the broker hangs up: $what, which the network has put in", async ({ packet, reasonCode }) => {
    const broker = await kind.start();
    const link = await startLink(broker);
    const device = await connectedDevice(link, { reconnectPeriod: 0 });
    link.inject(packet);
    expect(await device.failure()).toMatchObject({ code: "ERR_DISCONNECTED", fault: "server", reasonCode });
    expect(packetsOf(link).at(-1)).toMatchObject({ from: "broker", packet: { cmd: "disconnect", reasonCode } });
  });
});

describeWithMosquitto("A will of MQTT 5.0", (kind) => {
  const PROPERTIES = {
    payloadFormatIndicator: true,
    contentType: "text/plain",
    responseTopic: "answers",
    correlationData: Buffer.from([1, 2, 3]),
    userProperties: { unit: "C" },
  } as const;
  const willAfter = (willDelayInterval: number): { topic: string; payload: string; qos: 1; properties: Properties } => ({
    topic: "status",
    payload: "gone",
    qos: 1,
    properties: new Properties({ ...PROPERTIES, willDelayInterval }),
  });

  it("is published after its delay, with its properties", async () => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    await peer.subscribe("status");
    const link = await startLink(broker);
    await connectedDevice(link, { clientId: "device", clean: false, will: willAfter(2), reconnectPeriod: 60_000 });
    link.cut();
    await pass(500);
    expect(peer.messages).toEqual([]);
    const [message] = await peer.received(1);
    expect(message).toMatchObject({ topic: "status", payload: Buffer.from("gone"), qos: 1, properties: PROPERTIES });
    expect(message.properties.messageExpiryInterval).toBeUndefined();
  });

  it("is not published when the device is back before its delay is over", async () => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    await peer.subscribe("status");
    const link = await startLink(broker);
    const device = await connectedDevice(link, { clientId: "device", clean: false, will: willAfter(2) });
    link.cut();
    await until("another connection", () => device.connections.length === 2);
    expect(device.connections).toEqual([false, true]);
    await pass(3_500);
    expect(peer.messages).toEqual([]);
  });

  it("is published when the session ends, though its delay is not over", async () => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    await peer.subscribe("status");
    const link = await startLink(broker);
    await connectedDevice(link, { clientId: "device", sessionExpiryInterval: 1, will: willAfter(600), reconnectPeriod: 60_000 });
    link.cut();
    expect(await peer.received(1)).toMatchObject([{ topic: "status" }]);
  });

  it("is published at once where the device says good-bye with 0x04, and not with 0x00", async () => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    await peer.subscribe("#");
    const device = await connectedDevice(broker, { clientId: "device", will: willAfter(0) });
    await device.close();
    device.connect();
    await device.connected();
    device.client.publish("mark", "");
    device.client.close(0x04);
    await device.closed();
    expect((await peer.received(2)).map(({ topic }) => topic)).toEqual(["mark", "status"]);
  });
});
