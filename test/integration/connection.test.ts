import { describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.js";
import { pass } from "../support/waiting.js";
import { describeWithEachBroker } from "./brokers.js";
import { connectedDevice, startDevice } from "./device.js";
import { startLink, startSilentServer } from "./link.js";
import { startPeer } from "./peer.js";

const USER = { name: "sensor-user", password: "correct horse battery" };

describeWithEachBroker("A connection", (kind) => {
  it("is accepted with the right user name and password", async () => {
    const broker = await kind.start({ user: USER });
    const device = await connectedDevice(broker, { username: USER.name, password: USER.password });
    device.client.publish("a", "", 1);
    await device.allDelivered();
    expect(device.failures).toEqual([]);
  });

  it.each([
    { title: "a wrong password", credentials: { username: USER.name, password: "wrong-secret" } },
    { title: "a wrong user name", credentials: { username: "stranger-name", password: USER.password } },
    { title: "none at all", credentials: {} },
  ])("is refused with $title, by name and without telling credentials", async ({ credentials }) => {
    const broker = await kind.start({ user: USER });
    const device = startDevice(broker, { ...credentials, reconnectPeriod: 0 });
    const failure = await device.failure();
    expect(failure).toMatchObject({ code: "ERR_CONNECTION_REFUSED", fault: "server" });
    expect([4, 5]).toContain(failure.reasonCode);
    for (const secret of [USER.name, USER.password, ...Object.values(credentials)])
      expect(JSON.stringify([failure.message, failure.stack, String(failure)])).not.toContain(secret);
    expect(device.client.connected).toBe(false);
  });

  it("that breaks without DISCONNECT has the will published", async () => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    await peer.subscribe("status");
    const link = await startLink(broker);
    await connectedDevice(link, { clientId: "device", will: { topic: "status", payload: "gone", qos: 1, retain: true }, reconnectPeriod: 60_000 });
    link.cut();
    expect(await peer.received(1)).toMatchObject([{ topic: "status", payload: Buffer.from("gone"), qos: 1 }]);
    const late = await startPeer(broker);
    await late.subscribe("status");
    expect(await late.received(1)).toMatchObject([{ retain: true }]);
  });

  it("that ends in order has no will published", async () => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    await peer.subscribe("status");
    const device = await connectedDevice(broker, { will: { topic: "status", payload: "gone" } });
    device.client.publish("status", "bye");
    await device.close();
    await peer.received(1);
    await pass(100);
    expect(peer.messages.map(({ payload }) => payload.toString())).toEqual(["bye"]);
  });

  it("is kept alive through an idle time longer than a server waits", async () => {
    const broker = await kind.start();
    const device = await connectedDevice(broker, { keepalive: 1, reconnectPeriod: 0 });
    await pass(3_500); // a server hangs up after one and a half times the keep alive
    expect(device.failures).toEqual([]);
    device.client.publish("a", "", 1);
    await device.allDelivered();
    expect(device.connections.length).toBe(1);
  });

  it("can be closed and opened again by the application", async () => {
    const broker = await kind.start();
    const device = await connectedDevice(broker);
    for (let round = 2; round <= 4; round++) {
      await device.close();
      device.client.publish("a", "waits for the connection", 2);
      device.connect();
      await device.connected();
      await device.allDelivered();
      expect(device.connections.length).toBe(round);
    }
    expect(device.failures).toEqual([]);
  });
});

describe("Without a broker", () => {
  it("a closed port is a socket error, and is tried again", async () => {
    const port = await freePort();
    const device = startDevice({ host: "127.0.0.1", port }, { reconnectPeriod: 5 });
    expect(await device.failure()).toMatchObject({ code: "ERR_SOCKET", fault: "network" });
    await expect.poll(() => device.failures.length).toBeGreaterThan(2);
    expect(new Set(device.failures.map(({ code }) => code))).toEqual(new Set(["ERR_SOCKET"]));
  });

  it("a server that accepts and says nothing is given up after connectTimeout", async () => {
    const server = await startSilentServer();
    const device = startDevice(server, { connectTimeout: 200, reconnectPeriod: 0 });
    expect(await device.failure()).toMatchObject({ code: "ERR_CONNECT_TIMEOUT", fault: "network" });
    expect(device.connections).toEqual([]);
  });
});
