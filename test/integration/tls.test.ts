import { afterAll, beforeAll, expect, it } from "vitest";
import { NodeClock, TlsTransport } from "../../hosts/node/index.js";
import { type Certificates, makeCertificates } from "../support/certificates.js";
import { describeWithEachBroker, type Broker } from "./brokers.js";
import { connectedDevice, startDevice } from "./device.js";
import { startPeer } from "./peer.js";

describeWithEachBroker("TLS", (kind) => {
  let certificates: Certificates;

  beforeAll(() => {
    certificates = makeCertificates();
  });

  afterAll(() => {
    certificates.remove();
  });

  const transportTo = ({ port }: Broker, ca: string | undefined, host = "localhost"): TlsTransport =>
    new TlsTransport({ host, port, ...(ca === undefined ? {} : { ca }) });

  it("carries messages both ways when the authority is trusted", async () => {
    const broker = await kind.start({ certificates });
    const device = await connectedDevice(broker, { transport: transportTo(broker, certificates.ca), clock: new NodeClock() });
    await device.subscribe({ filter: "to/device", qos: 2 });
    const peer = await startPeer(broker, { protocol: "mqtts", ca: certificates.ca });
    await peer.subscribe("to/peer");
    const large = Buffer.alloc(100_000, "TLS ");
    device.client.publish("to/peer", large, 2);
    await peer.publish("to/device", large, 2);
    for (const [message] of [await peer.received(1), await device.received(1)])
      expect(message.payload.equals(large)).toBe(true);
  });

  it("is verified by address, too", async () => {
    const broker = await kind.start({ certificates });
    await connectedDevice(broker, { transport: transportTo(broker, certificates.ca, "127.0.0.1") });
  });

  it("fails by name when the authority is not trusted", async () => {
    const broker = await kind.start({ certificates });
    const device = startDevice(broker, { transport: transportTo(broker, undefined), reconnectPeriod: 0 });
    expect(await device.failure()).toMatchObject({ code: "ERR_CERTIFICATE", fault: "network" });
  });

  it("fails by name when the certificate is another authority's of the same name", async () => {
    const others = makeCertificates();
    try {
      const broker = await kind.start({ certificates });
      const device = startDevice(broker, { transport: transportTo(broker, others.ca), reconnectPeriod: 0 });
      expect(await device.failure()).toMatchObject({ code: "ERR_CERTIFICATE" });
    } finally {
      others.remove();
    }
  });

  it("fails by name when the server speaks plain MQTT", async () => {
    const broker = await kind.start();
    const transport = transportTo(broker, certificates.ca);
    const device = startDevice(broker, { transport, reconnectPeriod: 0, connectTimeout: 2_000 });
    expect(await device.failure()).toMatchObject({ code: "ERR_TLS" });
  });
});
