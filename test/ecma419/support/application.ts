import { onTestFinished } from "vitest";
import { NodeClock } from "../../../hosts/node/index.js";
import MQTTClient, { type ControlMessage, type ReadableOptions } from "../../../src/ecma419.js";
import type { Place } from "../../integration/device.js";
import type { Options } from "../support.js";
import { until } from "../../support/waiting.js";
import { network } from "./node-network.js";

/** A message that was read whole. */
export interface Received {
  readonly topic: string | undefined;
  readonly payload: Buffer;
  readonly QoS: number | undefined;
  readonly retain: boolean | undefined;
}

/** An application on Node that uses the class, with everything that it was told. */
export class Application {
  readonly client: MQTTClient;
  readonly controls: ControlMessage[] = [];
  readonly messages: Received[] = [];
  readonly errors: Error[] = [];
  isClosed = false;
  /** What may be written, as was told last. */
  writable = 0;
  /** Called with it. */
  onWritable: (count: number) => void = () => undefined;
  #head: ReadableOptions = { more: false };
  #pieces: Buffer[] = [];

  constructor({ host, port }: Place, options: Partial<Options>) {
    this.client = new MQTTClient(
      {
        ...network,
        host,
        port,
        onControl: (message) => this.controls.push(message),
        onReadable: (count, readable) => this.#read(count, readable),
        onWritable: (count) => {
          this.writable = count;
          this.onWritable(count);
        },
        onError: (error) => this.errors.push(error),
        onClose: () => {
          this.isClosed = true;
        },
        ...options,
      },
      new NodeClock(),
    );
  }

  /** Whether a message of this operation has been told, with this identifier where there is one. */
  was(operation: number, id?: number): boolean {
    return this.controls.some((message) => message.operation === operation && (id === undefined || message.id === id));
  }

  /** Resolves when it was. */
  async told(operation: number, id?: number): Promise<void> {
    await until(`operation ${operation} of ${id ?? "any identifier"}`, () => this.was(operation, id));
  }

  /** Resolves with the first messages. */
  async received(count: number): Promise<Received[]> {
    await until(`${count} messages`, () => this.messages.length >= count);
    return this.messages.slice(0, count);
  }

  /** Resolves with the first error. */
  async failure(): Promise<Error> {
    await until("an error", () => this.errors.length > 0);
    return this.errors[0];
  }

  /** Writes a payload in fragments of what there is room for, as it comes. Resolves when all is written. */
  async writeAll(payload: Uint8Array, options: { topic: string; QoS: number; id: number }): Promise<void> {
    let written = 0;
    let room = this.client.write(null, { ...options, byteLength: payload.length });
    const writeMore = (): void => {
      while (room > 0 && written < payload.length) {
        const piece = payload.subarray(written, written + room);
        room = this.client.write(piece);
        written += piece.length;
      }
    };
    this.onWritable = (count) => {
      room = count;
      writeMore();
    };
    writeMore();
    await until("all is written", () => written === payload.length);
    this.onWritable = () => undefined;
  }

  #read(count: number, readable: ReadableOptions): void {
    if (this.#pieces.length === 0) this.#head = readable;
    this.#pieces.push(Buffer.from(count === 0 ? new ArrayBuffer(0) : (this.client.read(count) ?? new ArrayBuffer(0))));
    if (readable.more) return;
    const { topic, QoS, retain } = this.#head;
    this.messages.push({ topic, QoS, retain, payload: Buffer.concat(this.#pieces.splice(0)) });
  }
}

/** An application that connects, and whose client is closed when the test is over. */
export function startApplication(place: Place, options: Partial<Options> = {}): Application {
  const application = new Application(place, options);
  onTestFinished(() => application.client.close());
  return application;
}

/** One that is connected. */
export async function connectedApplication(place: Place, options: Partial<Options> = {}): Promise<Application> {
  const application = startApplication(place, options);
  await application.told(MQTTClient.CONNACK);
  return application;
}
