import { connack, hex, parsePackets, toHex, type ClientPacket } from "../../support/packets.js";
import { FakeClock } from "./fake-clock.js";
import { FakeResolver } from "./fake-resolver.js";
import { FakeSocket, type Manner, type SocketDictionary } from "./fake-socket.js";

/** Where the name of the server leads. */
export const ADDRESS = "192.0.2.1";
/** Room of a socket that has nothing to send, unless a test says otherwise. */
export const ROOM = 8192;

/** The network and the server in it, which do what the test says; and the client's time. */
export class Server {
  readonly clock = new FakeClock();
  /** Every socket and resolver that was made, the latest last. */
  readonly sockets: FakeSocket[] = [];
  readonly resolvers: FakeResolver[] = [];
  /** Makes the constructor of sockets throw. */
  socketFailure: Error | undefined;
  /** The classes, as an application's dictionaries have them. */
  readonly dns: { readonly io: new (options: never) => FakeResolver };
  readonly socket: { readonly io: new (options: never) => FakeSocket };

  constructor(manner: Manner) {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- constructors have a `this` of their own
    const server = this;
    this.dns = {
      io: class extends FakeResolver {
        constructor(options: never) {
          super(options);
          server.resolvers.push(this);
        }
      },
    };
    this.socket = {
      ...(manner.inRecords && { TCP: { io: Object } }), // what a TLS socket is made of, as its dictionary says
      io: class extends FakeSocket {
        constructor(options: SocketDictionary) {
          if (server.socketFailure) throw server.socketFailure;
          super(options, manner);
          server.sockets.push(this);
        }
      },
    };
  }

  /** The client's socket. */
  get link(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error("the client has made no socket");
    return socket;
  }

  get resolver(): FakeResolver {
    const resolver = this.resolvers.at(-1);
    if (!resolver) throw new Error("the client has made no resolver");
    return resolver;
  }

  /** Takes the connection, resolving the name before if that is asked for, and has room for the CONNECT. */
  open(room = ROOM): void {
    if (this.sockets.length === 0) this.resolver.answer(ADDRESS);
    this.link.writable(room);
    this.settle();
  }

  /** Takes the connection and the CONNECT, and answers with CONNACK. */
  accept(answer: Parameters<typeof connack>[0] = {}): void {
    this.open();
    this.take();
    this.send(connack(answer));
  }

  /** Sends packets in one piece. Hexadecimal text is bytes, too. */
  send(...packets: readonly (Uint8Array | string)[]): void {
    this.link.receive(together(packets));
    this.settle();
  }

  /** Sends each byte by itself. */
  sendByteByByte(...packets: readonly (Uint8Array | string)[]): void {
    for (const byte of together(packets)) this.send(Uint8Array.of(byte));
  }

  /** What was written has left, and there is room for `room` bytes. */
  drain(room = ROOM): void {
    this.link.writable(room);
    this.settle();
  }

  /** The packets that the client has sent since the last time, the last one whole. */
  take(): ClientPacket[] {
    this.settle();
    return parsePackets(this.link.takeWritten());
  }

  /** Their bytes, in hexadecimal. */
  takeHex(): string {
    this.settle();
    return toHex(this.link.takeWritten());
  }

  /** Their names. */
  takeNames(): string[] {
    return this.take().map(({ type }) => type);
  }

  /** Ends the connection. */
  end(): void {
    this.link.fail();
    this.settle();
  }

  /** Whatever the client and the socket have put off for a moment happens. */
  settle(): void {
    this.clock.advance(0);
    for (const socket of this.sockets) socket.announce();
    this.clock.advance(0);
  }
}

function together(packets: readonly (Uint8Array | string)[]): Uint8Array {
  return Buffer.concat(packets.map((each) => (typeof each === "string" ? hex(each) : each)));
}
