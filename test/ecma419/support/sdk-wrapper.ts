import { NodeClock } from "../../../hosts/node/index.js";
import MQTTClient, { type ControlMessage, type WriteOptions } from "../../../src/ecma419.js";
import type { Place } from "../../integration/device.js";
import { buffer } from "../support.js";
import { network } from "./node-network.js";

const { CONNACK, PUBLISH, PUBACK, PUBREC, PUBCOMP, SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK } = MQTTClient;

/** What waits to be written, with how much it takes beside its data; 0 for the rest of something. */
interface Waiting {
  readonly data: DataView | null;
  readonly options: WriteOptions | null;
  readonly overhead: number;
  readonly written: () => void;
}

/** Uses the class as the SDK's `mqtt` module does; what that does beyond it, such as reconnecting, is left out. */
export class Wrapper {
  readonly messages: [topic: string, payload: Buffer][] = [];
  readonly #client: MQTTClient;
  readonly #queue: Waiting[] = [];
  /** What each answer that is awaited resolves. */
  readonly #awaited = new Map<string, () => void>();
  #id = 0;
  #writable = 0;
  #topic = "";
  #pieces: Buffer[] = [];

  constructor({ host, port }: Place) {
    const options = {
      io: MQTTClient,
      ...network,
      host,
      port,
      keepalive: 60_000,
      id: "mqttxs_1",
      user: undefined,
      password: undefined,
      will: null,
      onControl: (message: ControlMessage): void => this.#told(message),
      onReadable: (count: number, { more, topic }: { more: boolean; topic?: string }): void => this.#read(count, more, topic),
      onWritable: (count: number): void => {
        this.#writable = count;
        this.#writeMore();
      },
    };
    this.#client = new MQTTClient(options as never, new NodeClock());
  }

  /** Resolves when it has been granted. */
  async subscribe(key: string, QoS: number): Promise<void> {
    const topic = buffer(key);
    await this.#request(SUBSCRIBE, SUBACK, { items: [Object.assign({ key }, { topic, QoS })] }, topic.byteLength + 3);
  }

  async unsubscribe(key: string): Promise<void> {
    const topic = buffer(key);
    await this.#request(UNSUBSCRIBE, UNSUBACK, { items: [Object.assign({ key }, { topic })] }, topic.byteLength + 2);
  }

  /** Resolves when it is delivered, with QoS 0 when it is written. */
  async publish(name: string, payload: Buffer, QoS: number): Promise<void> {
    const id = ++this.#id;
    const topic = buffer(name);
    const data = new DataView(Uint8Array.from(payload).buffer);
    const options = { operation: PUBLISH, topic, id, QoS, retain: false, duplicate: false, byteLength: data.byteLength };
    const answered = QoS === 0 ? undefined : this.#answer(QoS === 1 ? PUBACK : PUBCOMP, id);
    await this.#write(data, Object.assign(options, { dataLength: data.byteLength }), 5 + 2 + topic.byteLength + (QoS > 0 ? 2 : 0));
    await answered;
  }

  close(): void {
    this.#client.close();
  }

  async #request(operation: number, answer: number, options: WriteOptions, size: number): Promise<void> {
    const id = ++this.#id;
    const answered = this.#answer(answer, id);
    await this.#write(null, { operation, id, ...options }, 5 + 2 + size);
    await answered;
  }

  #answer(operation: number, id: number): Promise<void> {
    return new Promise((resolve) => this.#awaited.set(`${operation} ${id}`, resolve));
  }

  #write(data: DataView | null, options: WriteOptions, overhead: number): Promise<void> {
    return new Promise((written) => {
      this.#queue.push({ data, options, overhead, written });
      this.#writeMore();
    });
  }

  /** Writes what there is room for; of what is too long, the beginning. */
  #writeMore(): void {
    for (let [next] = this.#queue; this.#queue.length > 0; [next] = this.#queue) {
      const { data, options, overhead, written } = next;
      const room = this.#writable - overhead;
      const length = data?.byteLength ?? 0;
      if (length <= room) {
        this.#writable = this.#client.write(data, options);
        this.#queue.shift();
        written();
      } else if (data && room > 0) {
        this.#writable = this.#client.write(new DataView(data.buffer, data.byteOffset, room), options);
        this.#queue[0] = { data: new DataView(data.buffer, data.byteOffset + room), options: null, overhead: 0, written };
        return;
      } else return;
    }
  }

  #told({ operation, id }: ControlMessage): void {
    if (operation === CONNACK || operation === PUBREC) return;
    this.#awaited.get(`${operation} ${id ?? 0}`)?.();
  }

  #read(count: number, more: boolean, topic: string | undefined): void {
    if (count === 0) return;
    this.#topic = topic ?? this.#topic;
    this.#pieces.push(Buffer.from(this.#client.read(count) ?? new ArrayBuffer(0)));
    if (!more) this.messages.push([this.#topic, Buffer.concat(this.#pieces.splice(0))]);
  }
}
