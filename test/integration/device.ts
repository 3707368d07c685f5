import { Client, type ClientOptions, type Message } from "mqtt-xs";
import { until } from "../support/waiting.js";
import { AnyDevice, defaultsFor, type DeviceMessage, type Place, start } from "./any-device.js";

export type { DeviceMessage, Place };

/** The client under test on the Node host, with everything that it told the application. */
export class Device extends AnyDevice<Client, DeviceMessage> {
  readonly client: Client;

  constructor(place: Place, options: Partial<ClientOptions> = {}) {
    super(options);
    this.client = new Client({
      ...defaultsFor(place),
      onConnect: (sessionPresent) => this.connections.push(sessionPresent),
      onDisconnect: (error) => this.disconnected(error),
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

  /** Puts the pieces of a message together. */
  take(message: Message): void {
    const whole = this.assemble(message);
    if (whole) this.messages.push(whole);
  }
}

/** A device that connects now and is closed when the test is over. */
export function startDevice(place: Place, options: Partial<ClientOptions> = {}): Device {
  return start(new Device(place, options));
}

/** A device that is connected. */
export async function connectedDevice(place: Place, options: Partial<ClientOptions> = {}): Promise<Device> {
  const device = startDevice(place, options);
  await device.connected();
  return device;
}
