import { connectAsync, type MqttClient } from "mqtt";
import { Client, Topic, WOULD_BLOCK } from "mqtt-xs";
import { NodeClock, TcpTransport } from "../../hosts/node/index.js";
import { compare, type Comparison, type Contender } from "./median.js";

const TOPIC = "greenhouse/1/temperature/in";
const PAYLOAD = Buffer.alloc(32, 0x61);
/** Messages on their way at the same time. */
const WINDOW = 20;

export interface Server {
  readonly host: string;
  readonly port: number;
}

/** Messages published per second: of QoS 0 until the server answers one of QoS 1 that follows them, of QoS 1 until all are acknowledged. */
export async function throughput(server: Server, qos: 0 | 1, count: number): Promise<Comparison> {
  const [ours, theirs] = [await OurPublisher.open(server), await TheirPublisher.open(server)];
  const contender = (publisher: Publisher): Contender => ({
    count,
    run: () => (qos === 0 ? publisher.publishAll(count) : publisher.deliverAll(count)),
  });
  try {
    return await compare(contender(ours), contender(theirs));
  } finally {
    ours.close();
    await theirs.close();
  }
}

interface Publisher {
  /** Publishes with QoS 0. */
  publishAll(count: number): Promise<void>;
  /** Publishes with QoS 1, `WINDOW` messages at a time. */
  deliverAll(count: number): Promise<void>;
}

class OurPublisher implements Publisher {
  readonly #topic = new Topic(TOPIC);
  readonly #client: Client;
  #onConnect = (): void => undefined;
  #onRoom = (): void => undefined;
  #onDelivered = (): void => undefined;

  private constructor(server: Server) {
    this.#client = new Client({
      transport: new TcpTransport(server),
      clock: new NodeClock(),
      inflight: WINDOW,
      packetSize: 1_024,
      onConnect: () => this.#onConnect(),
      onWritable: () => this.#onRoom(),
      onDelivered: () => this.#onDelivered(),
    });
  }

  static async open(server: Server): Promise<OurPublisher> {
    const publisher = new OurPublisher(server);
    await new Promise<void>((resolve) => {
      publisher.#onConnect = resolve;
      publisher.#client.connect();
    });
    return publisher;
  }

  async publishAll(count: number): Promise<void> {
    let left = count;
    await new Promise<void>((resolve) => {
      this.#onDelivered = resolve;
      this.#onRoom = () => {
        while (left > 0 && this.#client.publish(this.#topic, PAYLOAD) !== WOULD_BLOCK) left--;
        if (left === 0 && this.#client.inflight === 0) this.#client.publish(this.#topic, PAYLOAD, 1);
      };
      this.#onRoom();
    });
  }

  async deliverAll(count: number): Promise<void> {
    let left = count;
    let delivered = 0;
    await new Promise<void>((resolve) => {
      const publish = (): void => {
        while (left > 0 && this.#client.publish(this.#topic, PAYLOAD, 1) !== WOULD_BLOCK) left--;
      };
      this.#onRoom = publish;
      this.#onDelivered = () => {
        if (++delivered === count) resolve();
        else publish();
      };
      publish();
    });
  }

  close(): void {
    this.#client.close();
  }
}

class TheirPublisher implements Publisher {
  readonly #client: MqttClient;

  private constructor(client: MqttClient) {
    this.#client = client;
  }

  static async open({ host, port }: Server): Promise<TheirPublisher> {
    return new TheirPublisher(await connectAsync({ host, port, protocol: "mqtt", protocolVersion: 4 }));
  }

  async publishAll(count: number): Promise<void> {
    for (let left = count; left > 0; left--) this.#client.publish(TOPIC, PAYLOAD, { qos: 0 });
    await this.#client.publishAsync(TOPIC, PAYLOAD, { qos: 1 });
  }

  async deliverAll(count: number): Promise<void> {
    let left = count;
    let delivered = 0;
    await new Promise<void>((resolve) => {
      const publish = (): void => {
        if (left-- > 0) this.#client.publish(TOPIC, PAYLOAD, { qos: 1 }, onDelivered);
      };
      const onDelivered = (): void => {
        if (++delivered === count) resolve();
        else publish();
      };
      for (let window = 0; window < WINDOW; window++) publish();
    });
  }

  async close(): Promise<void> {
    await this.#client.endAsync();
  }
}
