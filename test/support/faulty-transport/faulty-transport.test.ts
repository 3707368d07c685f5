import { beforeEach, describe, expect, it } from "vitest";
import { NodeClock, TcpTransport } from "../../../hosts/node/index.js";
import { TestServer } from "../../hosts/node/test-server.js";
import { describeTransports } from "../../hosts/node/transport-contract.js";
import { ManualClock } from "../manual-clock.js";
import { MemoryTransport } from "../memory-transport.js";
import { RecordingListener } from "../recording-listener.js";
import { type Break, type ConnectionFaults, type Ending, type Fault, NO_FAULTS, type Piece } from "./connection-faults.js";
import { FaultyTransport } from "./faulty-transport.js";

describeTransports([
  {
    kind: "TCP in a FaultyTransport without faults",
    startServer: () => TestServer.start(),
    create: (port) => new FaultyTransport({ transport: new TcpTransport({ host: "127.0.0.1", port }), clock: new NodeClock() }),
    place: (port) => `127.0.0.1:${port}`,
  },
]);

let clock: ManualClock;
let inner: MemoryTransport;
let listener: RecordingListener;
let faults: Fault[];

beforeEach(() => {
  clock = new ManualClock();
  inner = new MemoryTransport();
  listener = new RecordingListener();
  faults = [];
});

/** A transport whose connections all have these faults, opened. */
function opened(given: Partial<ConnectionFaults>): FaultyTransport {
  const faultsOf = (): ConnectionFaults => ({ ...NO_FAULTS, ...given });
  const transport = new FaultyTransport({ transport: inner, clock, faultsOf, onFault: (fault) => faults.push(fault) });
  transport.open(listener);
  if (inner.isOpening) inner.accept();
  listener.calls.length = 0;
  return transport;
}

/** What a client writes from. */
function bytes(...values: number[]): Uint8Array {
  const view = new Uint8Array(new ArrayBuffer(values.length, { maxByteLength: values.length }));
  view.set(values);
  return view;
}

function write(transport: FaultyTransport, ...values: number[]): boolean {
  return transport.write(bytes(...values), values.length);
}

function read(transport: FaultyTransport): number[] {
  const target = bytes(...new Array<number>(16).fill(0));
  return [...target.subarray(0, transport.read(target, 0, 16))];
}

/** These pieces one after the other, and then whatever comes at once. */
function pieces(...given: Piece[]): () => Piece {
  return () => given.shift() ?? { size: Infinity, delay: 0 };
}

describe("received bytes", () => {
  it("are split into pieces, each offered by itself", () => {
    const transport = opened({ nextPiece: pieces({ size: 2, delay: 0 }) });
    const parts: number[][] = [];
    listener.then = () => parts.push(read(transport));
    inner.deliver(Uint8Array.of(1, 2, 3, 4, 5));
    expect(parts).toEqual([[1, 2], [3, 4, 5]]);
    expect(faults).toEqual(["split"]);
  });

  it("are delayed, and merged with what comes in meanwhile", () => {
    const transport = opened({ nextPiece: pieces({ size: Infinity, delay: 10 }) });
    inner.deliver(Uint8Array.of(1));
    clock.advance(9);
    expect(listener.calls).toEqual([]);
    expect(read(transport)).toEqual([]);
    inner.deliver(Uint8Array.of(2));
    clock.advance(1);
    expect(listener.calls).toEqual(["onReadable"]);
    expect(read(transport)).toEqual([1, 2]);
    expect(faults).toEqual(["delay", "merge"]);
  });

  it("stall", () => {
    const transport = opened({ nextPiece: pieces({ size: Infinity, delay: 50 }) });
    inner.deliver(Uint8Array.of(1));
    clock.advance(50);
    expect(read(transport)).toEqual([1]);
    expect(faults).toEqual(["stall"]);
  });

  it("are all offered, and read, before onClose", () => {
    const transport = opened({ nextPiece: pieces({ size: 1, delay: 5 }) });
    inner.deliver(Uint8Array.of(1, 2));
    inner.drop();
    expect(listener.calls).toEqual([]);
    clock.advance(5);
    expect(listener.calls).toEqual(["onReadable", "onReadable"]);
    expect(read(transport)).toEqual([1, 2]);
    expect(listener.calls).not.toContain("onClose"); // not from within a method
    clock.advance(0);
    expect(listener.calls).toEqual(["onReadable", "onReadable", "onClose"]);
  });

  it("do not come after close", () => {
    const transport = opened({ nextPiece: pieces({ size: Infinity, delay: 5 }) });
    inner.deliver(Uint8Array.of(1));
    transport.close();
    clock.advance(100);
    expect(listener.calls).toEqual([]);
    expect(read(transport)).toEqual([]);
  });
});

describe("write", () => {
  it("finds no room for a while, and onWritable tells when there is some", () => {
    const transport = opened({ blockades: [{ after: 2, milliseconds: 10 }] });
    expect(write(transport, 1, 2)).toBe(true);
    expect(write(transport, 3)).toBe(false);
    clock.advance(9);
    expect(listener.calls).toEqual([]);
    clock.advance(1);
    expect(listener.calls).toEqual(["onWritable"]);
    expect(write(transport, 3)).toBe(true);
    expect([...inner.sent]).toEqual([1, 2, 3]);
    expect(faults).toEqual(["no room"]);
  });

  it("is not told of room that it has not asked for", () => {
    const transport = opened({ blockades: [{ after: 1, milliseconds: 10 }] });
    write(transport, 1);
    clock.advance(10);
    expect(listener.calls).toEqual([]);
  });

  it("finds no room where the real network has none, and is told as that is", () => {
    inner.room = 1;
    const transport = opened({});
    expect(write(transport, 1, 2)).toBe(false);
    inner.makeRoom(1);
    expect(listener.calls).toEqual(["onWritable"]);
    expect(write(transport, 1, 2)).toBe(true);
  });

  it("does not keep an owner waiting who must read on to see the end", () => {
    inner.room = 0;
    const transport = opened({ nextPiece: pieces({ size: Infinity, delay: 5 }) });
    expect(write(transport, 1)).toBe(false);
    inner.deliver(Uint8Array.of(1));
    inner.drop();
    expect(listener.calls).toEqual(["onWritable"]);
    expect(write(transport, 1)).toBe(true); // and is lost with the connection
  });
});

describe("an attempt to connect", () => {
  it.each([
    ["refused", "ERR_SOCKET"],
    ["host not found", "ERR_HOST_NOT_FOUND"],
  ] as const)("is %s", (opening, code) => {
    opened({ opening });
    expect(listener.calls).toEqual([]);
    clock.advance(0);
    expect(listener.calls).toEqual(["onClose"]);
    expect(listener.error).toMatchObject({ code, fault: "network" });
    expect(inner.opens).toBe(0);
    expect(faults).toEqual([opening]);
  });

  it("is never answered", () => {
    const transport = opened({ opening: "unanswered" });
    clock.advance(1_000_000);
    expect(listener.calls).toEqual([]);
    transport.close();
    expect(clock.armed).toBe(0);
  });

  it("begins late", () => {
    opened({ delay: 5 });
    clock.advance(4);
    expect(inner.opens).toBe(0);
    clock.advance(1);
    inner.accept();
    expect(listener.calls).toEqual(["onOpen"]);
  });

  it("is counted, and each has faults of its own", () => {
    const seen: number[] = [];
    const faultsOf = (connection: number): ConnectionFaults => {
      seen.push(connection);
      return connection === 0 ? { ...NO_FAULTS, opening: "refused" } : NO_FAULTS;
    };
    const transport = new FaultyTransport({ transport: inner, clock, faultsOf });
    listener.then = (call) => {
      if (call === "onClose") transport.open(listener);
    };
    transport.open(listener);
    clock.advance(0);
    inner.accept();
    expect(seen).toEqual([0, 1]);
    expect(transport.connections).toBe(2);
    expect(listener.calls).toEqual(["onClose", "onOpen"]);
  });
});

describe("a connection breaks", () => {
  const breaking = (how: Break, side: Ending["side"], after: number) => ({ ending: { how, side, after, milliseconds: 10 } });

  it("by a reset: nothing of what follows arrives, either way", () => {
    const transport = opened(breaking("reset", "written", 2));
    expect(write(transport, 1, 2, 3)).toBe(true);
    expect([...inner.sent]).toEqual([1, 2]);
    inner.deliver(Uint8Array.of(7));
    expect(write(transport, 4)).toBe(true);
    expect([...inner.sent]).toEqual([1, 2]);
    clock.advance(10);
    expect(listener.calls).toEqual(["onClose"]);
    expect(listener.error).toMatchObject({ code: "ERR_CONNECTION_CLOSED" });
    expect(inner.isOpen).toBe(false);
    expect(faults).toEqual(["reset"]);
  });

  it("in the midst of what comes in", () => {
    const transport = opened(breaking("reset", "received", 2));
    listener.then = (call) => {
      if (call === "onReadable") expect(read(transport)).toEqual([1, 2]);
    };
    inner.deliver(Uint8Array.of(1, 2, 3));
    clock.advance(10);
    expect(listener.calls).toEqual(["onReadable", "onClose"]);
  });

  it("for one direction: what is written still arrives", () => {
    const transport = opened(breaking("half-close", "received", 0));
    inner.deliver(Uint8Array.of(1, 2));
    expect(write(transport, 5)).toBe(true);
    expect([...inner.sent]).toEqual([5]);
    expect(listener.calls).toEqual([]);
    clock.advance(10);
    expect(listener.calls).toEqual(["onClose"]);
  });

  it("for the other one: what is written is lost, and then the connection", () => {
    const transport = opened(breaking("loss", "written", 1));
    expect(write(transport, 1, 2)).toBe(true);
    inner.deliver(Uint8Array.of(9));
    expect(read(transport)).toEqual([9]);
    expect(write(transport, 3)).toBe(true);
    expect([...inner.sent]).toEqual([1]);
    clock.advance(10);
    expect(listener.calls).toEqual(["onReadable", "onClose"]);
  });

  it("without a sign", () => {
    const transport = opened(breaking("silence", "written", 1));
    write(transport, 1, 2);
    inner.deliver(Uint8Array.of(9));
    inner.drop();
    clock.advance(1_000_000);
    expect(listener.calls).toEqual([]);
    expect(write(transport, 3)).toBe(true);
    transport.close();
  });

  it("at once, and not a callback follows, when the owner closes", () => {
    const transport = opened(breaking("loss", "written", 1));
    write(transport, 1);
    transport.close();
    clock.advance(1_000);
    expect(listener.calls).toEqual([]);
    expect(inner.closedByClient).toBe(true);
  });
});

describe("the guard", () => {
  it("makes every call to the owner, and learns what it throws", () => {
    const thrown: unknown[] = [];
    const guard = (call: () => void): void => {
      try {
        call();
      } catch (error) {
        thrown.push(error);
      }
    };
    const transport = new FaultyTransport({ transport: inner, clock, guard });
    listener.then = (call) => {
      throw new Error(call);
    };
    transport.open(listener);
    inner.accept();
    inner.deliver(Uint8Array.of(1));
    inner.drop();
    read(transport);
    clock.advance(0);
    expect(thrown.map(String)).toEqual(["Error: onOpen", "Error: onReadable", "Error: onClose"]);
  });
});
