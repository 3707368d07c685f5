import { onTestFinished } from "vitest";
import type { Message, MqttError, QoS } from "mqtt-xs";
import { NodeClock, TcpTransport } from "../../hosts/node/index.js";
import { until } from "../support/waiting.js";

/** A message that came in whole. */
export interface DeviceMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: QoS;
  readonly retain: boolean;
  /** In how many pieces it came. */
  readonly pieces: number;
}

/** Where a broker is. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** What clients of all versions have. */
interface AnyClient {
  readonly connected: boolean;
  readonly inflight: number;
  connect(): void;
  close(): void;
}

/** What a device has of its client's options, whatever else these are. */
interface AnyOptions {
  readonly reconnectPeriod?: number;
}

/** The client under test on the Node host, in any version of the protocol, with everything that it told the application. */
export abstract class AnyDevice<Made extends AnyClient, Kept extends DeviceMessage> {
  abstract readonly client: Made;
  readonly messages: Kept[] = [];
  readonly delivered: number[] = [];
  /** `sessionPresent` of each connection. */
  readonly connections: boolean[] = [];
  readonly failures: MqttError[] = [];
  readonly errors: MqttError[] = [];
  /** Called when there is room again. */
  onWritable: () => void = () => undefined;
  /** Called after each delivery. */
  onDelivered: () => void = () => undefined;
  readonly #options: AnyOptions;
  #pieces: Uint8Array[] = [];
  #received = 0;
  #closed = true;

  constructor(options: AnyOptions) {
    this.#options = options;
  }

  /** Starts to connect. */
  connect(): void {
    this.#closed = false;
    this.client.connect();
  }

  /** Resolves when the server has accepted the connection. */
  async connected(): Promise<void> {
    await until("the device is connected", () => this.client.connected);
  }

  /** Disconnects in order. */
  async close(): Promise<void> {
    this.client.close();
    await this.closed();
  }

  /** Resolves when it is closed, and will not connect again. */
  async closed(): Promise<void> {
    await until("the device is closed", () => this.#closed);
  }

  /** Resolves when all QoS 1 and 2 messages are delivered. */
  async allDelivered(): Promise<void> {
    await until("all messages are delivered", () => this.client.inflight === 0);
  }

  /** Resolves with the first `count` messages. */
  async received(count: number, timeout?: number): Promise<Kept[]> {
    await until(`${count} messages at the device`, () => this.messages.length >= count, timeout);
    return this.messages.slice(0, count);
  }

  /** Resolves with the error of the first failure. */
  async failure(): Promise<MqttError> {
    await until("a failure", () => this.failures.length > 0);
    return this.failures[0];
  }

  /** The connection, or the attempt to make one, ended. */
  protected disconnected(error: MqttError | undefined): void {
    if (error) this.failures.push(error);
    if (error === undefined || this.#options.reconnectPeriod === 0) this.#closed = true;
  }

  /** Puts the pieces of a message together. Returns it when it is complete. */
  protected assemble(message: Message): DeviceMessage | undefined {
    if (message.offset === 0) {
      this.#pieces = [];
      this.#received = 0;
    }
    if (message.offset !== this.#received) throw new Error(`a piece at ${message.offset} after ${this.#received} bytes`);
    this.#pieces.push(message.payload);
    this.#received += message.length;
    if (this.#received < message.total) return undefined;
    const { topic, qos, retain } = message;
    return { topic, payload: Buffer.concat(this.#pieces), qos, retain, pieces: this.#pieces.length };
  }
}

/** What a device's client is made of, if its options say nothing else. */
export function defaultsFor(place: Place): { transport: TcpTransport; clock: NodeClock; reconnectPeriod: number } {
  return { transport: new TcpTransport(place), clock: new NodeClock(), reconnectPeriod: 50 };
}

/** Connects a device now, and closes it when the test is over. */
export function start<Started extends Pick<AnyDevice<AnyClient, DeviceMessage>, "connect" | "close">>(device: Started): Started {
  onTestFinished(() => device.close());
  device.connect();
  return device;
}
