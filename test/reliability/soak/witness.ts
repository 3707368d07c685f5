import { connect, type MqttClient } from "mqtt";
import type { QoS } from "mqtt-xs";
import type { Arrivals } from "./arrivals.js";
import { contentNumber, writeContent } from "./content.js";
import { FEWEST_BYTES, type Plan } from "./plan.js";
import { EMPTY_TOPIC, emptyNumber, FILTER, WITNESSED_TOPIC } from "./topics.js";

/** Where a broker is, and what it speaks. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly protocolVersion: 4 | 5;
}

/** A message as it came in. */
export interface Received {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: QoS;
}

/** MQTT.js, another client by other hands, subscribed to all that the device publishes, in a session that outlives the broker. */
export class Witness {
  /** How often the broker had lost the session. */
  sessionsLost = 0;
  /** Called with each message. */
  onMessage: (message: Received) => void = () => undefined;
  readonly #client: MqttClient;

  private constructor(client: MqttClient) {
    this.#client = client;
  }

  /** Resolves when it is subscribed. */
  static async start(place: Place): Promise<Witness> {
    const properties = { sessionExpiryInterval: 0xffffffff };
    const session = { clientId: "soak-witness", clean: false, ...(place.protocolVersion === 5 && { properties }) };
    const client = connect({ protocol: "mqtt", ...place, ...session, reconnectPeriod: 20 });
    const witness = new Witness(client);
    let connections = 0;
    client.on("message", (topic, payload, { qos }) => witness.onMessage({ topic, payload, qos }));
    client.on("connect", ({ sessionPresent }) => {
      if (connections++ > 0 && !sessionPresent) witness.sessionsLost++;
    });
    client.on("error", () => undefined); // a connection that a broker has broken is tried again
    await new Promise<void>((resolve) => void client.once("connect", () => resolve()));
    await client.subscribeAsync(FILTER, { qos: 2 });
    return witness;
  }

  /** Tells the device the newest message that has arrived. */
  tell(newest: number): void {
    const payload = Buffer.alloc(FEWEST_BYTES);
    writeContent(newest, payload, 0, FEWEST_BYTES, 0);
    this.#client.publish(WITNESSED_TOPIC, payload, { qos: 1 });
  }

  /** Disconnects, also when the broker is gone. */
  async end(): Promise<void> {
    await this.#client.endAsync(true);
  }
}

/** Finds out which message it was, whether it was right in every byte, and writes it down. */
export function record({ topic, payload, qos }: Received, plan: Plan, arrivals: Arrivals): void {
  const number = numberOf(topic, payload, arrivals.newest(qos));
  if (qos === plan.qos(number) && payload.length === plan.size(number) && isRight(number, payload)) arrivals.add(number);
  else arrivals.addDamaged(number);
}

function numberOf(topic: string, payload: Buffer, near: number): number {
  if (topic.startsWith(EMPTY_TOPIC)) return emptyNumber(Number(topic.slice(EMPTY_TOPIC.length)), near);
  return payload.length < FEWEST_BYTES ? 0 : contentNumber(payload, 0);
}

function isRight(number: number, payload: Buffer): boolean {
  const expected = Buffer.alloc(payload.length);
  writeContent(number, expected, 0, expected.length, 0);
  return payload.equals(expected);
}
