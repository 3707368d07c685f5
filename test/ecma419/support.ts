import { expect } from "vitest";
import MQTTClient, { type ControlMessage } from "../../src/ecma419.js";
import type { ErrorCode } from "../../src/errors.js";
import { type Manner, TCP } from "./support/fake-socket.js";
import { Server } from "./support/server.js";

/** What the class is made from. */
export type Options = ConstructorParameters<typeof MQTTClient>[0];

/** A message that was read whole. */
export interface Message {
  readonly topic: string | undefined;
  readonly QoS: number | undefined;
  readonly retain: boolean | undefined;
  readonly payload: string;
}

/** A client, the server it talks to, and what it told. */
export interface Fixture {
  readonly client: MQTTClient;
  readonly server: Server;
  /** What the callbacks were called with, in order: `["control", message]`, `["error", code]`, `["close"]`. */
  readonly events: unknown[];
  /** What came in, where the test has no `onReadable` of its own. */
  readonly messages: Message[];
}

export const HOST = "broker.example";

/** Options beside those that every client needs; where they need something of the server, made with it. */
export type Wanted = Partial<Options> | ((server: Server) => Partial<Options>);

/** A client that has not been connected yet. Unless the test wants otherwise, it reads everything at once. */
export function create(wanted: Wanted = {}, manner: Manner = TCP): Fixture {
  const server = new Server(manner);
  const events: unknown[] = [];
  const reader = new Reader();
  const client = new MQTTClient(
    {
      host: HOST,
      dns: server.dns,
      socket: server.socket,
      onControl: (message: ControlMessage) => events.push(["control", message]),
      onReadable(count, { more, topic, QoS, retain }) {
        reader.take(more, { topic, QoS, retain }, count === 0 ? undefined : this.read(count));
      },
      onError: (error) => events.push(["error", Reflect.get(error, "code")]),
      onClose: () => events.push(["close"]),
      ...(typeof wanted === "function" ? wanted(server) : wanted),
    },
    server.clock,
  );
  return { client, server, events, messages: reader.messages };
}

/** A client that the server has accepted; what it told until then is forgotten. */
export function connected(wanted: Wanted = {}, manner: Manner = TCP): Fixture {
  const fixture = create(wanted, manner);
  fixture.server.accept();
  fixture.events.length = 0;
  return fixture;
}

/** Puts fragments together. */
class Reader {
  readonly messages: Message[] = [];
  #head: Omit<Message, "payload"> = { topic: undefined, QoS: undefined, retain: undefined };
  #pieces: Uint8Array[] = [];

  take(more: boolean, head: Omit<Message, "payload">, piece: ArrayBuffer | undefined): void {
    if (this.#pieces.length === 0) this.#head = head;
    this.#pieces.push(new Uint8Array(piece ?? new ArrayBuffer(0)));
    if (more) return;
    this.messages.push({ ...this.#head, payload: Buffer.concat(this.#pieces.splice(0)).toString() });
  }
}

/** The bytes of `text`, as `ArrayBuffer.fromString` makes them on the device. */
export function buffer(text: string): ArrayBuffer {
  const bytes = new TextEncoder().encode(text);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}

/** The text in what `read` gave. */
export function text(bytes: ArrayBuffer | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
}

/** So many bytes that tell their place. */
export function pattern(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => (index * 7) % 251);
}

/** `act` must throw an `MqttError`, with this code and these words in its message where they are given. */
export function expectThrown(act: () => unknown, code?: ErrorCode, words = ""): void {
  const expected = { name: "MqttError", fault: "caller", message: expect.stringContaining(words) as string };
  expect(act).toThrow(expect.objectContaining(code === undefined ? expected : { ...expected, code }) as Error);
}

/** The client has told this error, last, and let go of everything. */
export function expectFailed({ server, events }: Fixture, code: ErrorCode): void {
  expect(events.at(-1)).toEqual(["error", code]);
  expectReleased(server);
}

/** Socket, resolver and timers are given back. */
export function expectReleased({ sockets, resolvers, clock }: Server): void {
  expect(sockets.map(({ isClosed }) => isClosed)).toEqual(sockets.map(() => true));
  expect(resolvers.map(({ isClosed }) => isClosed)).toEqual(resolvers.map(() => true));
  expect(clock.timers).toBe(0);
}
