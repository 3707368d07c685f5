import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { Aedes } from "aedes";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { RunReport } from "../../hosts/sim/runner.js";
import { type Broker, describeWithEachBroker } from "../integration/brokers.js";
import { type Peer, startPeer } from "../integration/peer.js";
import { publish } from "../support/packets.js";
import { mosquittoAvailable, MosquittoBroker } from "../support/mosquitto-broker.js";
import { until } from "../support/waiting.js";
import { makeClientCertificate } from "./host/client-certificate.js";
import { useHost } from "./host/program.js";
import { deferred, serveTcp, serveTls, useCertificates, withoutTls } from "./host/tls.js";
import { acknowledge, PUBACK } from "./support/peer.js";
import { program } from "./support/program.js";
import { chained, digitsOf, startSecureDevice, type SecureDevice, useSecureDevice } from "./support/secure-device.js";
import { runSession } from "./support/session.js";

vi.setConfig({ testTimeout: 60_000 });
useHost();

useSecureDevice();

const own = useCertificates();
const certificates = chained(own);
const expired = useCertificates("in the past");
const certificate = digitsOf(certificates.ca);
const TITLE = withoutTls ? " (skipped: the simulator has no TLS without OpenSSL's headers)" : "";

const OPERATIONS = 1_000;

/** What a program allocates that gets a thousand messages of QoS 1, each as soon as it has acknowledged the one before. */
async function allocations(name: string): Promise<{ slots: number; chunkBytes: number }> {
  let sent = 0;
  const next = (): Uint8Array => publish({ topic: "greenhouse/1/temperature/in", payload: "a".repeat(32), qos: 1, identifier: ++sent });
  const { reason, errors, reports } = await runSession(program(name), {
    tls: { cert: certificates.cert, key: certificates.key },
    arguments: [certificate],
    heap: 600_000,
    answer: (packet) => (packet[0] >> 4 === PUBACK ? next() : acknowledge(packet)),
    onReport: (peer, report) => report === "ready" && peer.send(next()),
  });
  expect({ reason, errors }).toEqual({ reason: "finished", errors: "" });
  const [slots, chunkBytes] = reports.get("steady") ?? [];
  return { slots, chunkBytes };
}

/** Sends it to the device, which ends. */
async function end(peer: Peer, device: SecureDevice): Promise<RunReport> {
  await peer.publish("to/device", "end", 1);
  return device.ended;
}

describe.skipIf(withoutTls)(`On XS, over TLS${TITLE}`, () => {
  describeWithEachBroker("a client", (kind) => {
    describe.each([
      ["mqtts", false],
      ["wss", true],
    ] as const)("of %s", (protocol, webSocket) => {
      const startBroker = (): Promise<Broker> => kind.start({ certificates, webSocket });

      const connectPeer = async (broker: Broker): Promise<Peer> => {
        const peer = await startPeer(broker, { protocol, path: "/mqtt", ca: certificates.ca });
        await peer.subscribe("from/device");
        return peer;
      };

      const connectDevice = async (port: number, reconnectPeriod = 0): Promise<SecureDevice> => {
        const device = startSecureDevice({ port, webSocket, certificate, reconnectPeriod });
        await device.reported("ready");
        return device;
      };

      it("carries QoS 0, 1 and 2 both ways, and says goodbye", async () => {
        const broker = await startBroker();
        const peer = await connectPeer(broker);
        const device = await connectDevice(broker.port);
        for (const qos of [0, 1, 2] as const) {
          await peer.publish("to/device", `hello ${qos}`, qos);
          await peer.received(qos + 1);
        }
        expect(peer.messages.map(({ payload, qos }) => `${String(payload)}, QoS ${qos}`)).toEqual([
          "hello 0, QoS 0",
          "hello 1, QoS 1",
          "hello 2, QoS 2",
        ]);
        const report = await end(peer, device);
        expect(report).toMatchObject({ reason: "finished", errors: "", trace: ["disconnected in order: "] });
      });

      // Mosquitto sends what is larger than 4 kB over WebSocket in pieces of that, ten in a second.
      it("carries 50 kB both ways", async () => {
        const broker = await startBroker();
        const peer = await connectPeer(broker);
        const device = await connectDevice(broker.port);
        const large = randomBytes(50_000);
        await peer.publish("to/device", large, 2);
        const [message] = await peer.received(1, 20_000);
        expect(message.payload.equals(large)).toBe(true);
        expect(await end(peer, device)).toMatchObject({ reason: "finished", errors: "" });
      });

      it("connects again when the broker has restarted", async () => {
        const broker = await startBroker();
        const device = await connectDevice(broker.port, 20);
        await broker.restart();
        await device.reported("connected", 2);
        const peer = await connectPeer(broker);
        const greeting = setInterval(() => void peer.publish("to/device", "hello again", 1), 100); // it subscribes at some time
        await peer.received(1);
        clearInterval(greeting);
        expect(peer.messages[0].payload.toString()).toBe("hello again");
        const { trace, errors } = await end(peer, device);
        expect(errors).toBe("");
        expect(trace[0]).toMatch(/^disconnected ERR_CONNECTION_CLOSED: /);
      });
    });
  });

  describeWithEachBroker("a client of a broker without TLS", (kind) => {
    it("is told ERR_SOCKET", async () => {
      const { port } = await kind.start();
      const { trace, errors } = await startSecureDevice({ port, certificate }).ended;
      expect(errors).toBe("");
      expect(trace).toEqual([`disconnected ERR_SOCKET: the connection to 127.0.0.1:${port} failed`]);
    });
  });

  describe("a client", () => {
    /** Serves MQTT over TLS with options of Node.js, and tells who has connected. */
    async function serve(options: Parameters<typeof serveTls>[1] = {}, server = own): Promise<{ port: number; subject: Promise<string> }> {
      const aedes = await Aedes.createBroker();
      onTestFinished(() => new Promise((resolve) => aedes.close(resolve)));
      const { promise, resolve } = deferred<string>();
      const port = await serveTls(server, options, (socket) => {
        resolve(String((socket.getPeerCertificate() as { subject?: { CN?: string } }).subject?.CN));
        aedes.handle(socket);
      });
      return { port, subject: promise };
    }

    /** What the client says when it cannot connect. */
    async function refusal(options: Parameters<typeof startSecureDevice>[0]): Promise<string> {
      const { reason, errors, trace } = await startSecureDevice(options).ended;
      expect({ reason, errors }).toEqual({ reason: "finished", errors: "" });
      expect(trace).toHaveLength(1);
      return trace[0].replace(/^disconnected /, "");
    }

    const UNTRUSTED = /^ERR_CERTIFICATE: the certificate of \S+ was refused: not signed by a trusted authority, for another name, or not valid on [\d-]+$/;

    it("refuses a certificate from an authority that it does not know, even one of the same name: ERR_CERTIFICATE", async () => {
      const { port } = await serve();
      expect(await refusal({ port })).toMatch(UNTRUSTED);
      expect(await refusal({ port, certificate: digitsOf(expired.ca) })).toMatch(UNTRUSTED);
    });

    it("refuses a certificate for another name: ERR_CERTIFICATE", async () => {
      const { port } = await serve();
      expect(await refusal({ port, certificate, serverName: "broker.example" })).toMatch(UNTRUSTED);
    });

    it("refuses a certificate that has expired: ERR_CERTIFICATE_EXPIRED", async () => {
      const { port } = await serve({}, expired);
      expect(await refusal({ port, certificate: digitsOf(expired.ca) })).toMatch(/^ERR_CERTIFICATE_EXPIRED: /);
    });

    it("takes a certificate for an address", async () => {
      const { port } = await serve();
      const device = startSecureDevice({ port, certificate, serverName: "127.0.0.1" });
      await device.reported("ready");
    });

    describe("of a server that wants to know who it is", () => {
      const demand = { requestCert: true, rejectUnauthorized: true, ca: certificates.ca };

      it("shows its certificate", async () => {
        const { port, subject } = await serve(demand);
        const [own, key] = makeClientCertificate(certificates, "rsa");
        const device = startSecureDevice({ port, certificate, clientCertificates: [digitsOf(own)], clientKey: digitsOf(key) });
        await device.reported("ready");
        expect(await subject).toBe("client");
      });

      it("is refused without one: ERR_TLS", async () => {
        const { port } = await serve(demand);
        expect(await refusal({ port, certificate })).toMatch(/^ERR_TLS: TLS with localhost failed: .*alert: 2, 40$/);
      });

      it.skipIf(!mosquittoAvailable())("does so with mosquitto, too", async () => {
        const broker = await MosquittoBroker.start({ certificates, configuration: ["require_certificate true"] });
        onTestFinished(() => broker.stop());
        const [own, key] = makeClientCertificate(certificates, "rsa");
        const device = startSecureDevice({ port: broker.port, certificate, clientCertificates: [digitsOf(own)], clientKey: digitsOf(key) });
        await device.reported("ready");
        expect(await refusal({ port: broker.port, certificate })).toMatch(/^ERR_TLS: /);
      });
    });

    describe("of a server without TLS", () => {
      const answering = (answer: Buffer): Promise<number> =>
        serveTcp((socket: Socket) => {
          socket.once("data", () => {
            socket.write(answer);
            setTimeout(() => socket.end(), 100);
          });
        });

      it.each([
        ["that answers with MQTT: ERR_SOCKET, when it has hung up", Buffer.from("20020000", "hex"), /^ERR_SOCKET: /],
        ["that answers in words: ERR_SOCKET, when it has hung up", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"), /^ERR_SOCKET: /],
        ["that answers with what TLS does not know: ERR_TLS", Buffer.from("2002000000", "hex"), /^ERR_TLS: .*: TLS: recordProtocol: bad data$/],
        ["that hangs up: ERR_SOCKET", Buffer.of(), /^ERR_SOCKET: the connection to 127\.0\.0\.1:\d+ failed$/],
        ["that says goodbye in TLS: ERR_TLS", Buffer.from("15030300020100", "hex"), /^ERR_TLS: .*the server ended TLS before it had begun$/],
      ])("%s", async (_what, answer, expected) => {
        expect(await refusal({ port: await answering(answer), certificate })).toMatch(expected);
      });

      it("is not told anything in the clear", async () => {
        const heard: Buffer[] = [];
        const port = await serveTcp((socket: Socket) => {
          socket.on("data", (data) => {
            heard.push(data);
            socket.write(Buffer.from("15030300020100", "hex"));
          });
        });
        await refusal({ port, certificate });
        expect(Buffer.concat(heard).includes("MQTT")).toBe(false);
      });
    });

    it("tells when the server goes in the midst of everything: ERR_CONNECTION_CLOSED", async () => {
      const aedes = await Aedes.createBroker();
      onTestFinished(() => new Promise((resolve) => aedes.close(resolve)));
      const sockets: Socket[] = [];
      const port = await serveTls(own, {}, (socket) => {
        sockets.push(socket);
        aedes.handle(socket);
      });
      const device = startSecureDevice({ port, certificate });
      await device.reported("ready");
      sockets[0].destroy();
      const { trace, errors } = await device.ended;
      expect(errors).toBe("");
      expect(trace).toEqual([expect.stringMatching(/^disconnected ERR_CONNECTION_CLOSED: the connection to 127\.0\.0\.1:\d+ failed$/)]);
    });

    it("allocates nothing beyond what the TLS socket takes for the same records", async () => {
      const [ours, theirs] = [await allocations("tls-receive"), await allocations("tls-bare")];
      expect(theirs.slots).toBeGreaterThan(OPERATIONS);
      expect(ours.slots).toBe(theirs.slots);
      // Once or twice among all these records it takes some 500 bytes more, in both programs.
      expect(Math.abs(ours.chunkBytes - theirs.chunkBytes)).toBeLessThan(2 * OPERATIONS);
    });

    it("does not end over many records that come at once", async () => {
      const aedes = await Aedes.createBroker();
      onTestFinished(() => new Promise((resolve) => aedes.close(resolve)));
      const port = await serveTls(own, {}, (socket) => aedes.handle(socket));
      const received: string[] = [];
      aedes.on("publish", ({ topic, payload }) => topic === "from/device" && received.push(String(payload)));
      const device = startSecureDevice({ port, certificate });
      await device.reported("ready");
      const expected = Array.from({ length: 300 }, (_, at) => `message ${at}`);
      for (const payload of expected) aedes.publish({ cmd: "publish", topic: "to/device", payload, qos: 0, retain: false, dup: false }, () => undefined);
      await until("all messages to come back", () => received.length === expected.length);
      expect(received).toEqual(expected);
    });
  });
});
