import { describe, expect, it } from "vitest";
import { makeClientCertificate } from "./client-certificate.js";
import { useHost } from "./program.js";
import { relay } from "./tls-relay.js";
import { type Client, deferred, runClient, runTls, serveTcp, serveTls, useCertificates, withoutTls } from "./tls.js";

useHost();

/** Traces what it is told, and sends something as soon as it can. */
const CALLBACKS = `
  onWritable() { if (!this.told) { this.told = true; trace("ready"); socket.write(bytes("secret")); } },
  onReadable(count) { trace("readable ", count); },
  onError() { trace("error"); },`;

const CLOSE_WHEN_READY = `onWritable() { trace("ready"); socket.close(); }`;

const traceOf = async (client: Client): Promise<readonly string[]> => (await runClient({ callbacks: CALLBACKS, ...client })).trace;

const bytesOf = (digits: string): Buffer => Buffer.from(digits.replaceAll(" ", ""), "hex");

describe.skipIf(withoutTls)("TLS", () => {
  const good = useCertificates();
  const expired = useCertificates("in the past");
  const early = useCertificates("in the future");
  const { ca } = good;

  describe("refuses a server", () => {
    const REFUSED = ["thrown TLS: certificate: auth err"];

    it("whose certificate comes from someone whom it does not know", async () => {
      expect(await traceOf({ port: await serveTls(expired), ca })).toEqual(REFUSED);
      expect(await traceOf({ port: await serveTls(good) })).toEqual(REFUSED);
    });

    it("whose certificate is for another name or another address", async () => {
      for (const name of ["example.com", "127.0.0.2", ""])
        expect(await traceOf({ port: await serveTls(good), ca, secure: `serverName: "${name}"` })).toEqual(REFUSED);
    });

    it("whose certificate comes alone, in which the SDK finds no name", async () => {
      const { cert, key } = good;
      expect(await traceOf({ port: await serveTls(good, { cert, key }), ca })).toEqual(REFUSED);
    });

    it("that has a stranger's certificate before an authority's, though the SDK trusts it", async () => {
      const { cert, key } = expired;
      expect(await traceOf({ port: await serveTls(good, { cert: `${cert}${ca}`, key }), ca })).toEqual(REFUSED);
    });

    it("whose certificate has expired or is for later, and says so when all else is well", async () => {
      for (const certificates of [expired, early])
        expect(await traceOf({ port: await serveTls(certificates), ca: certificates.ca })).toEqual(["thrown Error: date validation failed"]);
      expect(await traceOf({ port: await serveTls(expired), ca: expired.ca, secure: `serverName: "example.com"` })).toEqual(REFUSED);
    });

    it("without telling it", async () => {
      const { port, sent } = await relay(await serveTls(good));
      expect(await traceOf({ port, ca, secure: `serverName: "example.com"` })).toEqual(REFUSED);
      expect(sent).toHaveLength(1);
    });

    it("by what ends a program that does not catch it at the TCP socket", async () => {
      const { errors, status } = await runClient({ port: await serveTls(good), io: "TCP" });
      expect(errors).toMatch(/^xs-host: uncaught exception: TLS: certificate: auth err\n/);
      expect(status).toBe(72);
    });
  });

  it("throws at once when an authority's certificate has expired or is none", async () => {
    const { trace } = await runTls(
      `class Io { constructor() { trace("connects"); } }
      const make = (secure) => trace(attempt(() => { new TLS({ host: "localhost", secure, TCP: { io: Io } }); return "made"; }));
      make({ certificate: der(0) });
      make({ certificate: der(0), verify: false });
      make({ certificate: der(1).buffer });
      make({ certificate: Uint8Array.of(1, 2, 3) });
      make();`,
      [expired.cert, ca],
    );
    expect(trace.slice(0, 5)).toEqual(["throws Error: date validation failed", "connects", "made", "connects", "made"]);
    expect(trace.slice(5)).toEqual([expect.stringMatching("^throws TLS: OpenSSL: "), "connects", "made"]);
  });

  it("throws at the first word when there is no name", async () => {
    const trace = await traceOf({ port: await serveTls(good), ca, secure: "serverName: undefined" });
    expect(trace).toEqual([expect.stringMatching("^thrown TypeError: ")]);
  });

  it("throws the number of a server's alert", async () => {
    const protocols = { ALPNProtocols: ["mqtt"] };
    const secure = `applicationLayerProtocolNegotiation: "h2"`;
    expect(await traceOf({ port: await serveTls(good, protocols), ca, secure })).toEqual(["thrown TLS: alert: 2, 120"]);
    expect(await traceOf({ port: await serveTls(good, { minVersion: "TLSv1.3" }), ca })).toEqual(["thrown TLS: alert: 2, 70"]);
  });

  describe("with a server that wants a client certificate", () => {
    const SECURE = "clientCertificates: [der(1)], clientKey: der(2)";
    const serve = (onSubject: (name: string) => void = () => {}): Promise<number> =>
      serveTls(good, { requestCert: true, rejectUnauthorized: true, ca }, (socket) => onSubject(String(socket.getPeerCertificate().subject.CN)));

    it("shows the one it has", async () => {
      const { promise, resolve } = deferred<string>();
      const files = makeClientCertificate(good, "rsa");
      expect(await traceOf({ port: await serve(resolve), ca, secure: SECURE, files, callbacks: CLOSE_WHEN_READY })).toEqual(["ready"]);
      expect(await promise).toBe("client");
    });

    it("is refused when it has none", async () => {
      expect(await traceOf({ port: await serve(), ca })).toEqual(["thrown TLS: alert: 2, 40"]);
    });

    it("cannot use a key that is not RSA, or missing", async () => {
      const files = makeClientCertificate(good, "elliptic");
      const port = await serve();
      for (const secure of [SECURE, "clientCertificates: [der(1)]"])
        expect(await traceOf({ port, ca, secure, files })).toEqual(["thrown Error: BER: not an integer"]);
    });

    it("keeps it from others", async () => {
      const files = makeClientCertificate(good, "rsa");
      expect(await traceOf({ port: await serveTls(good), ca, secure: SECURE, files, callbacks: CLOSE_WHEN_READY })).toEqual(["ready"]);
    });
  });

  describe("with a server whose first word is", () => {
    /** Sends this instead of a handshake, and ends soon after. `rest` is what comes then. */
    const answering = (answer: Buffer): { port: Promise<number>; rest: Promise<Buffer> } => {
      const { promise, resolve } = deferred<Buffer>();
      const port = serveTcp((socket) => {
        const chunks: Buffer[] = [];
        socket.once("data", () => {
          socket.write(answer);
          socket.on("data", (data) => chunks.push(data)).on("close", () => resolve(Buffer.concat(chunks)));
          setTimeout(() => socket.end(), 200);
        });
      });
      return { port, rest: promise };
    };

    const SECRET = Buffer.concat([bytesOf("17 0303 0006"), Buffer.from("secret")]);

    it("close_notify believes to be ready, and tells everything", async () => {
      const { port, rest } = answering(bytesOf("15 0303 0002 0100"));
      expect(await traceOf({ port: await port, ca })).toEqual(["ready", "error"]);
      expect(await rest).toEqual(SECRET);
    });

    it("another version believes to be ready after an alert, and tells everything", async () => {
      const { port, rest } = answering(bytesOf(`16 0302 002a 02 000026 0302 ${"01".repeat(32)} 00 c02f 00`));
      expect(await traceOf({ port: await port, ca })).toEqual(["ready", "error"]);
      expect(await rest).toEqual(Buffer.concat([bytesOf("15 0303 0002 0246"), SECRET]));
    });

    it("an alert throws its number, also when it is a warning", async () => {
      expect(await traceOf({ port: await answering(bytesOf("15 0303 0002 0228")).port, ca })).toEqual(["thrown TLS: alert: 2, 40"]);
      expect(await traceOf({ port: await answering(bytesOf("15 0303 0002 0170")).port, ca })).toEqual(["thrown TLS: alert: 1, 112"]);
    });

    it("text, which begins like a long record, waits for the rest", async () => {
      expect(await traceOf({ port: await answering(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")).port, ca })).toEqual(["error"]);
    });

    it("no record, or one that is too long, throws", async () => {
      expect(await traceOf({ port: await answering(bytesOf("20 0200 0000")).port, ca })).toEqual(["thrown TLS: recordProtocol: bad data"]);
      expect(await traceOf({ port: await answering(bytesOf("16 0303 fffb")).port, ca })).toEqual([expect.stringMatching("^thrown RangeError: ")]);
    });

    it("not of the handshake throws", async () => {
      const { port } = answering(bytesOf("16 0303 0004 63 000000"));
      expect(await traceOf({ port: await port, ca })).toEqual([expect.stringMatching("^thrown TLS: OpenSSL: ")]);
    });

    it("not said calls onError when the connection ends", async () => {
      expect(await traceOf({ port: await answering(Buffer.of()).port, ca })).toEqual(["error"]);
    });
  });

  describe("calls onError when the server goes", () => {
    it("with close_notify, and again when TCP ends", async () => {
      const port = await serveTls(good, {}, (socket) => socket.once("data", () => socket.end("bye")));
      const callbacks = CALLBACKS.replace(`"readable ", count`, "text(new Uint8Array(socket.read()))");
      expect(await traceOf({ port, ca, callbacks })).toEqual(["ready", "bye", "error", "error"]);
    });

    it("without a word", async () => {
      const port = await serveTls(good, {}, (socket) => socket.once("data", () => socket.destroy()));
      expect(await traceOf({ port, ca })).toEqual(["ready", "error"]);
    });

    it("in the middle of a record", async () => {
      const behind = await serveTls(good, {}, (socket) => socket.once("data", () => socket.write("x".repeat(10_000))));
      const { port } = await relay(behind, (data, client) => {
        if (data[0] !== 23) return data;
        client.end(data.subarray(0, 100));
        return Buffer.of();
      });
      expect(await traceOf({ port, ca })).toEqual(["ready", "error"]);
    });
  });

  it("throws when a record was changed on its way", async () => {
    const behind = await serveTls(good, {}, (socket) => socket.once("data", () => socket.write("x".repeat(100))));
    const { port } = await relay(behind, (data) => {
      if (data[0] === 23) data[50] ^= 1;
      return data;
    });
    expect(await traceOf({ port, ca })).toEqual(["ready", "thrown TLS: recordProtocol auth failed"]);
  });
});
