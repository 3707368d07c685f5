import { RecordingListener } from "../support/recording-listener.js";
import { MemoryTransport, type MemoryTransportOptions } from "../support/memory-transport.js";
import { WebSocketTransport, type WebSocketTransportOptions } from "../../src/websocket.js";
import { type ClientFrame, clientFrames } from "./frames.js";
import { agreement, type Headers } from "./handshake-peer.js";

/** The most that a network brings at once. */
const PIECE = 16_384;

/** What the transport under test is made with, and its network. */
export type ScriptedServerOptions = Partial<Omit<WebSocketTransportOptions, "transport">> & MemoryTransportOptions;

/** The other end of a `WebSocketTransport` in memory, and its owner, who reads all that there is, `readSize` at a time. */
export class ScriptedServer {
  /** What is beneath the transport under test. */
  readonly inner: MemoryTransport;
  readonly transport: WebSocketTransport;
  readonly listener = new RecordingListener();
  /** All that the owner has read. */
  received: number[] = [];
  /** How much the owner reads at a time; nothing when it is 0. */
  readSize = 64;
  /** What the owner does in its callbacks, before it reads. */
  then: (call: string) => void = () => undefined;

  constructor({ writeLimit, room, ...options }: ScriptedServerOptions = {}) {
    this.inner = new MemoryTransport({ ...(writeLimit !== undefined && { writeLimit }), ...(room !== undefined && { room }) });
    this.transport = new WebSocketTransport({ transport: this.inner, host: "broker.example", ...options });
    this.listener.then = (call) => {
      this.then(call);
      if (call === "onReadable") this.readAll();
    };
  }

  /** The owner opens, and the network connects. @returns the request. */
  connect(): string {
    this.transport.open(this.listener);
    this.inner.accept();
    return Buffer.from(this.inner.takeSent()).toString("latin1");
  }

  /** Connects and agrees to the request. */
  open(changes?: Headers): void {
    this.send(agreement(this.connect(), changes));
  }

  /** Sends bytes, in one piece or cut after each of these indexes. */
  send(bytes: Uint8Array | string, splits: readonly number[] = []): void {
    const all = Buffer.from(bytes);
    const pieces = Array.from({ length: Math.floor(all.length / PIECE) }, (_, at) => PIECE * (at + 1));
    this.inner.deliver(all, [...splits, ...pieces].toSorted((a, b) => a - b));
  }

  sendByteByByte(bytes: Uint8Array | string): void {
    this.inner.deliverByteByByte(Buffer.from(bytes));
  }

  /** The frames that the client has sent since the last call. */
  frames(): ClientFrame[] {
    return clientFrames(this.inner.takeSent());
  }

  /** The owner writes these bytes. */
  write(bytes: Uint8Array): boolean {
    const source = new Uint8Array(new ArrayBuffer(bytes.length + 3, { maxByteLength: bytes.length + 3 }));
    source.set(bytes);
    return this.transport.write(source, bytes.length);
  }

  /** The owner reads, behind a byte that it keeps. */
  readAll(): void {
    const size = this.readSize;
    if (size === 0) return;
    const target = new Uint8Array(new ArrayBuffer(size + 1, { maxByteLength: size + 1 }));
    target[0] = 0x5a;
    for (let count = size; count === size; ) {
      count = this.transport.read(target, 1, size + 1);
      this.received.push(...target.subarray(1, 1 + count));
    }
    if (target[0] !== 0x5a) throw new Error("read has changed a byte before start");
  }

  get calls(): readonly string[] {
    return this.listener.calls;
  }
}
