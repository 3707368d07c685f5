import { beforeEach, describe, expect, it } from "vitest";
import { type GuardedSocketOptions, GuardedSocket } from "../../../hosts/device/guarded-socket.js";
import TCP from "../../support/device-modules/tcp.js";
import Timer from "../../support/device-modules/timer.js";
import { record } from "../../support/device-modules/tls.js";

const CHANGE_CIPHER_SPEC = record(20, [1]);
const HANDSHAKE = record(22, [1]);
const APPLICATION_DATA = record(23, [1, 2, 3]);

/** What the TLS socket was told, and what the owner was. */
let told: string[];
let broken: unknown[];
/** Thrown by the TLS socket's callbacks. */
let fault: Error | undefined;
let guard: GuardedSocket;

const tell = (what: string) => (count?: number): void => {
  told.push(count === undefined ? what : `${what} ${count}`);
  if (fault) throw fault;
};

function make(options: Partial<GuardedSocketOptions> = {}): GuardedSocket {
  const owner = { guard: undefined, broken: (cause: unknown, by: GuardedSocket) => broken.push(cause, by) };
  const callbacks = { onReadable: tell("onReadable"), onWritable: tell("onWritable"), onError: tell("onError") };
  guard = new GuardedSocket({ address: "192.0.2.1", port: 8883, owner, ...callbacks, ...options });
  return guard;
}

beforeEach(() => {
  TCP.reset();
  Timer.reset();
  told = [];
  broken = [];
  fault = undefined;
  make();
});

describe("a guarded socket", () => {
  it("is one of TCP, without delay", () => {
    const { address, port, nodelay } = TCP.latest.options;
    expect({ address, port, nodelay }).toEqual({ address: "192.0.2.1", port: 8883, nodelay: true });
    expect("host" in TCP.latest.options).toBe(false);
    make({ host: "broker.example" });
    expect(TCP.latest.options.host).toBe("broker.example");
  });

  it("is given to its owner", () => {
    const owner = { guard: undefined, broken: () => undefined };
    make({ owner });
    expect(owner.guard).toBe(guard);
  });

  it("calls what TCP calls", () => {
    TCP.latest.writable(100);
    TCP.latest.receive(1, 2);
    TCP.latest.fail();
    expect(told).toEqual(["onWritable 100", "onReadable 2", "onError"]);
  });

  it("reads from TCP", () => {
    TCP.latest.receive(1, 2, 3);
    const view = new Uint8Array(2);
    expect(guard.read(view)).toBe(2);
    expect([...view]).toEqual([1, 2]);
  });

  it("gives what is thrown to its owner, and to nobody else", () => {
    fault = new Error("TLS");
    TCP.latest.writable(100);
    TCP.latest.receive(1, 2);
    TCP.latest.fail();
    expect(broken).toEqual([fault, guard, fault, guard, fault, guard]);
  });

  it("lets the owner throw at the host", () => {
    make({
      owner: {
        guard: undefined,
        broken(cause) {
          throw cause;
        },
      },
    });
    fault = new Error("the owner's");
    expect(() => TCP.latest.receive(1)).toThrow(fault);
  });

  it("closes TCP", () => {
    guard.close();
    expect(TCP.latest.isClosed).toBe(true);
  });
});

describe("what waits to be read", () => {
  it("is what the TLS socket has noted, but not while it is hidden", () => {
    guard.readable = 5;
    expect(guard.readable).toBe(5);
    guard.isHiding = true;
    expect(guard.readable).toBe(0);
    guard.resume();
    expect(guard.readable).toBe(5);
  });

  it("is announced after resume, once, by a timer", () => {
    guard.readable = 5;
    guard.resume();
    guard.resume();
    expect(told).toEqual([]);
    Timer.advance(1);
    expect(told).toEqual(["onReadable 5"]);
    guard.resume();
    Timer.advance(1);
    expect(told).toEqual(["onReadable 5", "onReadable 5"]);
  });

  it("is not announced when there is nothing, or when the socket has been closed", () => {
    guard.resume();
    guard.readable = 5;
    guard.resume();
    guard.close();
    Timer.advance(1);
    expect(told).toEqual([]);
    expect(Timer.count).toBe(0);
  });

  it("is announced again while something is taken of it, and no longer", () => {
    let taken = 3;
    make({ onReadable: (count) => void (told.push(`onReadable ${count}`), (guard.readable = count - taken)) });
    TCP.latest.receive(1, 2, 3, 4, 5, 6, 7);
    expect(told).toEqual(["onReadable 7"]);
    Timer.advance(1);
    taken = 0;
    Timer.advance(10);
    expect(told).toEqual(["onReadable 7", "onReadable 4", "onReadable 1"]);
    expect(Timer.count).toBe(0);
  });

  it("gives the owner what is thrown when it is announced", () => {
    guard.readable = 5;
    guard.resume();
    fault = new Error("TLS");
    Timer.advance(1);
    expect(broken).toEqual([fault, guard]);
  });
});

describe("what is written", () => {
  beforeEach(() => TCP.latest.writable(100));

  it("is sent, and the room left is told", () => {
    expect(guard.write(Uint8Array.from(HANDSHAKE))).toBe(100 - HANDSHAKE.length);
    expect(TCP.latest.sent).toEqual(HANDSHAKE);
  });

  it("may be a buffer, too", () => {
    guard.write(Uint8Array.from(HANDSHAKE).buffer);
    expect(TCP.latest.sent).toEqual(HANDSHAKE);
  });

  it("is nothing when TCP says so", () => {
    TCP.latest.failSilently();
    expect(guard.write(Uint8Array.from(HANDSHAKE))).toBeUndefined();
  });

  it("may be application data once it is encrypted", () => {
    for (const each of [CHANGE_CIPHER_SPEC, HANDSHAKE, APPLICATION_DATA]) guard.write(Uint8Array.from(each));
    expect(TCP.latest.sent).toEqual([...CHANGE_CIPHER_SPEC, ...HANDSHAKE, ...APPLICATION_DATA]);
    Timer.advance(1);
    expect(broken).toEqual([]);
  });

  it.each([
    ["a view", (bytes: Uint8Array<ArrayBuffer>): Uint8Array => bytes],
    ["a buffer", (bytes: Uint8Array<ArrayBuffer>): ArrayBuffer => bytes.buffer],
  ])("is never application data before that, as %s; there is no more room then, and the owner is told soon", (_what, form) => {
    guard.write(Uint8Array.from(HANDSHAKE));
    expect(guard.write(form(Uint8Array.from(APPLICATION_DATA)))).toBe(0);
    expect(TCP.latest.sent).toEqual(HANDSHAKE);
    expect(broken).toEqual([]);
    Timer.advance(1);
    expect(broken).toEqual([new Error("the server ended TLS before it had begun"), guard]);
  });

  it("is told to be in the clear even if something waits to be read", () => {
    guard.readable = 5;
    guard.resume();
    guard.write(Uint8Array.from(APPLICATION_DATA));
    guard.resume();
    Timer.advance(1);
    expect(told).toEqual(["onWritable 100"]);
    expect(broken).toEqual([new Error("the server ended TLS before it had begun"), guard]);
  });

  it("is forgotten by close", () => {
    guard.write(Uint8Array.from(APPLICATION_DATA));
    guard.close();
    Timer.advance(1);
    expect(broken).toEqual([]);
  });
});
