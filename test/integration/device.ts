import { onTestFinished } from "vitest";
import { Client, type ClientOptions, type Message, type MqttError, type QoS } from "mqtt-xs";
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

/** The client under test on the Node host, with everything that it told the application. */
export class Device {
  readonly client: Client;
  readonly messages: DeviceMessage[] = [];
  readonly delivered: number[] = [];
  /** `sessionPresent` of each connection. */
  readonly connections: boolean[] = [];
  readonly failures: MqttError[] = [];
  readonly errors: MqttError[] = [];
  /** Called when there is room again. */
  onWritable: () => void = () => undefined;
  /** Called after each delivery. */
  onDelivered: () => void = () => undefined;
  #pieces: Uint8Array[] = [];
  #received = 0;
  #closed = true;

  constructor(place: Place, options: Partial<ClientOptions> = {}) {
    this.client = new Client({
      transport: new TcpTransport(place),
      clock: new NodeClock(),
      reconnectPeriod: 50,
      onConnect: (sessionPresent) => this.connections.push(sessionPresent),
      onDisconnect: (error) => {
        if (error) this.failures.push(error);
        if (error === undefined || options.reconnectPeriod === 0) this.#closed = true;
      },
      onMessage: (message) => this.take(message),
      onDelivered: (identifier) => {
        this.delivered.push(identifier);
        this.onDelivered();
      },
      onWritable: () => this.onWritable(),
      onError: (error) => this.errors.push(error),
      ...options,
    });
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
    await until("the device is closed", () => this.#closed);
  }

  /** Resolves with the codes of the SUBACK. */
  async subscribe(...subscriptions: Parameters<Client["subscribe"]>[0][]): Promise<number[]> {
    let codes: number[] | undefined;
    this.client.subscribe(subscriptions.flat(), (granted) => {
      codes = [...granted];
    });
    await until("SUBACK", () => codes !== undefined);
    return codes ?? [];
  }

  /** Resolves when the server has the UNSUBSCRIBE. */
  async unsubscribe(filter: string): Promise<void> {
    let done = false;
    this.client.unsubscribe(filter, () => {
      done = true;
    });
    await until("UNSUBACK", () => done);
  }

  /** Resolves when all QoS 1 and 2 messages are delivered. */
  async allDelivered(): Promise<void> {
    await until("all messages are delivered", () => this.client.inflight === 0);
  }

  /** Resolves with the first `count` messages. */
  async received(count: number): Promise<DeviceMessage[]> {
    await until(`${count} messages at the device`, () => this.messages.length >= count);
    return this.messages.slice(0, count);
  }

  /** Resolves with the error of the first failure. */
  async failure(): Promise<MqttError> {
    await until("a failure", () => this.failures.length > 0);
    return this.failures[0];
  }

  /** Puts the pieces of a message together. */
  take(message: Message): void {
    if (message.offset === 0) {
      this.#pieces = [];
      this.#received = 0;
    }
    if (message.offset !== this.#received) throw new Error(`a piece at ${message.offset} after ${this.#received} bytes`);
    this.#pieces.push(message.payload);
    this.#received += message.length;
    if (this.#received < message.total) return;
    const { topic, qos, retain } = message;
    this.messages.push({ topic, payload: Buffer.concat(this.#pieces), qos, retain, pieces: this.#pieces.length });
  }
}

/** A device that connects now and is closed when the test is over. */
export function startDevice(place: Place, options: Partial<ClientOptions> = {}): Device {
  const device = new Device(place, options);
  onTestFinished(() => device.close());
  device.connect();
  return device;
}

/** A device that is connected. */
export async function connectedDevice(place: Place, options: Partial<ClientOptions> = {}): Promise<Device> {
  const device = startDevice(place, options);
  await device.connected();
  return device;
}
