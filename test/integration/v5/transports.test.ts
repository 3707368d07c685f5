import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Properties, Topic } from "mqtt-xs/v5";
import { TcpTransport, TlsTransport } from "../../../hosts/node/index.js";
import { WebSocketTransport as NodeWebSocketTransport } from "../../../hosts/node/websocket.js";
import type { Transport } from "../../../src/client/transport.js";
import { WebSocketTransport } from "../../../src/websocket.js";
import { type Certificates, makeCertificates } from "../../support/certificates.js";
import { type Broker, type BrokerOptions, describeWithMosquitto } from "../brokers.js";
import { connectedDevice, startDevice } from "./device.js";
import { startPeer } from "./peer.js";

let certificates: Certificates;

beforeAll(() => {
  certificates = makeCertificates();
});

afterAll(() => {
  certificates.remove();
});

const overTls = (port: number): Transport => new TlsTransport({ host: "localhost", port, ca: certificates.ca });
const overTcp = (port: number): Transport => new TcpTransport({ host: "127.0.0.1", port });
const onTop = (transport: Transport, port: number): Transport => new WebSocketTransport({ transport, host: `localhost:${port}` });

interface Way {
  readonly title: string;
  /** As MQTT.js calls it. */
  readonly protocol: "mqtts" | "ws" | "wss";
  readonly transportTo: (port: number) => Transport;
}

const WAYS: Way[] = [
  { title: "TLS", protocol: "mqtts", transportTo: overTls },
  { title: "WebSocket of the device", protocol: "ws", transportTo: (port) => onTop(overTcp(port), port) },
  { title: "WebSocket of the device over TLS", protocol: "wss", transportTo: (port) => onTop(overTls(port), port) },
  {
    title: "WebSocket of Node.js",
    protocol: "ws",
    transportTo: (port) => new NodeWebSocketTransport({ url: `ws://localhost:${port}/mqtt` }),
  },
  {
    title: "WebSocket of Node.js over TLS",
    protocol: "wss",
    transportTo: (port) => new NodeWebSocketTransport({ url: `wss://localhost:${port}/mqtt`, ca: certificates.ca }),
  },
];

describe.each(WAYS)("MQTT 5.0 over $title", ({ protocol, transportTo }) => {
  describeWithMosquitto("goes both ways", (kind) => {
    const startBroker = (options: BrokerOptions = {}): Promise<Broker> =>
      kind.start({ ...options, webSocket: protocol !== "mqtts", ...(protocol !== "ws" && { certificates }) });
    const peerOptions = (): Parameters<typeof startPeer>[1] => ({ protocol, path: "/mqtt", ca: certificates.ca });

    it.each([0, 1, 2] as const)("with properties, and QoS %i", async (qos) => {
      const broker = await startBroker();
      const device = await connectedDevice(broker, { transport: transportTo(broker.port) });
      expect(await device.subscribeAs(7, { filter: "to/device", qos: 2 })).toEqual([2]);
      const peer = await startPeer(broker, peerOptions());
      await peer.subscribe("to/peer");
      const given = { contentType: "text/plain", userProperties: { unit: "C" } };
      const topic = new Topic("to/peer");
      for (let count = 0; count < 3; count++) device.client.publish(topic, `${count}`, qos, false, new Properties(given));
      await peer.publish("to/device", "from the peer", qos, false, given);
      for (const [index, message] of (await peer.received(3)).entries())
        expect(message).toMatchObject({ topic: "to/peer", payload: Buffer.from(`${index}`), qos, properties: given });
      expect(await device.received(1)).toMatchObject([
        { qos, properties: { contentType: "text/plain", userProperties: [["unit", "C"]], subscriptionIdentifiers: [7] } },
      ]);
      await device.allDelivered();
      expect(device.failures).toEqual([]);
    });

    // Mosquitto sends what is larger than 4 kB in pieces of that over WebSocket, ten in a second.
    it("with messages of 100 kB", async () => {
      const broker = await startBroker();
      const device = await connectedDevice(broker, { transport: transportTo(broker.port) });
      await device.subscribe({ filter: "to/device", qos: 2 });
      const peer = await startPeer(broker, peerOptions());
      await peer.subscribe("to/peer");
      const large = randomBytes(100_000);
      device.client.publish("to/peer", large, 2);
      await peer.publish("to/device", large, 2);
      for (const [message] of [await peer.received(1), await device.received(1)]) expect(message.payload.equals(large)).toBe(true);
    });

    it("and is refused with a wrong password, by name", async () => {
      const broker = await startBroker({ user: { name: "device", password: "right" } });
      const device = startDevice(broker, { transport: transportTo(broker.port), username: "device", password: "other", reconnectPeriod: 0 });
      expect(await device.failure()).toMatchObject({ code: "ERR_CONNECTION_REFUSED", reasonCode: 0x87 });
    });
  });
});
