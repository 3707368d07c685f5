import { connectAsync, type IPublishPacket, type MqttClient, type Packet } from "mqtt";
import type { LedgerMessage } from "../support/ledger.js";
import type { Broker } from "./brokers.js";
import { ALL_UP } from "./names.js";
import { describePacket } from "./packet-text.js";
import type { Trace } from "./trace.js";
import { Listeners, WINDOW, type Witness } from "./witness.js";

/**
 * MQTT.js: a witness by other hands, for schedules in which its connection lasts. When the broker is restarted it gives up
 * messages of QoS 1 and 2, whose callbacks get the error "Connection closed": they are not known to be lost, nor to arrive.
 */
export class ForeignWitness implements Witness {
  readonly #client: MqttClient;
  readonly #listeners = new Listeners();
  readonly #waiting: { readonly message: LedgerMessage; readonly done: () => void }[] = [];
  #underWay = 0;

  private constructor(client: MqttClient) {
    this.#client = client;
    client.on("message", (topic: string, payload: Buffer, { qos }: IPublishPacket) => {
      this.#listeners.tell({ topic, qos, payload });
    });
  }

  /** Resolves when it is subscribed to everything that devices publish. */
  static async connect({ host, port }: Broker, trace: Trace): Promise<Witness> {
    const options = { protocolVersion: 4, clientId: "foreign-witness", clean: false } as const;
    const client = await connectAsync({ protocol: "mqtt", host, port, ...options });
    const traced = (way: string) => (packet: Packet) => trace(() => `witness ${way} ${describePacket(packet)}`);
    client.on("packetsend", traced("sends"));
    client.on("packetreceive", traced("gets"));
    const witness = new ForeignWitness(client);
    await client.subscribeAsync(ALL_UP, { qos: 2 });
    return witness;
  }

  join(seed: number, listener: (message: LedgerMessage) => void): void {
    this.#listeners.set(seed, listener);
  }

  leave(seed: number): void {
    this.#listeners.delete(seed);
  }

  publish(message: LedgerMessage, done: () => void): void {
    if (message.qos === 0) this.#client.publish(message.topic, Buffer.from(message.payload), { qos: 0 });
    else {
      this.#waiting.push({ message, done });
      this.#publishWaiting();
    }
  }

  async end(): Promise<void> {
    await this.#client.endAsync(true);
  }

  #publishWaiting(): void {
    while (this.#underWay < WINDOW) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#underWay++;
      const { topic, payload, qos } = next.message;
      this.#client.publish(topic, Buffer.from(payload), { qos }, (error) => {
        this.#underWay--;
        if (!error) next.done();
        this.#publishWaiting();
      });
    }
  }
}
