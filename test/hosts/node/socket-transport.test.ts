import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TcpTransport, TlsTransport } from "../../../hosts/node/index.js";
import type { Transport } from "../../../src/client/transport.js";
import { makeCertificates, type Certificates } from "../../support/certificates.js";
import { RecordingListener } from "../../support/recording-listener.js";
import { soon } from "../../support/waiting.js";
import { TestServer } from "./test-server.js";
import { describeTransports } from "./transport-contract.js";

let certificates: Certificates;

beforeAll(() => {
  certificates = makeCertificates();
});

afterAll(() => {
  certificates.remove();
});

describeTransports([
  {
    kind: "TCP",
    startServer: () => TestServer.start(),
    create: (port) => new TcpTransport({ host: "127.0.0.1", port }),
    place: (port) => `127.0.0.1:${port}`,
  },
  {
    kind: "TLS",
    startServer: () => TestServer.start({ cert: certificates.cert, key: certificates.key, allowHalfOpen: true }),
    create: (port) => new TlsTransport({ host: "127.0.0.1", port, ca: certificates.ca }),
    place: (port) => `127.0.0.1:${port}`,
  },
]);

// An empty label is refused by the resolver without asking the network.
describe("a name that cannot be resolved", () => {
  it.each([
    ["TCP", (): Transport => new TcpTransport({ host: "broker..invalid" })],
    ["TLS", (): Transport => new TlsTransport({ host: "broker..invalid" })],
  ])("is ERR_HOST_NOT_FOUND with %s", async (_kind, create) => {
    const listener = new RecordingListener();
    create().open(listener);
    await soon(() => {
      expect(listener.error?.code).toBe("ERR_HOST_NOT_FOUND");
    });
    expect(listener.error?.message).toMatch(/^cannot connect to broker\.\.invalid:\d+: .*(ENOTFOUND|EAI_AGAIN)/);
  });
});

describe("options", () => {
  it.each([
    ["host", () => new TcpTransport({ host: "" })],
    ["port", () => new TcpTransport({ host: "a", port: 0 })],
    ["port", () => new TcpTransport({ host: "a", port: 65_536 })],
    ["host", () => new TlsTransport({ host: "" })],
    ["port", () => new TlsTransport({ host: "a", port: NaN })],
    ["cert and key", () => new TlsTransport({ host: "a", cert: "x" })],
    ["ca, cert, key", () => new TlsTransport({ host: "a", cert: "x", key: "y" })],
  ])("names %s when it is wrong", (name, create) => {
    expect(create).toThrow(
      expect.objectContaining({ code: "ERR_ARGUMENT", message: expect.stringContaining(name) as string }),
    );
  });
});
