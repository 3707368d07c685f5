import type { TlsOptions, TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TlsTransport, type TlsTransportOptions } from "../../../hosts/node/index.js";
import type { MqttError } from "../../../src/errors.js";
import { makeCertificates, type Certificates } from "../../support/certificates.js";
import { RecordingListener } from "../../support/recording-listener.js";
import { soon } from "../../support/waiting.js";
import { TestServer } from "./test-server.js";

let ours: Certificates;
let others: Certificates;
let server: TestServer | undefined;
let listener: RecordingListener;

beforeAll(() => {
  ours = makeCertificates();
  others = makeCertificates();
});

afterAll(() => {
  ours.remove();
  others.remove();
});

beforeEach(() => {
  listener = new RecordingListener();
});

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** Opens a transport to a server with our certificate, both with these options on top; tells how it went. */
async function attempt(client: Partial<TlsTransportOptions>, onServer: TlsOptions = {}): Promise<MqttError | undefined> {
  server = await TestServer.start({ cert: ours.cert, key: ours.key, ...onServer });
  const transport = new TlsTransport({ host: "127.0.0.1", port: server.port, ca: ours.ca, ...client });
  transport.open(listener);
  await soon(() => {
    expect(listener.calls).not.toEqual([]);
  });
  return listener.error;
}

describe("the server's certificate", () => {
  it("is accepted from an authority that is trusted", async () => {
    expect(await attempt({})).toBeUndefined();
  });

  it("may be checked for another name than that of the host", async () => {
    expect(await attempt({ servername: "localhost" })).toBeUndefined();
    const socket = (await server?.connection()) as TLSSocket & { servername?: string };
    expect(socket.servername).toBe("localhost");
  });

  it("is refused from an unknown authority", async () => {
    const error = await attempt({ ca: others.ca });
    expect(error).toMatchObject({ code: "ERR_CERTIFICATE", fault: "network" });
    expect(error?.message).toMatch(/^cannot connect to 127\.0\.0\.1:\d+: unable to verify .*$/);
  });

  it("is refused by the authorities that Node comes with", async () => {
    server = await TestServer.start({ cert: ours.cert, key: ours.key });
    new TlsTransport({ host: "127.0.0.1", port: server.port }).open(listener);
    await soon(() => {
      expect(listener.error?.code).toBe("ERR_CERTIFICATE");
    });
  });

  it("is refused when it is for another name", async () => {
    const error = await attempt({ servername: "broker.example" });
    expect(error?.code).toBe("ERR_CERTIFICATE");
    expect(error?.message).toContain("ERR_TLS_CERT_ALTNAME_INVALID");
  });

  it.each([
    ["in the past", "CERT_HAS_EXPIRED"],
    ["in the future", "CERT_NOT_YET_VALID"],
  ] as const)("is refused when it is valid %s: ERR_CERTIFICATE_EXPIRED", async (validity, code) => {
    const untimely = makeCertificates(validity);
    untimely.remove();
    const error = await attempt({ ca: untimely.ca }, { cert: untimely.cert, key: untimely.key });
    expect(error).toMatchObject({ code: "ERR_CERTIFICATE_EXPIRED", fault: "network" });
    expect(error?.message).toContain(code);
  });

  it("does not matter with rejectUnauthorized false", async () => {
    expect(await attempt({ ca: others.ca, rejectUnauthorized: false })).toBeUndefined();
  });
});

describe("the client's certificate", () => {
  const askFor = (): TlsOptions => ({ requestCert: true, rejectUnauthorized: true, ca: ours.ca });

  it("is shown to a server that asks for it", async () => {
    expect(await attempt({ cert: ours.cert, key: ours.key }, askFor())).toBeUndefined();
    const socket = (await server?.connection()) as TLSSocket;
    expect(socket.getPeerCertificate().subject.CN).toBe("localhost");
  });

  it("may come as bytes", async () => {
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    const options = { ca: [bytes(ours.ca)], cert: bytes(ours.cert), key: bytes(ours.key) };
    expect(await attempt(options, askFor())).toBeUndefined();
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)("is missed by such a server with %s: ERR_TLS", async (version) => {
    await attempt({}, { ...askFor(), minVersion: version, maxVersion: version });
    await soon(() => {
      expect(listener.error?.code).toBe("ERR_TLS");
    });
  });
});

describe("TLS itself", () => {
  it("is ERR_TLS, in one line, with a server that does not speak it", async () => {
    server = await TestServer.start();
    void server.connection().then((socket) => socket.write("220 this is not TLS\r\n"));
    new TlsTransport({ host: "127.0.0.1", port: server.port }).open(listener);
    await soon(() => {
      expect(listener.error?.code).toBe("ERR_TLS");
    });
    expect(listener.error?.message).toMatch(/^cannot connect to 127\.0\.0\.1:\d+: wrong version number \(.*\)$/);
  });

  it("is ERR_TLS with a server that hangs up during the handshake", async () => {
    server = await TestServer.start();
    void server.connection().then((socket) => socket.destroy());
    new TlsTransport({ host: "127.0.0.1", port: server.port }).open(listener);
    await soon(() => {
      expect(listener.error?.code).toBe("ERR_TLS");
    });
  });

  it("offers the protocols of ALPNProtocols", async () => {
    expect(await attempt({ ALPNProtocols: ["mqtt"] }, { ALPNProtocols: ["mqtt"] })).toBeUndefined();
    expect(((await server?.connection()) as TLSSocket).alpnProtocol).toBe("mqtt");
  });
});
