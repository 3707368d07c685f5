import type { Clock } from "./client/clock.js";
import type { ByteBuffer } from "./ecma419/byte-buffer.js";
import { checkCallbacks, integer, type Options } from "./ecma419/options.js";
import { PacketTransport } from "./ecma419/packet-transport.js";
import { type WriteOptions, WritableConnection } from "./ecma419/writable-connection.js";
import { wrong } from "./errors.js";

export type { ByteBuffer } from "./ecma419/byte-buffer.js";
export type { Callbacks, ControlMessage, Options, ReadableOptions, Will } from "./ecma419/options.js";
export type { Resolver, ResolverOptions } from "./ecma419/resolver.js";
export type { Socket, SocketOptions } from "./ecma419/socket.js";
export type { Item, WriteOptions } from "./ecma419/writable-connection.js";
export { MqttError } from "./errors.js";

/**
 * The MQTT client class of ECMA-419 (3rd edition, clause 25): one connection, MQTT 3.1.1, no session kept, nothing sent
 * again, no reconnecting. For those see `Client` of `mqtt-xs`.
 *
 * The constructor takes two buffers of `packetSize`, and what the socket takes. After that only what the class promises
 * is allocated: a dictionary of 3 to 4 slots for each control message that `onControl` gets; one of 6 slots for each message
 * that `onReadable` gets, and its topic, if it is another than the last one's; the buffer that `read` returns, unless it is
 * given one; in `write` nothing for a `Uint8Array` published to the same topic as before, otherwise the encoded topic or
 * filters, and a view of the data.
 */
export default class MQTTClient {
  static readonly CONNECT = 1;
  static readonly CONNACK = 2;
  static readonly PUBLISH = 3;
  static readonly PUBACK = 4;
  static readonly PUBREC = 5;
  static readonly PUBREL = 6;
  static readonly PUBCOMP = 7;
  static readonly SUBSCRIBE = 8;
  static readonly SUBACK = 9;
  static readonly UNSUBSCRIBE = 10;
  static readonly UNSUBACK = 11;
  static readonly PINGREQ = 12;
  static readonly PINGRESP = 13;
  static readonly DISCONNECT = 14;

  /** What was given for the option of this name. */
  target?: unknown;
  readonly #connection: WritableConnection;

  /**
   * Begins to connect. @throws MqttError that names the option that is wrong; RangeError for a format other than "buffer";
   * and what the resolver's or the socket's constructor throws.
   * @param clock time, from the host, whose own class gives it.
   */
  constructor(options: Options<MQTTClient>, clock: Clock) {
    this.format = options.format ?? "buffer";
    if (options.target !== undefined) this.target = options.target;
    this.#connection = new WritableConnection(this, options, transportOf(options, clock), clock);
  }

  /** Always "buffer". Throws RangeError when it is set to anything else. */
  get format(): string {
    return "buffer";
  }

  set format(value: string) {
    if (value !== "buffer") throw new RangeError(`format: expected "buffer"`);
  }

  /**
   * Reads what waits of the message that `onReadable` told of, up to `count` bytes; what it does not read waits. Once all
   * has been read, the message is acknowledged, and the next one is told of.
   * @param count default: all that waits. Allocates the buffer that is returned.
   * @returns undefined when nothing waits. @throws MqttError `ERR_STATE` when closed.
   */
  read(count?: number): ArrayBuffer | undefined;
  /** Reads into a byte buffer, as much as it holds. @returns how many bytes; undefined when nothing waits. */
  read(buffer: ByteBuffer): number | undefined;
  read(target?: number | ByteBuffer): ArrayBuffer | number | undefined {
    return this.#connection.read(target);
  }

  /**
   * Writes a message, or with `options.operation` any control packet; without options, the next fragment of a payload
   * that was begun with `options.byteLength`. Writes all or nothing.
   * @param data the payload; null where there is none.
   * @returns how many bytes may be written next; `onWritable` tells when there are more.
   * @throws MqttError `ERR_STATE` before CONNACK, after DISCONNECT or `close`, and for anything but the next fragment while
   *   a payload is half-way; `ERR_WOULD_BLOCK`; `ERR_TOPIC`, `ERR_TOPIC_FILTER`, `ERR_PACKET_SIZE`, `ERR_ARGUMENT`.
   */
  write(data: ByteBuffer | null, options?: WriteOptions | null): number {
    return this.#connection.write(data, options);
  }

  /** Closes at once, without a DISCONNECT, which `write` sends. No callback follows. Harmless when closed. */
  close(): void {
    this.#connection.close();
  }
}

Object.freeze(MQTTClient);

function transportOf(options: Options<MQTTClient>, clock: Clock): PacketTransport {
  const { host, address, port = 1883, dns, socket } = options as Partial<Options<MQTTClient>>;
  checkCallbacks(options);
  if (typeof host !== "string" || host === "") throw wrong("host", "the server's name");
  if (typeof socket?.io !== "function") throw wrong("socket", "a dictionary with its class as io");
  if (address !== undefined && typeof address !== "string") throw wrong("address", "the server's IP address");
  if (address === undefined && typeof dns?.io !== "function") throw wrong("dns", "a dictionary with its class as io");
  return new PacketTransport({
    host,
    address,
    port: integer("port", Number(port), 1, 0xffff),
    socket,
    resolver: dns,
    bufferSize: 128,
    writeLimit: 0xffff,
    clock,
  });
}
