import { connectAsync, type IPublishPacket, type MqttClient } from "mqtt";
import type { Message } from "../simulation/traffic.js";

/** Milliseconds until it tries to reconnect, when the broker is restarted. */
const RECONNECT_PERIOD = 20;

/** MQTT.js, which loses no power: it sees what the broker has taken over, and publishes to the device. */
export class Witness {
  private constructor(private readonly client: MqttClient) {}

  /** Resolves when it gets all that the device publishes. */
  static async connect(port: number, onMessage: (topic: string, qos: number, payload: Uint8Array) => void): Promise<Witness> {
    const client = await connectAsync({
      host: "127.0.0.1",
      port,
      protocol: "mqtt",
      clientId: "witness",
      clean: false,
      resubscribe: false,
      reconnectPeriod: RECONNECT_PERIOD,
    });
    client.on("message", (topic: string, payload: Buffer, { qos }: IPublishPacket) => onMessage(topic, qos, payload));
    client.on("error", () => undefined); // it tries again
    await client.subscribeAsync(["out/#", "queued/#"], { qos: 2 });
    return new Witness(client);
  }

  /** Publishes a message to the device, now or when there is a connection. */
  publish({ topic, qos, payload }: Message): void {
    this.client.publish(topic, Buffer.from(payload), { qos });
  }

  /** Ends the connection. */
  async end(): Promise<void> {
    await this.client.endAsync(true);
  }
}
