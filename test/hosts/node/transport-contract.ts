import type { Duplex } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Transport } from "../../../src/client/transport.js";
import { RecordingListener } from "../../support/recording-listener.js";
import { pass, soon } from "../../support/waiting.js";
import { received } from "./test-server.js";

/** The other end of the transports under test. */
export interface Server {
  readonly port: number;
  /** The latest connection, when there is one; its end is the test's to answer. */
  connection(): Promise<Duplex>;
  /** Cuts the latest connection without a farewell. */
  reset(): void;
  /** Hangs up on everyone who connects from now on. */
  hangUp(): void;
  stop(): Promise<void>;
}

/** A transport that is to do what all transports of Node do. */
export interface TransportKind {
  readonly kind: string;
  /** Starts a server on 127.0.0.1 that speaks the same. */
  readonly startServer: () => Promise<Server>;
  readonly create: (port: number) => Transport;
  /** What its messages call the other end. */
  readonly place: (port: number) => string;
}

/** What a client writes from: a length-tracking view of a resizable buffer. */
function sourceOf(size: number, ...bytes: number[]): Uint8Array {
  const view = new Uint8Array(new ArrayBuffer(size, { maxByteLength: size }));
  view.set(bytes);
  return view;
}

/** The tests of what is the same for TCP, TLS and WebSockets. */
export function describeTransports(kinds: readonly TransportKind[]): void {
  describe.each(kinds)("$kind: a transport of Node", ({ startServer, create, place }) => {
    let server: Server;
    let transport: Transport;
    let listener: RecordingListener;

    beforeEach(async () => {
      server = await startServer();
      transport = create(server.port);
      listener = new RecordingListener();
    });

    afterEach(async () => {
      transport.close();
      await server.stop();
    });

    const until = (call: string): Promise<void> =>
      soon(() => {
        expect(listener.calls).toContain(call);
      });

    async function open(): Promise<void> {
      transport.open(listener);
      expect(listener.calls).toEqual([]);
      await until("onOpen");
    }

    function readAll(size: number): number[] {
      const target = new Uint8Array(size);
      const bytes: number[] = [];
      for (let count = size; count === size; ) {
        count = transport.read(target, 0, size);
        bytes.push(...target.subarray(0, count));
      }
      return bytes;
    }

    it("tells onOpen, and nothing before", async () => {
      await open();
      expect(listener.calls).toEqual(["onOpen"]);
    });

    it("gives the server's bytes, in pieces as small as the owner likes", async () => {
      const bytes: number[] = [];
      listener.then = (call) => {
        if (call === "onReadable") bytes.push(...readAll(3));
      };
      await open();
      const connection = await server.connection();
      connection.write(Uint8Array.of(1, 2, 3, 4));
      await soon(() => {
        expect(bytes).toEqual([1, 2, 3, 4]);
      });
      connection.write(Uint8Array.of(5, 6, 7, 8, 9, 10));
      await soon(() => {
        expect(bytes).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      });
    });

    it("keeps bytes that the owner reads later", async () => {
      await open();
      (await server.connection()).write(Uint8Array.of(1, 2, 3));
      await until("onReadable");
      const target = new Uint8Array(4).fill(9);
      expect(transport.read(target, 1, 3)).toBe(2);
      expect([...target]).toEqual([9, 1, 2, 9]);
      expect(readAll(8)).toEqual([3]);
    });

    it("tells onOpen before the bytes of a server that speaks first", async () => {
      void server.connection().then((connection) => connection.write("hello"));
      await open();
      await until("onReadable");
      expect(listener.calls.slice(0, 2)).toEqual(["onOpen", "onReadable"]);
    });

    it("takes the bytes of a write before it returns", async () => {
      await open();
      const connection = await server.connection();
      const source = sourceOf(8, 1, 2, 3);
      expect(transport.write(source, 3)).toBe(true);
      expect(source.length).toBe(8);
      source.fill(0xff);
      const all = received(connection);
      transport.close();
      expect([...(await all)]).toEqual([1, 2, 3]);
    });

    it("is false when the server does not keep up, and tells onWritable once it has", async () => {
      await open();
      const connection = await server.connection();
      connection.pause();
      const size = 65_536;
      const source = sourceOf(size);
      let taken = 0;
      await soon(() => {
        while (transport.write(source, size)) taken += size;
        expect(transport.write(source, size)).toBe(false);
      });
      expect(listener.calls).toEqual(["onOpen"]);
      const all = received(connection);
      connection.resume();
      await until("onWritable");
      expect(transport.write(source, 1)).toBe(true);
      transport.close();
      expect((await all).length).toBe(taken + 1);
    });

    it("sends what was written before it closes, and no callback follows", async () => {
      await open();
      const connection = await server.connection();
      const all = received(connection);
      const source = sourceOf(200_000);
      transport.write(source, 200_000);
      transport.close();
      connection.write("too late");
      expect((await all).length).toBe(200_000);
      connection.end();
      await new Promise((resolve) => connection.once("close", resolve));
      expect(listener.calls).toEqual(["onOpen"]);
      expect(transport.write(source, 1)).toBe(false);
      expect(readAll(4)).toEqual([]);
    });

    it("closes although bytes are unread", async () => {
      await open();
      const connection = await server.connection();
      connection.write(Buffer.alloc(500_000));
      await until("onReadable");
      transport.close();
      const before = [...listener.calls];
      connection.resume();
      connection.end();
      await new Promise((resolve) => connection.once("close", resolve));
      expect(listener.calls).toEqual(before);
    });

    it("may be closed while it connects, and when it is closed", async () => {
      transport.close();
      transport.open(listener);
      transport.close();
      transport.close();
      await pass(50);
      expect(listener.calls).toEqual([]);
    });

    it("tells ERR_CONNECTION_CLOSED when the server closes, after the last bytes", async () => {
      let bytes: number[] = [];
      listener.then = (call) => {
        if (call === "onReadable") bytes = readAll(16);
      };
      await open();
      (await server.connection()).end(Uint8Array.of(1, 2, 3));
      await until("onClose");
      expect(bytes).toEqual([1, 2, 3]);
      expect(listener.calls).toEqual(["onOpen", "onReadable", "onClose"]);
      expect(listener.error).toMatchObject({
        code: "ERR_CONNECTION_CLOSED",
        message: `lost the connection to ${place(server.port)}: the server closed it`,
      });
    });

    it("tells the end too when the last bytes are read after it came", async () => {
      await open();
      (await server.connection()).end(Uint8Array.of(1, 2, 3));
      await until("onReadable");
      await pass(50);
      expect(readAll(16)).toEqual([1, 2, 3]);
      expect(listener.calls).not.toContain("onClose");
      await until("onClose");
    });

    it("tells ERR_CONNECTION_CLOSED, once, when the connection is reset", async () => {
      await open();
      await server.connection();
      server.reset();
      await until("onClose");
      expect(listener.error).toMatchObject({ code: "ERR_CONNECTION_CLOSED" });
      expect(listener.calls).toEqual(["onOpen", "onClose"]);
    });

    it("opens again and again, even from within onClose", async () => {
      server.hangUp();
      listener.then = (call) => {
        if (call === "onClose") transport.open(listener);
      };
      transport.open(listener);
      await soon(() => {
        expect(listener.calls.slice(0, 5)).toEqual(["onOpen", "onClose", "onOpen", "onClose", "onOpen"]);
      });
    });

    it("tells ERR_SOCKET, with where and why, when the connection is refused", async () => {
      await server.stop();
      transport.open(listener);
      await until("onClose");
      expect(listener.calls).toEqual(["onClose"]);
      expect(listener.error?.code).toBe("ERR_SOCKET");
      expect(listener.error?.message).toMatch(/: .*ECONNREFUSED.*$/);
      expect(listener.error?.message).toContain(`cannot connect to ${place(server.port)}: `);
    });
  });
}
