import { MqttError } from "mqtt-xs";
import type { TransportListener } from "../../../src/client/transport.js";
import type { Broker } from "./broker.js";
import type { VirtualTime } from "./virtual-time.js";

const REFUSED = new MqttError("ERR_SOCKET", "connection refused", "network");
const RESET = new MqttError("ERR_CONNECTION_CLOSED", "connection reset", "network");

/** One TCP connection, or the attempt to make one, between a device and the broker: all that is said takes its time to arrive. */
export class Connection {
  /** Whether the device, or the broker, has given it up. */
  isOver = false;
  /** Whether CONNECT has arrived. */
  hasConnect = false;
  readonly #time: VirtualTime;
  readonly #broker: Broker;
  readonly #listener: TransportListener;
  readonly #latency: number;
  readonly #unread: number[] = [];

  /** @param latency milliseconds one way. */
  constructor(time: VirtualTime, broker: Broker, listener: TransportListener, latency: number) {
    this.#time = time;
    this.#broker = broker;
    this.#listener = listener;
    this.#latency = latency;
    this.#arrive(() => broker.attempt(this));
  }

  /** The device sends a packet of this type. */
  send(packetType: number): void {
    this.#arrive(() => this.#broker.receive(this, packetType));
  }

  /** The device reads what has come in. */
  read(target: Uint8Array, start: number, end: number): number {
    const bytes = this.#unread.splice(0, end - start);
    target.set(bytes, start);
    return bytes.length;
  }

  /** The broker's side of TCP has accepted: the device may send. */
  establish(): void {
    this.#arrive(() => this.#listener.onOpen());
  }

  /** The broker's side of TCP has not accepted. */
  refuse(): void {
    this.#end(REFUSED);
  }

  /** The broker is gone. */
  reset(): void {
    this.#end(RESET);
  }

  /** The broker sends bytes. */
  answer(bytes: Uint8Array): void {
    this.#arrive(() => {
      this.#unread.push(...bytes);
      this.#listener.onReadable();
    });
  }

  #end(error: MqttError): void {
    this.#arrive(() => {
      this.isOver = true;
      this.#listener.onClose(error);
    });
  }

  #arrive(happen: () => void): void {
    this.#time.after(this.#latency, () => {
      if (!this.isOver) happen();
    });
  }
}
