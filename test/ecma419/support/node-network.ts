import { lookup } from "node:dns";
import { connect, type Socket } from "node:net";
import type { SocketDictionary } from "./fake-socket.js";

/** Bytes that wait to be sent at most, as the SDK configures ESP32; and to be read. */
const LIMIT = 8_192;

/** ECMA-419's TCP socket, over Node's. */
class TCP {
  readonly #options: SocketDictionary;
  readonly #socket: Socket;
  #incoming = Buffer.alloc(0);
  #isClosed = false;
  #hasEnded = false;

  constructor(options: SocketDictionary) {
    this.#options = options;
    this.#socket = connect({ host: options.address, port: options.port, noDelay: true });
    this.#socket.on("connect", () => this.#tellWritable());
    this.#socket.on("data", (data) => this.#receive(data));
    this.#socket.on("error", () => undefined);
    this.#socket.on("close", () => {
      this.#hasEnded = true;
      this.#tellEnd();
    });
  }

  read(view: Uint8Array): number | undefined {
    if (this.#isClosed) throw new Error("closed");
    if (this.#incoming.length === 0) return undefined;
    const count = this.#incoming.copy(view);
    this.#incoming = this.#incoming.subarray(count);
    if (this.#incoming.length < LIMIT) this.#socket.resume();
    if (this.#hasEnded) setImmediate(() => this.#tellEnd());
    return count;
  }

  write(view: Uint8Array): number {
    if (this.#isClosed || view.length > this.#room) throw new Error("closed, or too much");
    this.#socket.write(Uint8Array.from(view), () => this.#tellWritable());
    return this.#room;
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.destroySoon();
  }

  get #room(): number {
    return Math.max(0, LIMIT - this.#socket.writableLength);
  }

  #receive(data: Buffer): void {
    if (this.#isClosed) return;
    this.#incoming = Buffer.concat([this.#incoming, data]);
    if (this.#incoming.length >= LIMIT) this.#socket.pause();
    this.#options.onReadable.call(this, this.#incoming.length);
  }

  #tellWritable(): void {
    if (!this.#isClosed && !this.#hasEnded) this.#options.onWritable.call(this, this.#room);
  }

  #tellEnd(): void {
    if (!this.#isClosed && this.#incoming.length === 0) this.#options.onError.call(this);
  }
}

interface Question {
  readonly host: string;
  readonly onResolved: (host: string, address: string) => void;
  readonly onError: (host: string) => void;
}

/** The SDK's kind of resolver, over Node's. */
class Resolver {
  #isClosed = false;

  resolve({ host, onResolved, onError }: Question): void {
    lookup(host, { family: 4 }, (error, address) => {
      if (this.#isClosed) return;
      if (error) onError.call(this, host);
      else onResolved.call(this, host, address);
    });
  }

  close(): void {
    this.#isClosed = true;
  }
}

/** What a device has as `device.network.mqtt`, but for its `io`. */
export const network = Object.freeze({
  dns: Object.freeze({ io: Resolver }),
  socket: Object.freeze({ io: TCP }),
});
