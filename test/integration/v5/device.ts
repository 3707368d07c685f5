import type { MqttError } from "mqtt-xs";
import { Client, type ClientOptions, type Message, Properties, type PropertyName, type PropertyValues, type ReceivedProperties, type Subscription } from "mqtt-xs/v5";
import { until } from "../../support/waiting.js";
import { AnyDevice, defaultsFor, type DeviceMessage, type Place, start } from "../any-device.js";

/** What a message says of itself; what it does not say is not there. */
export type ReceivedValues = Partial<Pick<PropertyValues, (typeof NAMES)[number]>> & {
  /** Of the subscriptions that it came for, in the order in which they came. */
  readonly subscriptionIdentifiers?: readonly number[];
};

/** A message of MQTT 5.0 that came in whole. */
export interface DeviceMessage5 extends DeviceMessage {
  readonly properties: ReceivedValues;
}

/** How an exchange ended. */
export interface Delivery {
  readonly identifier: number;
  readonly reasonCode: number;
}

const NAMES = [
  "payloadFormatIndicator",
  "messageExpiryInterval",
  "contentType",
  "responseTopic",
  "correlationData",
  "userProperties",
] as const satisfies readonly PropertyName[];
const SUBSCRIPTION_IDENTIFIER = 11;

/** The client under test, speaking MQTT 5.0 on the Node host, with everything that it told the application. */
export class Device5 extends AnyDevice<Client, DeviceMessage5> {
  readonly client: Client;
  readonly deliveries: Delivery[] = [];

  constructor(place: Place, options: Partial<ClientOptions> = {}) {
    super(options);
    this.client = new Client({
      ...defaultsFor(place),
      onConnect: (sessionPresent) => this.connections.push(sessionPresent),
      onDisconnect: (error: MqttError | undefined) => this.disconnected(error),
      onMessage: (message) => this.take(message),
      onDelivered: (identifier, reasonCode) => {
        this.delivered.push(identifier);
        this.deliveries.push({ identifier, reasonCode });
        this.onDelivered();
      },
      onWritable: () => this.onWritable(),
      onError: (error) => this.errors.push(error),
      ...options,
    });
  }

  /** Resolves with the codes of the SUBACK. */
  async subscribe(subscriptions: Subscription | readonly Subscription[], properties?: Properties): Promise<number[]> {
    return this.#codes("SUBACK", (done) => this.client.subscribe(subscriptions, done, properties));
  }

  /** Subscribes to a filter, with an identifier, and gives its messages to `handler`. */
  async subscribeAs(subscriptionIdentifier: number, subscription: Subscription): Promise<number[]> {
    return this.subscribe(subscription, new Properties({ subscriptionIdentifier }));
  }

  /** Resolves with the codes of the UNSUBACK. */
  async unsubscribe(filters: string | readonly string[]): Promise<number[]> {
    return this.#codes("UNSUBACK", (done) => this.client.unsubscribe(filters, done));
  }

  /** Publishes a message of QoS 1 or 2, and resolves with the reason code that it was answered with. */
  async publish(...message: Parameters<Client["publish"]>): Promise<number> {
    const identifier = this.client.publish(...message);
    await until("the message is delivered", () => this.deliveries.some((delivery) => delivery.identifier === identifier));
    return this.deliveries.find((delivery) => delivery.identifier === identifier)?.reasonCode ?? -1;
  }

  /** Puts the pieces of a message together. */
  take(message: Message): void {
    const properties = valuesOf(message.properties);
    const whole = this.assemble(message);
    if (whole) this.messages.push({ ...whole, properties });
  }

  async #codes(answer: string, ask: (done: (codes: Uint8Array) => void) => void): Promise<number[]> {
    let codes: number[] | undefined;
    ask((answered) => {
      codes = [...answered];
    });
    await until(answer, () => codes !== undefined);
    return codes ?? [];
  }
}

/** A copy of all that a message says of itself. */
export function valuesOf(properties: ReceivedProperties): ReceivedValues {
  const given = NAMES.map((name) => [name, properties.get(name)] as const).filter(([, value]) => value !== undefined);
  const subscriptionIdentifiers: number[] = [];
  properties.rewind();
  while (properties.next()) if (properties.identifier === SUBSCRIPTION_IDENTIFIER) subscriptionIdentifiers.push(properties.value);
  return { ...Object.fromEntries(given), ...(subscriptionIdentifiers.length > 0 && { subscriptionIdentifiers }) };
}

/** A device that connects now and is closed when the test is over. */
export function startDevice(place: Place, options: Partial<ClientOptions> = {}): Device5 {
  return start(new Device5(place, options));
}

/** A device that is connected. */
export async function connectedDevice(place: Place, options: Partial<ClientOptions> = {}): Promise<Device5> {
  const device = startDevice(place, options);
  await device.connected();
  return device;
}
