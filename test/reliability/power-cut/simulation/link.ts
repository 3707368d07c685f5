import { MqttError, type Transport, type TransportListener } from "mqtt-xs";
import { ByteQueue } from "./byte-queue.js";
import type { Power } from "./power.js";

/** A device's connection, each write of which is a step; what lies between it and the broker is the simulation's to move. */
export class Link implements Transport {
  readonly writeLimit = 1_024;
  state: "closed" | "opening" | "open" = "closed";
  /** Written, and not at the broker yet. */
  readonly toBroker = new ByteQueue();
  private readonly toDevice = new ByteQueue();
  private listener: TransportListener | undefined;

  constructor(private readonly power: Power) {}

  open(listener: TransportListener): void {
    this.listener = listener;
    this.state = "opening";
    this.toBroker.drop();
    this.toDevice.drop();
  }

  read(target: Uint8Array, start: number, end: number): number {
    return this.toDevice.moveTo(target, start, end);
  }

  /** What is written is under way when the power goes in this step: how much of it still leaves is up to the power's ending. */
  write(source: Uint8Array, length: number): boolean {
    if (this.power.isOn) this.toBroker.push(source, length);
    this.power.take("socket writes", 1);
    return true;
  }

  close(): void {
    this.state = "closed";
  }

  /** The broker accepts the connection. */
  accept(): void {
    this.state = "open";
    this.listener?.onOpen();
  }

  /** Bytes come in from the broker. */
  deliver(bytes: Uint8Array): void {
    this.toDevice.push(bytes);
    this.listener?.onReadable();
  }

  /** The connection breaks. */
  drop(): void {
    this.state = "closed";
    this.listener?.onClose(new MqttError("ERR_CONNECTION_CLOSED", "the connection broke", "network"));
  }
}
