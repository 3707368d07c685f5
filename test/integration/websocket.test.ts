import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TcpTransport, TlsTransport } from "../../hosts/node/index.js";
import { WebSocketTransport as NodeWebSocketTransport } from "../../hosts/node/websocket.js";
import type { Transport } from "../../src/client/transport.js";
import { WebSocketTransport } from "../../src/websocket.js";
import { makeCertificates, type Certificates } from "../support/certificates.js";
import { describeWithEachBroker, type Broker } from "./brokers.js";
import { connectedDevice, startDevice, type Device } from "./device.js";
import { startPeer, type Peer } from "./peer.js";

type Protocol = "ws" | "wss";

let certificates: Certificates;

beforeAll(() => {
  certificates = makeCertificates();
});

afterAll(() => {
  certificates.remove();
});

function carrier(protocol: Protocol, port: number): Transport {
  if (protocol === "ws") return new TcpTransport({ host: "127.0.0.1", port });
  return new TlsTransport({ host: "localhost", port, ca: certificates.ca });
}

/** Both kinds of WebSocket: the one through the package ws, and the device's own over another transport. */
const KINDS: [name: string, transportTo: (protocol: Protocol, port: number) => Transport][] = [
  ["Node.js", (protocol, port) => new NodeWebSocketTransport({ url: `${protocol}://localhost:${port}/mqtt`, ca: certificates.ca })],
  ["devices", (protocol, port) => new WebSocketTransport({ transport: carrier(protocol, port), host: `localhost:${port}` })],
];

describe.each(KINDS)("of %s", (_name, transportTo) => describeWithEachBroker("WebSocket", (kind) => {
  describe.each<Protocol>(["ws", "wss"])("%s://", (protocol) => {

    const startBroker = (): Promise<Broker> => kind.start({ webSocket: true, ...(protocol === "wss" && { certificates }) });

    const connect = (broker: Broker): Promise<Device> =>
      connectedDevice(broker, { transport: transportTo(protocol, broker.port), clean: false, clientId: "device" });

    const connectPeer = (broker: Broker): Promise<Peer> => startPeer(broker, { protocol, path: "/mqtt", ca: certificates.ca });

    it.each([0, 1, 2] as const)("carries QoS %i both ways", async (qos) => {
      const broker = await startBroker();
      const device = await connect(broker);
      expect(await device.subscribe({ filter: "to/device", qos: 2 })).toEqual([2]);
      const peer = await connectPeer(broker);
      await peer.subscribe("to/peer");
      device.client.publish("to/peer", "from the device", qos);
      await peer.publish("to/device", "from the peer", qos);
      expect(await peer.received(1)).toMatchObject([{ qos, payload: Buffer.from("from the device") }]);
      expect(await device.received(1)).toMatchObject([{ qos, payload: Buffer.from("from the peer") }]);
      await device.allDelivered();
      expect(device.failures).toEqual([]);
    });

    // Mosquitto sends what is larger than 4 kB in pieces of that, ten in a second.
    it("carries messages of 200 kB both ways", async () => {
      const broker = await startBroker();
      const device = await connect(broker);
      await device.subscribe({ filter: "to/device", qos: 2 });
      const peer = await connectPeer(broker);
      await peer.subscribe("to/peer");
      const large = randomBytes(200_000);
      device.client.publish("to/peer", large, 2);
      await peer.publish("to/device", large, 2);
      for (const [message] of [await peer.received(1, 15_000), await device.received(1)])
        expect(message.payload.equals(large)).toBe(true);
    });

    it("is made again when the broker has restarted, and nothing is lost", async () => {
      const broker = await startBroker();
      const device = await connect(broker);
      await device.subscribe({ filter: "to/device", qos: 1 });
      await broker.restart();
      device.client.publish("kept", "published while away", 2, true);
      await device.allDelivered();
      expect(device.connections).toEqual([false, false]);
      const peer = await connectPeer(broker);
      await peer.subscribe("kept");
      expect(await peer.received(1)).toMatchObject([{ payload: Buffer.from("published while away") }]);
      await device.subscribe({ filter: "other" }); // answered after the restored one
      await peer.publish("to/device", "hello", 1);
      expect(await device.received(1)).toMatchObject([{ payload: Buffer.from("hello") }]);
    });
  });

  it("fails by name at a broker that speaks MQTT without one", async () => {
    const broker = await kind.start();
    const device = startDevice(broker, { transport: transportTo("ws", broker.port), reconnectPeriod: 0 });
    expect(await device.failure()).toMatchObject({ code: "ERR_CONNECTION_CLOSED", fault: "network" });
  });
}));
