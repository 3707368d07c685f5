import { parser, type Parser } from "mqtt-packet";
import type { Transport, TransportListener } from "mqtt-xs";
import { describePacket } from "./packet-text.js";
import type { Trace } from "./trace.js";

/** Tells of each packet that passes a transport, once it is complete. */
export class TracedTransport implements Transport {
  readonly #transport: Transport;
  readonly #version: number;
  readonly #trace: Trace;
  readonly #who: string;
  #sent: Parser | undefined;
  #received: Parser | undefined;

  /**
   * @param version of MQTT, in the number that CONNECT gives it.
   * @param who is at this end.
   */
  constructor(transport: Transport, version: number, trace: Trace, who: string) {
    this.#who = who;
    this.#transport = transport;
    this.#version = version;
    this.#trace = trace;
  }

  get writeLimit(): number {
    return this.#transport.writeLimit;
  }

  open(listener: TransportListener): void {
    this.#sent = this.#parser(`${this.#who} sends`);
    this.#received = this.#parser(`${this.#who} gets`);
    this.#transport.open(listener);
  }

  read(target: Uint8Array, start: number, end: number): number {
    const count = this.#transport.read(target, start, end);
    this.#received?.parse(Buffer.from(target.slice(start, start + count)));
    return count;
  }

  write(source: Uint8Array, length: number): boolean {
    const bytes = Buffer.from(source.slice(0, length));
    const isTaken = this.#transport.write(source, length);
    if (isTaken) this.#sent?.parse(bytes);
    return isTaken;
  }

  close(): void {
    this.#transport.close();
  }

  #parser(what: string): Parser {
    const made = parser({ protocolVersion: this.#version });
    made.on("packet", (packet) => this.#trace(() => `${what} ${describePacket(packet)}`));
    made.on("error", (error: Error) => this.#trace(() => `${what} ${error.message}`));
    return made;
  }
}
