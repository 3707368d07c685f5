import * as fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { TlsTransport, type TlsTransportOptions } from "../../../hosts/device/tls.js";
import TCP from "../../support/device-modules/tcp.js";
import Timer from "../../support/device-modules/timer.js";
import TLSSocket, { CLOSE_NOTIFY, record, SERVER_FINISHED, SERVER_HELLO, serverData } from "../../support/device-modules/tls.js";
import { RecordingListener } from "../../support/recording-listener.js";

const HOST = { host: "broker.example", address: "192.0.2.1" };
const ROOM = 8_192;
const OVERHEAD = 5 + 24;

let listener: RecordingListener;
/** All that the owner has read. */
let bytes: number[];
/** How much the owner reads at a time; nothing when it is 0. */
let readSize: number;
let transport: TlsTransport;

beforeEach(() => {
  TCP.reset();
  TLSSocket.reset();
  Timer.reset();
  bytes = [];
  readSize = 16;
  listener = new RecordingListener();
  listener.then = (call) => {
    if (call === "onReadable") readAll();
  };
});

/** What a client reads to and writes from: a length-tracking view of a resizable buffer. */
function bufferOf(size: number): Uint8Array {
  return new Uint8Array(new ArrayBuffer(size, { maxByteLength: size }));
}

function readAll(): void {
  const target = bufferOf(Math.max(readSize, 1));
  for (let count = readSize; count === readSize && readSize > 0; ) {
    count = transport.read(target, 0, readSize);
    bytes.push(...target.subarray(0, count));
  }
}

function make(options: Partial<TlsTransportOptions> = {}): TlsTransport {
  return (transport = new TlsTransport({ ...HOST, ...options }));
}

/** Opens, up to the client's first word. */
function greeted(room = ROOM, options: Partial<TlsTransportOptions> = {}): TlsTransport {
  make(options).open(listener);
  TCP.latest.writable(room);
  return transport;
}

/** The server's part of the handshake. */
function shakeHands(): void {
  TCP.latest.receive(...SERVER_HELLO);
  TCP.latest.receive(...SERVER_FINISHED);
}

/** Opens, up to onOpen. */
function opened(room = ROOM, options: Partial<TlsTransportOptions> = {}): TlsTransport {
  greeted(room, options);
  shakeHands();
  return transport;
}

/** The types of the records that have been sent, and what is in those of application data. */
function sent(): (number | number[])[] {
  const found: (number | number[])[] = [];
  for (let rest = TCP.latest.sent; rest.length > 0; ) {
    const end = 5 + rest[3] * 256 + rest[4];
    found.push(rest[0] === 23 ? rest.slice(5, end - 24) : rest[0]);
    rest = rest.slice(end);
  }
  return found;
}

const write = (...content: number[]): boolean => {
  const source = bufferOf(content.length + 1);
  source.set(content);
  return transport.write(source, content.length);
};

const HANDSHAKE = [22, 22, 20, 22];

describe("options", () => {
  it.each<[string, TlsTransportOptions]>([
    ["host", {}],
    ["address", { address: "" }],
    ["port", { ...HOST, port: 0 }],
    ["bufferSize", { ...HOST, bufferSize: 0 }],
    ["writeLimit", { ...HOST, writeLimit: 0 }],
  ])("names %s when it is wrong", (name, options) => {
    expect(() => new TlsTransport(options)).toThrow(
      expect.objectContaining({ code: "ERR_ARGUMENT", message: expect.stringMatching(new RegExp(`^${name} `)) as string }),
    );
  });

  it("have defaults for MQTT over TLS on ESP32", () => {
    opened();
    expect(TLSSocket.latest.options).toMatchObject({ ...HOST, port: 8883, secure: { serverName: HOST.host } });
    expect(TCP.latest.options).toMatchObject({ ...HOST, port: 8883, nodelay: true });
    expect(transport.writeLimit).toBe(8_000);
  });

  it("go to the TLS socket as they are", () => {
    const secure = { serverName: "other.example", certificate: Uint8Array.of(1), verify: false, applicationLayerProtocolNegotiation: "mqtt" };
    opened(ROOM, { secure, port: 1 });
    expect(TLSSocket.latest.options).toMatchObject({ port: 1, secure });
  });

  it("take the address for the server's name where there is no other", () => {
    transport = new TlsTransport({ address: "192.0.2.1" });
    transport.open(listener);
    expect(TLSSocket.latest.options.secure).toEqual({ serverName: "192.0.2.1" });
  });
});

describe("open", () => {
  it("tells onOpen when the handshake is done, and nothing before", () => {
    greeted();
    TCP.latest.writable(4_000);
    TCP.latest.receive(...SERVER_HELLO);
    expect(listener.calls).toEqual([]);
    TCP.latest.receive(...SERVER_FINISHED);
    expect(listener.calls).toEqual(["onOpen"]);
    expect(sent()).toEqual(HANDSHAKE);
  });

  it("takes the handshake byte by byte", () => {
    greeted();
    for (const byte of [...SERVER_HELLO, ...SERVER_FINISHED]) TCP.latest.receive(byte);
    expect(listener.calls).toEqual(["onOpen"]);
  });

  it("tells ERR_SOCKET when there is no connection", () => {
    make().open(listener);
    TCP.latest.fail();
    expect(listener.calls).toEqual(["onClose"]);
    expect(listener.error).toMatchObject({ code: "ERR_SOCKET", message: "the connection to 192.0.2.1:8883 failed" });
  });

  it("tells ERR_SOCKET when the server hangs up in the midst of the handshake", () => {
    greeted();
    TCP.latest.fail();
    expect(listener.calls).toEqual(["onClose"]);
    expect(listener.error?.code).toBe("ERR_SOCKET");
  });

  it("works again after onClose, even from within it", () => {
    greeted();
    listener.then = (call) => {
      if (call === "onClose") transport.open(listener);
    };
    TLSSocket.latest.fault = new Error("TLS");
    TCP.latest.receive(...SERVER_HELLO);
    TCP.latest.writable(ROOM);
    shakeHands();
    expect(listener.calls).toEqual(["onClose", "onOpen"]);
    expect(TLSSocket.sockets.map(({ isClosed }) => isClosed)).toEqual([true, false]);
  });

  it("works again after close", () => {
    opened().close();
    transport.open(listener);
    TCP.latest.writable(ROOM);
    shakeHands();
    TCP.latest.receive(...serverData(1, 2));
    expect(listener.calls).toEqual(["onOpen", "onOpen", "onReadable"]);
    expect(bytes).toEqual([1, 2]);
  });
});

describe("a socket that cannot be made", () => {
  const failWith = (message: string): void => {
    TLSSocket.failure = new Error(message);
  };

  it("is told soon, but not from open", () => {
    failWith("date validation failed");
    make().open(listener);
    expect(listener.calls).toEqual([]);
    Timer.advance(0);
    expect(listener.calls).toEqual(["onClose"]);
    expect(listener.error?.code).toBe("ERR_CERTIFICATE_EXPIRED");
    expect(Timer.count).toBe(0);
  });

  it("is told also when it is TCP's", () => {
    TCP.failure = new Error("no network");
    make().open(listener);
    Timer.advance(0);
    expect(listener.error).toMatchObject({ code: "ERR_TLS", message: "TLS with broker.example failed: Error: no network" });
  });

  it("is told also when the name had to be resolved first", () => {
    let resolved = (): void => undefined;
    class Resolver {
      resolve({ onResolved }: { onResolved: (host: string, address: string) => void }): void {
        resolved = () => onResolved("broker.example", "192.0.2.7");
      }
      close(): void {
        // Nothing to close.
      }
    }
    failWith("BER");
    transport = new TlsTransport({ host: "broker.example", resolver: { io: Resolver } });
    transport.open(listener);
    resolved();
    expect(listener.calls).toEqual([]);
    Timer.advance(0);
    expect(listener.error?.code).toBe("ERR_TLS");
  });

  it("is not told after close", () => {
    failWith("BER");
    make().open(listener);
    transport.close();
    Timer.advance(10);
    expect(listener.calls).toEqual([]);
    expect(Timer.count).toBe(0);
  });

  it("does not harm the next connection", () => {
    failWith("BER");
    make().open(listener);
    transport.close();
    TLSSocket.failure = undefined;
    transport.open(listener);
    TCP.latest.writable(ROOM);
    Timer.advance(10);
    shakeHands();
    expect(listener.calls).toEqual(["onOpen"]);
  });
});

describe("an exception of TLS", () => {
  it.each([
    ["TLS: certificate: auth err", "ERR_CERTIFICATE", /^the certificate of broker\.example was refused: .*, for another name, or not valid on \d{4}-\d\d-\d\d$/],
    ["date validation failed", "ERR_CERTIFICATE_EXPIRED", /^the certificate of broker\.example.* is not valid on \d{4}-\d\d-\d\d$/],
    ["alert: 2, 40", "ERR_TLS", /^TLS with broker\.example failed: Error: alert: 2, 40$/],
    ["recordProtocol auth failed", "ERR_TLS", /recordProtocol auth failed$/],
  ])("%j is told as %s, and the connection is closed", (message, code, expected) => {
    greeted();
    TLSSocket.latest.fault = new Error(message);
    TCP.latest.receive(...SERVER_HELLO);
    expect(listener.calls).toEqual(["onClose"]);
    expect(listener.error).toMatchObject({ code, fault: "network", message: expect.stringMatching(expected) as string });
    expect(TLSSocket.latest.isClosed).toBe(true);
    expect(TCP.latest.isClosed).toBe(true);
  });

  it("in onWritable is told", () => {
    make().open(listener);
    expect(() => TCP.latest.writable(3)).not.toThrow(); // no room for its first word
    expect(listener.error?.code).toBe("ERR_TLS");
    expect(listener.calls).toEqual(["onClose"]);
  });

  it("over a record is told after the bytes before it", () => {
    opened();
    TCP.latest.receive(...serverData(1, 2, 3));
    TLSSocket.latest.fault = new Error("recordProtocol auth failed");
    TCP.latest.receive(...serverData(4));
    expect(bytes).toEqual([1, 2, 3]);
    expect(listener.calls).toEqual(["onOpen", "onReadable", "onClose"]);
    expect(listener.error?.code).toBe("ERR_TLS");
  });

  it("over a record that was announced by a timer is told, and does not leave the timer", () => {
    opened();
    TCP.latest.receive(...serverData(1), ...serverData(2));
    TLSSocket.latest.fault = new Error("recordProtocol auth failed");
    expect(() => Timer.advance(1)).not.toThrow();
    expect(bytes).toEqual([1]);
    expect(listener.error?.code).toBe("ERR_TLS");
    expect(Timer.count).toBe(0);
  });

  it("is told again on the next connection", () => {
    for (let round = 0; round < 3; round++) {
      if (round === 0) make();
      transport.open(listener);
      TCP.latest.writable(ROOM);
      TLSSocket.latest.fault = new Error("TLS");
      TCP.latest.receive(...SERVER_HELLO);
    }
    expect(listener.calls).toEqual(["onClose", "onClose", "onClose"]);
  });

  it("of a socket that was closed is nobody's", () => {
    opened();
    const tcp = TCP.latest;
    transport.close();
    expect(() => tcp.receive(1)).not.toThrow();
    expect(() => tcp.writable(1)).not.toThrow();
    transport.open(listener);
    TCP.latest.writable(ROOM);
    shakeHands();
    tcp.receive(1);
    expect(listener.calls).toEqual(["onOpen", "onOpen"]);
    TCP.latest.receive(...serverData(1));
    expect(bytes).toEqual([1]);
  });

  it("that comes of an owner who closes and opens again in a callback does not harm the next connection", () => {
    listener.then = () => {
      listener.then = () => undefined;
      transport.close();
      transport.open(listener);
    };
    opened();
    TCP.latest.writable(ROOM);
    shakeHands();
    expect(listener.calls).toEqual(["onOpen", "onOpen"]);
  });
});

describe("an exception of the owner's", () => {
  const throwIn = (call: string): Error => {
    const error = new Error(`in ${call}`);
    listener.then = (made) => {
      if (made === call) throw error;
    };
    return error;
  };

  const nothing = (): void => {
    listener.then = () => undefined;
  };

  it("in onOpen is the host's, and the connection stays", () => {
    greeted();
    const error = throwIn("onOpen");
    expect(shakeHands).toThrow(error);
    nothing();
    expect(write(1)).toBe(true);
    TCP.latest.receive(...serverData(1));
    expect(listener.calls).toEqual(["onOpen", "onReadable"]);
    expect(TLSSocket.latest.isClosed).toBe(false);
  });

  it("in onReadable is the host's, and the connection stays", () => {
    opened();
    const error = throwIn("onReadable");
    expect(() => TCP.latest.receive(...serverData(1))).toThrow(error);
    nothing();
    readAll();
    expect(bytes).toEqual([1]);
    expect(TLSSocket.latest.isClosed).toBe(false);
    expect(listener.calls).not.toContain("onClose");
  });

  it("in onReadable of a record that was announced by a timer is the host's, too", () => {
    opened();
    readSize = 1;
    TCP.latest.receive(...serverData(1), ...serverData(2));
    const error = throwIn("onReadable");
    expect(() => Timer.advance(0)).toThrow(error);
    expect(listener.calls).not.toContain("onClose");
  });

  it("in onWritable is the host's, and the connection stays", () => {
    opened(300);
    expect(write(...new Array<number>(300).fill(1))).toBe(false);
    const error = throwIn("onWritable");
    expect(() => TCP.latest.writable(ROOM)).toThrow(error);
    nothing();
    expect(write(1)).toBe(true);
  });

  it("in onClose is the host's, and the transport can be opened again", () => {
    opened();
    const error = throwIn("onClose");
    expect(() => TCP.latest.fail()).toThrow(error);
    nothing();
    transport.open(listener);
    TCP.latest.writable(ROOM);
    shakeHands();
    expect(listener.calls).toEqual(["onOpen", "onClose", "onOpen"]);
  });

  it.each(["onOpen", "onReadable", "onClose"])("in %s does not keep a failure of TLS from being told later", (call) => {
    greeted();
    throwIn(call);
    expect(() => {
      shakeHands();
      TCP.latest.receive(...serverData(1));
      TCP.latest.fail();
    }).toThrow(`in ${call}`);
    nothing();
    transport.close();
    listener.calls.length = 0;
    transport.open(listener);
    TCP.latest.writable(ROOM);
    TLSSocket.latest.fault = new Error("TLS");
    TCP.latest.receive(...SERVER_HELLO);
    expect(listener.calls).toEqual(["onClose"]);
    expect(listener.error?.code).toBe("ERR_TLS");
  });

  it("in onClose from a timer does not keep a failure of TLS from being told later", () => {
    TLSSocket.failure = new Error("BER");
    make().open(listener);
    const error = throwIn("onClose");
    expect(() => Timer.advance(0)).toThrow(error);
    nothing();
    Timer.reset();
    TLSSocket.failure = undefined;
    transport.open(listener);
    TCP.latest.writable(ROOM);
    TLSSocket.latest.fault = new Error("TLS");
    TCP.latest.receive(...SERVER_HELLO);
    expect(listener.calls).toEqual(["onClose", "onClose"]);
    expect(listener.error?.message).toBe("TLS with broker.example failed: Error: TLS");
  });

  it("may be no error at all", () => {
    opened();
    listener.then = () => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- as some do
      throw undefined;
    };
    expect(() => TCP.latest.receive(...serverData(1))).toThrow();
    expect(listener.calls).not.toContain("onClose");
  });
});

describe("a goodbye in the midst of the handshake", () => {
  it.each<[string, number[]]>([
    ["", []],
    [", with something behind", serverData(1)],
  ])("lets nothing out in the clear%s: ERR_TLS", (_what, behind) => {
    listener.then = (call) => {
      if (call !== "onOpen") return;
      readAll();
      expect(write(1, 2, 3)).toBe(true);
    };
    greeted();
    TCP.latest.receive(...CLOSE_NOTIFY, ...behind);
    expect(sent()).toEqual([22]);
    expect(write(4)).toBe(false);
    expect(listener.calls).toEqual(["onOpen"]);
    Timer.advance(0);
    expect(sent()).toEqual([22]);
    expect(listener.calls).toEqual(["onOpen", "onClose"]);
    expect(listener.error).toMatchObject({
      code: "ERR_TLS",
      message: "TLS with broker.example failed: Error: the server ended TLS before it had begun",
    });
    expect(TCP.latest.isClosed).toBe(true);
  });

  it("lets nothing out in the clear whatever the owner does and the server says", () => {
    const step = fc.oneof(
      fc.constantFrom(SERVER_HELLO, SERVER_FINISHED, CLOSE_NOTIFY, record(21, [2, 40]), serverData(1, 2)).map((bytes) => () => TCP.latest.receive(...bytes)),
      fc.nat(400).map((room) => () => TCP.latest.writable(room)),
      fc.integer({ min: 1, max: 50 }).map((length) => () => write(...new Array<number>(length).fill(7))),
      fc.constantFrom(
        () => Timer.advance(1),
        () => readAll(),
        () => transport.close(),
        () => TCP.latest.isClosed && transport.open(listener),
      ),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 15 }), (steps) => {
        TCP.reset();
        Timer.reset();
        greeted(500);
        for (const each of steps) each();
        transport.close();
        for (const { sent } of TCP.sockets) expect(typesOf(sent)).not.toMatch(/^(22 )*23/);
      }),
    );
  });

  function typesOf(bytes: readonly number[]): string {
    let types = "";
    for (let at = 0; at < bytes.length; at += 5 + bytes[at + 3] * 256 + bytes[at + 4]) types += `${bytes[at]} `;
    return types;
  }
});

describe("read", () => {
  it.each([1, 2, 3, 16])("gives all records, %i bytes at a time, each in its turn", (size) => {
    readSize = size;
    opened();
    TCP.latest.receive(...serverData(1, 2, 3), ...serverData(4), ...serverData(5, 6));
    expect(bytes).toEqual([1, 2, 3]);
    Timer.advance(0);
    expect(bytes).toEqual([1, 2, 3, 4]);
    Timer.advance(0);
    expect(bytes).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("leaves what the owner does not want yet, and the next record behind it", () => {
    readSize = 0;
    opened();
    TCP.latest.receive(...serverData(1, 2, 3), ...serverData(4, 5));
    readSize = 2;
    const target = bufferOf(4);
    expect(transport.read(target, 1, 3)).toBe(2);
    expect([...target]).toEqual([0, 1, 2, 0]);
    Timer.advance(0);
    expect(listener.calls).toEqual(["onOpen", "onReadable"]);
    readAll();
    expect(bytes).toEqual([3]);
    Timer.advance(0);
    expect(bytes).toEqual([3, 4, 5]);
  });

  it("gives what comes behind an empty record, and together with the end of the handshake", () => {
    greeted();
    TCP.latest.receive(...SERVER_HELLO);
    TCP.latest.receive(...SERVER_FINISHED, ...serverData(), ...serverData(), ...serverData(1), ...serverData(), ...serverData(2));
    Timer.advance(5);
    expect(bytes).toEqual([1, 2]);
  });

  it("announces a record whose rest comes later", () => {
    opened();
    const next = serverData(2, 3);
    TCP.latest.receive(...serverData(1), ...next.slice(0, 7));
    Timer.advance(0);
    expect(bytes).toEqual([1]);
    TCP.latest.receive(...next.slice(7));
    expect(bytes).toEqual([1, 2, 3]);
  });

  it("never has the TLS socket make a timer, out of which it would throw", () => {
    opened();
    for (let round = 0; round < 10; round++) TCP.latest.receive(...serverData(1, 2, 3), ...serverData(4), ...serverData(5, 6));
    Timer.advance(100);
    expect(bytes).toHaveLength(60);
    expect(TLSSocket.latest.timers).toBe(0);
    expect(Timer.count).toBe(0);
  });

  it("gives nothing before the handshake is done, and after close", () => {
    make();
    readAll();
    greeted();
    TCP.latest.receive(...SERVER_HELLO);
    readAll();
    TCP.latest.receive(...SERVER_FINISHED);
    readSize = 0;
    TCP.latest.receive(...serverData(1));
    transport.close();
    readSize = 16;
    readAll();
    expect(bytes).toEqual([]);
  });

  it("gives any records, in any pieces, read in any portions", () => {
    const contents = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });
    const cuts = fc.array(fc.nat(400), { maxLength: 10 });
    fc.assert(
      fc.property(contents, cuts, fc.integer({ min: 1, max: 50 }), fc.boolean(), (records, at, size, slow) => {
        TCP.reset();
        Timer.reset();
        bytes = [];
        readSize = size;
        opened();
        const stream = records.flatMap((content) => serverData(...content));
        const ends = [...at.filter((cut) => cut < stream.length).sort((a, b) => a - b), stream.length];
        let start = 0;
        for (const end of ends) {
          if (end > start) TCP.latest.receive(...stream.slice(start, end));
          if (!slow) Timer.advance(1);
          start = end;
        }
        Timer.advance(20);
        expect(bytes).toEqual(records.flatMap((content) => [...content]));
        expect(TLSSocket.latest.timers).toBe(0);
      }),
    );
  });
});

describe("write", () => {
  it("sends a record", () => {
    opened();
    expect(write(1, 2, 3)).toBe(true);
    expect(write(4)).toBe(true);
    expect(sent()).toEqual([...HANDSHAKE, [1, 2, 3], [4]]);
  });

  it("is false before the handshake is done, and after close", () => {
    greeted();
    expect(write(1)).toBe(false);
    shakeHands();
    transport.close();
    expect(write(1)).toBe(false);
    expect(sent()).toEqual(HANDSHAKE);
  });

  it("keeps 64 bytes of room for what encryption adds, and onWritable follows when there is", () => {
    opened();
    TCP.latest.writable(96 + 64 + 10);
    expect(write(...new Array<number>(11).fill(1))).toBe(false);
    TCP.latest.writable(96 + 64 + 10);
    expect(listener.calls).toEqual(["onOpen", "onWritable"]);
    expect(write(...new Array<number>(10).fill(1))).toBe(true);
  });

  it("is never too much for TCP, whatever room there is", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.nat(600)), { maxLength: 20 }), (steps) => {
        TCP.reset();
        opened();
        let expected = 0;
        for (const [length, room] of steps) {
          if (write(...new Array<number>(length).fill(1))) expected += length;
          TCP.latest.writable(room);
        }
        const data = sent().filter((each) => typeof each !== "number");
        expect(data.flat()).toHaveLength(expected);
        expect(listener.calls).not.toContain("onClose");
      }),
    );
  });

  it("takes the largest packet when all of TCP's buffer is free", () => {
    opened(ROOM);
    TCP.latest.writable(ROOM);
    const { writeLimit } = transport;
    expect(write(...new Array<number>(writeLimit).fill(1))).toBe(true);
    expect(TCP.latest.room).toBe(ROOM - writeLimit - OVERHEAD);
  });

  it("is false, and does not throw, once TCP has failed", () => {
    opened();
    TCP.latest.failSilently();
    expect(write(1)).toBe(false);
    expect(write(1)).toBe(false);
    TCP.latest.fail();
    expect(listener.calls).toEqual(["onOpen", "onClose"]);
    expect(listener.error?.code).toBe("ERR_CONNECTION_CLOSED");
  });
});

describe("close", () => {
  it("closes the sockets, and no callback follows", () => {
    opened().close();
    expect([TLSSocket.latest.isClosed, TCP.latest.isClosed]).toEqual([true, true]);
    expect(listener.calls).toEqual(["onOpen"]);
  });

  it("forgets a record that a timer was to announce", () => {
    opened();
    TCP.latest.receive(...serverData(1), ...serverData(2));
    transport.close();
    Timer.advance(10);
    expect(bytes).toEqual([1]);
    expect(listener.calls).toEqual(["onOpen", "onReadable"]);
    expect(Timer.count).toBe(0);
  });

  it.each(["onOpen", "onReadable", "onWritable"])("may be called in %s", (when) => {
    listener.then = (call) => {
      if (call === when) transport.close();
    };
    opened();
    if (!TCP.latest.isClosed) TCP.latest.receive(...serverData(1), ...serverData(2));
    if (!TCP.latest.isClosed) {
      write(...new Array<number>(ROOM).fill(1));
      TCP.latest.writable(ROOM);
    }
    expect(Timer.count).toBe(0);
    Timer.advance(10);
    expect(listener.calls.at(-1)).toBe(when);
    expect(listener.calls).not.toContain("onClose");
    expect(TCP.latest.isClosed).toBe(true);
  });

  it("is harmless when closed already", () => {
    make().close();
    transport.open(listener);
    transport.close();
    transport.close();
    expect(listener.calls).toEqual([]);
  });
});

describe("a connection that is lost", () => {
  it.each([
    ["the server says goodbye", (): void => TCP.latest.receive(...CLOSE_NOTIFY)],
    ["TCP fails", (): void => TCP.latest.fail()],
  ])("because %s is told as ERR_CONNECTION_CLOSED, once, after what came before", (_why, lose) => {
    opened();
    const tcp = TCP.latest;
    tcp.receive(...serverData(1));
    lose();
    tcp.fail();
    expect(bytes).toEqual([1]);
    expect(listener.calls).toEqual(["onOpen", "onReadable", "onClose"]);
    expect(listener.error).toMatchObject({ code: "ERR_CONNECTION_CLOSED", message: "the connection to 192.0.2.1:8883 failed" });
  });
});
