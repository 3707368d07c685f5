import { beforeEach, describe, expect, it } from "vitest";
import { TcpTransport, type Resolver, type ResolverOptions, type TcpTransportOptions } from "../../../hosts/device/index.js";
import TCP from "../../support/device-modules/tcp.js";
import Timer from "../../support/device-modules/timer.js";
import { RecordingListener } from "../../support/recording-listener.js";

const ADDRESS = { address: "192.0.2.1" };

let listener: RecordingListener;

beforeEach(() => {
  TCP.reset();
  Timer.reset();
  listener = new RecordingListener();
});

/** What a client reads to and writes from: a length-tracking view of a resizable buffer. */
function bufferOf(size: number, ...bytes: number[]): Uint8Array {
  const view = new Uint8Array(new ArrayBuffer(size, { maxByteLength: size }));
  view.set(bytes);
  return view;
}

function opened(options: Partial<TcpTransportOptions> = {}, room = 100): TcpTransport {
  const transport = new TcpTransport({ ...ADDRESS, ...options });
  transport.open(listener);
  TCP.latest.writable(room);
  return transport;
}

function readAll(transport: TcpTransport, size = 16): number[] {
  const target = bufferOf(size);
  const bytes: number[] = [];
  for (let count = size; count === size; ) {
    count = transport.read(target, 0, size);
    bytes.push(...target.subarray(0, count));
  }
  return bytes;
}

describe("options", () => {
  it.each<[string, TcpTransportOptions]>([
    ["host", {}],
    ["host", { host: "" }],
    ["address", { address: "" }],
    ["port", { ...ADDRESS, port: 0 }],
    ["port", { ...ADDRESS, port: 65_536 }],
    ["port", { ...ADDRESS, port: 1.5 }],
    ["bufferSize", { ...ADDRESS, bufferSize: 0 }],
    ["writeLimit", { ...ADDRESS, writeLimit: 0 }],
  ])("names %s when it is wrong", (name, options) => {
    expect(() => new TcpTransport(options)).toThrow(
      expect.objectContaining({ code: "ERR_ARGUMENT", message: expect.stringMatching(new RegExp(`^${name} `)) as string }),
    );
  });

  it("have defaults for MQTT on ESP32", () => {
    const transport = opened();
    expect(TCP.latest.options).toMatchObject({ address: "192.0.2.1", port: 1883, nodelay: true });
    expect(transport.writeLimit).toBe(8192);
  });
});

describe("open", () => {
  it("tells onOpen once, when the socket is writable for the first time", () => {
    const transport = new TcpTransport(ADDRESS);
    transport.open(listener);
    expect(listener.calls).toEqual([]);
    TCP.latest.writable(100);
    TCP.latest.writable(200);
    expect(listener.calls).toEqual(["onOpen"]);
  });

  it("tells ERR_SOCKET, with where to, when there is no connection", () => {
    new TcpTransport({ ...ADDRESS, port: 1884 }).open(listener);
    TCP.latest.fail();
    expect(listener.calls).toEqual(["onClose"]);
    expect(listener.error).toMatchObject({ code: "ERR_SOCKET", message: "the connection to 192.0.2.1:1884 failed" });
    expect(TCP.latest.isClosed).toBe(true);
  });

  it("throws what the socket's constructor throws, and may be tried again after close", () => {
    TCP.failure = new Error("no network");
    const transport = new TcpTransport(ADDRESS);
    expect(() => transport.open(listener)).toThrow("no network");
    transport.close();
    expect(listener.calls).toEqual([]);
    TCP.failure = undefined;
    transport.open(listener);
    TCP.latest.writable(10);
    expect(listener.calls).toEqual(["onOpen"]);
  });

  it("works again after onClose, even from within it", () => {
    const transport = new TcpTransport(ADDRESS);
    transport.open(listener);
    listener.then = (call) => {
      if (call === "onClose") transport.open(listener);
    };
    TCP.latest.fail();
    TCP.latest.writable(10);
    expect(listener.calls).toEqual(["onClose", "onOpen"]);
    expect(TCP.sockets).toHaveLength(2);
  });

  it("tells onOpen before the bytes of a server that speaks first", () => {
    const transport = new TcpTransport(ADDRESS);
    transport.open(listener);
    TCP.latest.receive(1, 2);
    expect(listener.calls).toEqual([]);
    TCP.latest.writable(100);
    expect(listener.calls).toEqual(["onOpen", "onReadable"]);
    expect(readAll(transport)).toEqual([1, 2]);
  });
});

describe("host names", () => {
  class FakeResolver implements Resolver {
    static latest: FakeResolver;
    isClosed = false;
    request: Parameters<Resolver["resolve"]>[0] | undefined;

    constructor(readonly options: ResolverOptions) {
      FakeResolver.latest = this;
    }

    resolve(request: Parameters<Resolver["resolve"]>[0]): void {
      this.request = request;
    }

    close(): void {
      this.isClosed = true;
    }
  }

  const resolver = { io: FakeResolver, servers: ["192.0.2.53"] };

  function resolving(): TcpTransport {
    const transport = new TcpTransport({ host: "broker.example", resolver });
    transport.open(listener);
    return transport;
  }

  it("go to the resolver, which gets its dictionary", () => {
    resolving();
    expect(FakeResolver.latest.options).toBe(resolver);
    expect(FakeResolver.latest.request?.host).toBe("broker.example");
    expect(TCP.sockets).toHaveLength(0);
  });

  it("connect to the address that the resolver finds", () => {
    resolving();
    FakeResolver.latest.request?.onResolved("broker.example", "192.0.2.7");
    expect(TCP.latest.options).toMatchObject({ address: "192.0.2.7", host: "broker.example" });
    expect(FakeResolver.latest.isClosed).toBe(true);
  });

  it("tell ERR_HOST_NOT_FOUND when it finds none", () => {
    resolving();
    FakeResolver.latest.request?.onError("broker.example");
    expect(listener.error).toMatchObject({ code: "ERR_HOST_NOT_FOUND", message: "the connection to broker.example:1883 failed" });
    expect(FakeResolver.latest.isClosed).toBe(true);
  });

  it("are forgotten by close, whatever the resolver says later", () => {
    resolving().close();
    expect(FakeResolver.latest.isClosed).toBe(true);
    FakeResolver.latest.request?.onResolved("broker.example", "192.0.2.7");
    FakeResolver.latest.request?.onError("broker.example");
    expect(listener.calls).toEqual([]);
    expect(TCP.sockets).toHaveLength(0);
  });

  it("tell ERR_SOCKET when the address that was found cannot be connected to", () => {
    const transport = resolving();
    TCP.failure = new Error("no network");
    FakeResolver.latest.request?.onResolved("broker.example", "192.0.2.7");
    expect(listener.calls).toEqual(["onClose"]);
    expect(listener.error?.code).toBe("ERR_SOCKET");
    transport.close();
    expect(listener.calls).toEqual(["onClose"]);
  });

  it("are resolved anew by every open", () => {
    const transport = resolving();
    FakeResolver.latest.request?.onResolved("broker.example", "192.0.2.7");
    transport.close();
    const first = FakeResolver.latest;
    transport.open(listener);
    expect(FakeResolver.latest).not.toBe(first);
    FakeResolver.latest.request?.onResolved("broker.example", "192.0.2.8");
    expect(TCP.latest.options.address).toBe("192.0.2.8");
  });

  it("make open throw what the resolver throws", () => {
    class Broken extends FakeResolver {
      override resolve(): void {
        throw new Error("no UDP");
      }
    }
    const transport = new TcpTransport({ host: "broker.example", resolver: { io: Broken } });
    expect(() => transport.open(listener)).toThrow("no UDP");
    transport.close();
    expect(FakeResolver.latest.isClosed).toBe(true);
    expect(listener.calls).toEqual([]);
  });

  it("go to a socket that resolves where there is no resolver", () => {
    TCP.resolvesNames = true;
    new TcpTransport({ host: "broker.example" }).open(listener);
    expect(TCP.latest.options.host).toBe("broker.example");
  });

  it("make open throw where there is neither", () => {
    const transport = new TcpTransport({ host: "broker.example" });
    expect(() => transport.open(listener)).toThrow("invalid address");
    expect(listener.calls).toEqual([]);
  });
});

describe("read", () => {
  it("gives all that came in, however small the staging buffer", () => {
    const transport = opened({ bufferSize: 3 });
    TCP.latest.receive(1, 2, 3, 4, 5, 6, 7, 8, 9);
    const target = bufferOf(16);
    expect(transport.read(target, 0, 1)).toBe(1);
    expect(transport.read(target, 1, 16)).toBe(8);
    expect(transport.read(target, 9, 16)).toBe(0);
    expect([...target.subarray(0, 9)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(target.length).toBe(16);
  });

  it.each([0, 2])("from %i on gives less than asked for only when no more wait", (start) => {
    const transport = opened({ bufferSize: 1 });
    TCP.latest.receive(1, 2, 3, 4, 5);
    const target = bufferOf(16);
    expect(transport.read(target, start, start + 3)).toBe(3);
    expect([...target.subarray(start, start + 3)]).toEqual([1, 2, 3]);
    expect(transport.read(target, start, start + 3)).toBe(2);
    expect([...target.subarray(start, start + 2)]).toEqual([4, 5]);
  });

  it("leaves what is before start as it is", () => {
    const transport = opened();
    TCP.latest.receive(1, 2, 3, 4);
    const target = bufferOf(6, 9, 9, 9, 9, 9, 9);
    expect(transport.read(target, 2, 4)).toBe(2);
    expect([...target.subarray(0, 4)]).toEqual([9, 9, 1, 2]);
  });

  it("counts what comes in while bytes are unread", () => {
    const transport = opened();
    TCP.latest.receive(1, 2, 3);
    transport.read(bufferOf(1), 0, 1);
    TCP.latest.receive(4);
    expect(readAll(transport)).toEqual([2, 3, 4]);
    expect(listener.calls).toEqual(["onOpen", "onReadable", "onReadable"]);
  });

  it("gives nothing before open, after close, and after onClose", () => {
    const transport = new TcpTransport(ADDRESS);
    expect(readAll(transport)).toEqual([]);
    transport.open(listener);
    TCP.latest.writable(10);
    TCP.latest.receive(1);
    transport.close();
    expect(readAll(transport)).toEqual([]);
  });

  it("can be called until 0 by an owner who closes half-way", () => {
    const transport = opened({ bufferSize: 1 });
    listener.then = (call) => {
      if (call !== "onReadable") return;
      while (transport.read(bufferOf(2), 0, 2) > 0) transport.close();
    };
    TCP.latest.receive(1, 2, 3);
    expect(TCP.latest.isClosed).toBe(true);
  });
});

describe("write", () => {
  it("sends the first bytes of the source and leaves its buffer as large as it was", () => {
    const transport = opened();
    const source = bufferOf(8, 1, 2, 3, 4);
    expect(transport.write(source, 3)).toBe(true);
    expect(TCP.latest.sent).toEqual([1, 2, 3]);
    expect(source.length).toBe(8);
  });

  it("is false before the socket is writable for the first time", () => {
    const transport = new TcpTransport(ADDRESS);
    expect(transport.write(bufferOf(1), 1)).toBe(false);
    transport.open(listener);
    expect(transport.write(bufferOf(1), 1)).toBe(false);
  });

  it("is false when there is less room, sends nothing then, and onWritable follows once", () => {
    const transport = opened({}, 4);
    expect(transport.write(bufferOf(8), 3)).toBe(true);
    expect(transport.write(bufferOf(8), 2)).toBe(false);
    expect(transport.write(bufferOf(8), 1)).toBe(true);
    expect(TCP.latest.sent).toHaveLength(4);
    TCP.latest.writable(4);
    TCP.latest.writable(8);
    expect(listener.calls).toEqual(["onOpen", "onWritable"]);
    expect(transport.write(bufferOf(8), 8)).toBe(true);
  });

  it("does not bother an owner who was never refused", () => {
    const transport = opened();
    transport.write(bufferOf(8), 8);
    TCP.latest.writable(100);
    expect(listener.calls).toEqual(["onOpen"]);
  });

  it.each(["failSilently", "failWithBytesUnread"] as const)("is false, and does not throw, after %s", (fail) => {
    const transport = opened();
    const source = bufferOf(8);
    TCP.latest[fail]();
    expect(transport.write(source, 5)).toBe(false);
    expect(source.length).toBe(8);
    expect(transport.write(source, 5)).toBe(false);
    TCP.latest.fail();
    expect(listener.calls).toEqual(["onOpen", "onClose"]);
  });

  it("is false after close", () => {
    const transport = opened();
    transport.close();
    expect(transport.write(bufferOf(1), 1)).toBe(false);
  });
});

describe("close", () => {
  it("closes the socket, and no callback follows", () => {
    const transport = opened();
    transport.close();
    expect(TCP.latest.isClosed).toBe(true);
    TCP.latest.receive(1);
    TCP.latest.writable(1);
    TCP.latest.fail();
    expect(listener.calls).toEqual(["onOpen"]);
  });

  it("is harmless when closed already", () => {
    const transport = new TcpTransport(ADDRESS);
    transport.close();
    transport.open(listener);
    transport.close();
    transport.close();
    expect(listener.calls).toEqual([]);
  });

  it("keeps late callbacks of the old socket from the next connection", () => {
    const transport = opened();
    const old = TCP.latest;
    transport.close();
    transport.open(listener);
    old.receive(1, 2, 3);
    old.fail();
    TCP.latest.writable(5);
    expect(listener.calls).toEqual(["onOpen", "onOpen"]);
    expect(readAll(transport)).toEqual([]);
  });
});

describe("a connection that is lost", () => {
  it("tells ERR_CONNECTION_CLOSED, with where to", () => {
    const transport = opened();
    TCP.latest.fail();
    expect(listener.error).toMatchObject({
      code: "ERR_CONNECTION_CLOSED",
      message: "the connection to 192.0.2.1:1883 failed",
    });
    expect(transport.write(bufferOf(1), 1)).toBe(false);
  });

  it("tells of itself a while after a write that failed, since a desktop's socket does not", () => {
    const transport = opened();
    TCP.latest.failSilently();
    expect(transport.write(bufferOf(1), 1)).toBe(false);
    expect(listener.calls).toEqual(["onOpen"]);
    Timer.advance(100);
    expect(listener.calls).toEqual(["onOpen", "onClose"]);
    expect(listener.error?.code).toBe("ERR_CONNECTION_CLOSED");
  });

  it("is told once, when the socket does tell", () => {
    const transport = opened();
    TCP.latest.failSilently();
    transport.write(bufferOf(1), 1);
    TCP.latest.fail();
    transport.open(listener);
    TCP.latest.writable(10);
    Timer.advance(1_000);
    expect(listener.calls).toEqual(["onOpen", "onClose", "onOpen"]);
  });
});
