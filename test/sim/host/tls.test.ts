import { describe, expect, it } from "vitest";
import { Reports, useHost } from "./program.js";
import { deferred, runClient, serveTls, useCertificates, withoutTls } from "./tls.js";

useHost();

describe.skipIf(withoutTls)("TLS", () => {
  const certificates = useCertificates();
  const { ca } = certificates;

  /** All that a client sends until it closes. */
  const received = (options = {}): { port: Promise<number>; text: Promise<string> } => {
    const { promise, resolve } = deferred<string>();
    const port = serveTls(certificates, options, (socket) => {
      const chunks: Buffer[] = [];
      socket.on("data", (data: Buffer) => chunks.push(data)).on("close", () => resolve(Buffer.concat(chunks).toString()));
    });
    return { port, text: promise };
  };

  /** Sends each text as a record of its own, at the first data from the client. */
  const records = (...texts: readonly string[]): Promise<number> =>
    serveTls(certificates, {}, (socket) => socket.once("data", () => texts.forEach((text) => socket.write(text))));

  const ASK = `onWritable() { if (!this.asked) { this.asked = true; socket.write(bytes("?")); } },`;

  it("is ready when onWritable comes, and carries bytes there and back", async () => {
    const { trace, errors } = await runClient({
      port: await serveTls(certificates),
      ca,
      callbacks: `
        onWritable(room) { if (!this.told) { this.told = true; trace("room for ", room, ", ", this === socket, "; ", socket.write(bytes("hello"))); } },
        onReadable(count) { const view = new Uint8Array(count); trace(count, " ", socket.read(view), " ", text(view)); socket.close(); }`,
    });
    expect(errors).toBe("");
    expect(trace).toEqual([expect.stringMatching(/^room for \d+, false; \d+$/), "5 5 hello"]);
  });

  it("takes 96 bytes off the room before and 32 after writing", async () => {
    const { trace } = await runClient({
      port: await serveTls(certificates, { ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" }),
      ca,
      callbacks: `onWritable(room) { if (room === 8096) { trace(tcp.writable, " ", socket.write(bytes("hello")), " ", tcp.writable); socket.close(); } }`,
    });
    expect(trace).toEqual([`8192 ${8192 - 34 - 32} ${8192 - 34}`]);
  });

  it("writes one record at a time to TCP", async () => {
    const { trace } = await runClient({
      port: await serveTls(certificates),
      ca,
      before: `class Noting extends Guarded { write(record) { trace(record[0], " ", record.length - 5 - (record[3] << 8) - record[4]); return super.write(record); } }`,
      io: "Noting",
      callbacks: `onWritable() { socket.write(bytes("x")); socket.close(); }`,
    });
    expect(trace).toEqual(["22 0", "22 0", "20 0", "22 0", "23 0"]);
  });

  it("tells the server's name, and which protocols there are", async () => {
    const { promise, resolve } = deferred<unknown[]>();
    const port = await serveTls(certificates, { ALPNProtocols: ["mqtt"] }, (server) =>
      resolve([server.getProtocol(), server.alpnProtocol, server.servername]),
    );
    await runClient({ port, ca, secure: `applicationLayerProtocolNegotiation: ["x", "mqtt"]`, callbacks: "onWritable() { socket.close(); }" });
    expect(await promise).toEqual(["TLSv1.2", "mqtt", "localhost"]);
  });

  it("takes a certificate for an address, too", async () => {
    const { trace } = await runClient({
      port: await serveTls(certificates),
      ca,
      secure: `serverName: "127.0.0.1"`,
      callbacks: `onWritable() { trace("ready"); socket.close(); }`,
    });
    expect(trace).toEqual(["ready"]);
  });

  it("takes any certificate when it shall not verify", async () => {
    const { cert, key } = certificates;
    const { trace } = await runClient({
      port: await serveTls(certificates, { cert, key }),
      secure: `serverName: "other", verify: false`,
      callbacks: `onWritable() { trace("ready"); socket.close(); }`,
    });
    expect(trace).toEqual(["ready"]);
  });

  describe("reading", () => {
    it("ends with the record, and takes the view's length or what there is", async () => {
      const { trace } = await runClient({
        port: await records("0123456789"),
        ca,
        callbacks: `${ASK}
          onReadable(count) {
            const view = new Uint8Array(4);
            trace(count, " ", socket.read(view), text(view), " ", socket.read(view.subarray(1)), text(view));
            trace(text(new Uint8Array(socket.read(1))), " ", attempt(() => socket.read(3)), " ", text(new Uint8Array(socket.read())), " ", socket.read(view));
            socket.close();
          }`,
      });
      expect(trace).toEqual(["10 40123 30456", "7 throws Error: invalid 89 undefined"]);
    });

    it("announces the next record when the one before has been read, and not before", async () => {
      const { trace } = await runClient({
        port: await records("ab", "cde"),
        ca,
        callbacks: `${ASK}
          onReadable(count) {
            const view = new Uint8Array(8);
            trace("readable ", count);
            Timer.set(() => {
              trace(socket.read(view), " ", socket.read(view));
              if (count === 3) socket.close();
            }, 50);
          }`,
      });
      expect(trace).toEqual(["readable 2", "2 undefined", "readable 3", "3 undefined"]);
    });

    it("gives bytes one by one in the other format", async () => {
      const { trace } = await runClient({
        port: await records("AB"),
        ca,
        callbacks: `${ASK}
          onReadable() { socket.format = "number"; trace(socket.format, socket.read(), socket.read(), socket.read()); socket.close(); }`,
      });
      expect(trace).toEqual(["number6566undefined"]);
    });

    it("gets 100,000 bytes, in records of up to 16,384", async () => {
      const reports = new Reports();
      const { errors } = await runClient({
        port: await records("x".repeat(100_000)),
        ca,
        reports,
        callbacks: `${ASK}
          onReadable(count) {
            largest = Math.max(largest, count);
            for (let got = 0; got < count; ) { const length = socket.read(view); got += length; total += length; if (view[0] !== 120 || view[length - 1] !== 120) trace("wrong"); }
            if (total === 100_000) { sim.report("total", total, largest); socket.close(); }
          }`,
        before: "let total = 0, largest = 0; const view = new Uint8Array(1000);",
      });
      expect(errors).toBe("");
      expect(reports.get("total")).toEqual([100_000, 16_384]);
    });
  });

  describe("writing", () => {
    it("sends 100,000 bytes as there is room", async () => {
      const { port, text } = received();
      const { errors } = await runClient({
        port: await port,
        ca,
        callbacks: `
          onWritable(room) {
            while (left > 0 && room >= view.length) { room = socket.write(view) - 64; left -= view.length; }
            if (left === 0) socket.close();
          }`,
        before: "let left = 100_000; const view = new Uint8Array(1000).fill(121);",
      });
      expect(errors).toBe("");
      expect(await text).toBe("y".repeat(100_000));
    });

    it("keeps what more follows, and makes one record of all", async () => {
      const { port, text } = received({ ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" });
      const { trace } = await runClient({
        port: await port,
        ca,
        callbacks: `
          onWritable(room) {
            if (room < 8096) return;
            trace(socket.write(bytes("ab"), { more: true, byteLength: 5 }), " ", socket.write(new DataView(bytes("xcdx").buffer, 1, 2), { more: true }), " ", tcp.writable);
            trace(socket.write(bytes("e").buffer), " ", tcp.writable);
            socket.close();
          }`,
      });
      expect(trace).toEqual(["8158 8156 8192", "8126 8158"]);
      expect(await text).toBe("abcde");
    });

    it("throws when it is too much for a record, and forgets what it kept", async () => {
      const { port, text } = received();
      const { trace } = await runClient({
        port: await port,
        ca,
        callbacks: `
          onWritable() {
            trace(attempt(() => socket.write(new Uint8Array(16_385))));
            socket.write(bytes("lost"), { more: true });
            trace(attempt(() => socket.write(new Uint8Array(16_381))));
            socket.write(bytes("rest"));
            socket.close();
          }`,
      });
      expect(trace).toEqual(["throws Error: too large", "throws Error: too large"]);
      expect(await text).toBe("rest");
    });

    it("throws what TCP throws when there is no room, and once the socket is closed", async () => {
      const { trace } = await runClient({
        port: await serveTls(certificates),
        ca,
        callbacks: `
          onWritable() {
            trace(attempt(() => socket.write(new Uint8Array(8192))));
            socket.close();
            trace(attempt(() => socket.write(new Uint8Array(1))));
            trace(socket.read(new Uint8Array(1)), attempt(() => socket.close()));
          }`,
      });
      expect(trace).toEqual(["throws Error: would block", expect.stringMatching("^throws TypeError"), "undefinedundefined"]);
    });

    it("returns NaN when TCP says that it has failed", async () => {
      const { trace } = await runClient({
        port: await serveTls(certificates),
        ca,
        callbacks: `
          onWritable() {
            Object.defineProperty(Guarded.prototype, "write", { value: () => undefined });
            trace(socket.write(bytes("x")));
            socket.close();
          }`,
      });
      expect(trace).toEqual(["NaN"]);
    });
  });

  it("closes TCP without a word", async () => {
    const port = await serveTls(certificates, {}, (socket) => socket.resume());
    const { reason, trace } = await runClient({ port, ca, callbacks: `onWritable() { socket.close(); trace("closed"); }` });
    expect({ reason, trace }).toEqual({ reason: "finished", trace: ["closed"] });
  });

  it("allocates nothing while it waits", async () => {
    const port = await serveTls(certificates);
    const reports = new Reports();
    await runClient({
      port,
      ca,
      reports,
      callbacks: `onWritable(room) { if (room === 8096) timer ??= Timer.set(begin, 100); }`,
      before: `
        let timer, slots, chunkBytes;
        const begin = () => { Timer.set(end, 300); slots = sim.slots(); chunkBytes = sim.chunkBytes(); };
        const end = () => { sim.report("used", sim.slots() - slots, sim.chunkBytes() - chunkBytes); socket.close(); };`,
    });
    expect(reports.get("used")).toEqual([0, 0]);
  });
});
