// Written from the MQTT 3.1.1 standard alone and with nothing from src, so that a mistake there is not repeated here.

/** Quality of service. */
export type QoS = 0 | 1 | 2;

/** Control packet types (2.2.1), by their number. */
const TYPE_NAMES = [
  "RESERVED_0",
  "CONNECT",
  "CONNACK",
  "PUBLISH",
  "PUBACK",
  "PUBREC",
  "PUBREL",
  "PUBCOMP",
  "SUBSCRIBE",
  "SUBACK",
  "UNSUBSCRIBE",
  "UNSUBACK",
  "PINGREQ",
  "PINGRESP",
  "DISCONNECT",
  "RESERVED_15",
] as const;

/** The Will of a CONNECT (3.1.2.5). */
export interface WillFields {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
}

/** One line of a SUBSCRIBE (3.8.3). */
export interface SubscriptionFields {
  readonly topicFilter: string;
  readonly qos: QoS;
}

/** The fields of every packet that a client may send. */
export interface ClientPacketFields {
  CONNECT: {
    readonly protocolName: string;
    readonly protocolLevel: number;
    readonly clean: boolean;
    /** Seconds. */
    readonly keepalive: number;
    readonly clientId: string;
    readonly will: WillFields | undefined;
    readonly username: string | undefined;
    readonly password: Uint8Array | undefined;
  };
  PUBLISH: {
    readonly topic: string;
    readonly payload: Uint8Array;
    readonly qos: QoS;
    readonly retain: boolean;
    readonly dup: boolean;
    /** 0 with QoS 0, which has none. */
    readonly identifier: number;
  };
  PUBACK: { readonly identifier: number };
  PUBREC: { readonly identifier: number };
  PUBREL: { readonly identifier: number };
  PUBCOMP: { readonly identifier: number };
  SUBSCRIBE: { readonly identifier: number; readonly subscriptions: readonly SubscriptionFields[] };
  UNSUBSCRIBE: { readonly identifier: number; readonly topicFilters: readonly string[] };
  PINGREQ: object;
  DISCONNECT: object;
}

/** The name of a packet that a client may send. */
export type ClientPacketType = keyof ClientPacketFields;

/** One packet of those whose fields `Fields` tells by name: its name, its fields, its bytes. */
export type PacketOf<Fields, Type extends keyof Fields = keyof Fields> = {
  [Each in Type]: { readonly type: Each; readonly bytes: Uint8Array } & Fields[Each];
}[Type];

/** One packet from a client: its name, its fields, its bytes. */
export type ClientPacket<Type extends ClientPacketType = ClientPacketType> = PacketOf<ClientPacketFields, Type>;

/** `hex("40 02 00 07")` gives those four bytes. White space is free. */
export function hex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, "");
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new Error(`not hexadecimal bytes: ${text}`);
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) => parseInt(digits.slice(2 * index, 2 * index + 2), 16));
}

/** The opposite of `hex`: `"40 02 00 07"`. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/** The UTF-8 bytes of `text`. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Several byte strings as one. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)));
}

/** Two bytes, the most significant first (1.5.2). */
export function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

/** A string with its length in front (1.5.3); bytes are put in as they are. */
export function mqttString(text: string | Uint8Array): Uint8Array {
  const bytes = typeof text === "string" ? utf8(text) : text;
  return concat(uint16(bytes.length), bytes);
}

/** Remaining Length (2.2.3), in as few bytes as it takes. */
export function remainingLength(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    const digit = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? digit | 128 : digit);
  } while (rest > 0);
  return Uint8Array.from(bytes);
}

/** Any packet: the first byte, then Remaining Length, then `parts`. */
export function packet(firstByte: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = concat(...parts);
  return concat(Uint8Array.of(firstByte), remainingLength(body.length), body);
}

/** CONNACK (3.2). */
export function connack(fields: { readonly sessionPresent?: boolean; readonly returnCode?: number } = {}): Uint8Array {
  return packet(0x20, Uint8Array.of(fields.sessionPresent === true ? 1 : 0, fields.returnCode ?? 0));
}

/** What `publish` puts together. */
export interface PublishOptions {
  readonly topic: string | Uint8Array;
  readonly payload?: string | Uint8Array;
  readonly qos?: QoS;
  readonly retain?: boolean;
  readonly dup?: boolean;
  /** Left out of the packet with QoS 0. */
  readonly identifier?: number;
}

/** PUBLISH (3.3). */
export function publish(options: PublishOptions): Uint8Array {
  const qos = options.qos ?? 0;
  const flags = (options.dup === true ? 8 : 0) | (qos << 1) | (options.retain === true ? 1 : 0);
  const payload = options.payload ?? "";
  return packet(
    0x30 | flags,
    mqttString(options.topic),
    qos === 0 ? Uint8Array.of() : uint16(options.identifier ?? 1),
    typeof payload === "string" ? utf8(payload) : payload,
  );
}

/** PUBACK (3.4). */
export function puback(identifier: number): Uint8Array {
  return packet(0x40, uint16(identifier));
}

/** PUBREC (3.5). */
export function pubrec(identifier: number): Uint8Array {
  return packet(0x50, uint16(identifier));
}

/** PUBREL (3.6). */
export function pubrel(identifier: number): Uint8Array {
  return packet(0x62, uint16(identifier));
}

/** PUBCOMP (3.7). */
export function pubcomp(identifier: number): Uint8Array {
  return packet(0x70, uint16(identifier));
}

/** SUBACK (3.9), with one return code for each filter of the SUBSCRIBE. */
export function suback(identifier: number, ...returnCodes: readonly number[]): Uint8Array {
  return packet(0x90, uint16(identifier), Uint8Array.from(returnCodes));
}

/** UNSUBACK (3.11). */
export function unsuback(identifier: number): Uint8Array {
  return packet(0xb0, uint16(identifier));
}

/** PINGRESP (3.13). */
export function pingresp(): Uint8Array {
  return packet(0xd0);
}

/** What is left of a packet that is being taken apart. Throws a plain `Error` where every version of the standard is broken. */
export class Cursor {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#position;
  }

  take(length: number): Uint8Array {
    if (length > this.left) throw new Error(`${length} bytes expected where ${this.left} are left`);
    this.#position += length;
    return this.#bytes.slice(this.#position - length, this.#position);
  }

  byte(): number {
    return this.take(1)[0];
  }

  uint16(): number {
    return this.byte() * 256 + this.byte();
  }

  identifier(): number {
    const identifier = this.uint16();
    if (identifier === 0) throw new Error("packet identifier 0");
    return identifier;
  }

  binary(): Uint8Array {
    return this.take(this.uint16());
  }

  string(): string {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.binary());
    if (text.includes("\0")) throw new Error("U+0000 in a string");
    return text;
  }

  qos(value: number): QoS {
    if (value !== 0 && value !== 1 && value !== 2) throw new Error(`QoS ${value}`);
    return value;
  }

  end(): void {
    if (this.left > 0) throw new Error(`${this.left} bytes past the end of the packet's content`);
  }
}

/** Cuts the first whole packet off: how many bytes it has, and where its content begins; `undefined` if it is cut off. */
function frame(bytes: Uint8Array): { readonly content: number; readonly end: number } | undefined {
  let length = 0;
  for (let index = 1; index < bytes.length; index++) {
    const byte = bytes[index];
    length += (byte & 127) * 128 ** (index - 1);
    if (byte >= 128) {
      if (index === 4) throw new Error("Remaining Length of more than four bytes [2.2.3]");
      continue;
    }
    if (byte === 0 && index > 1) throw new Error("Remaining Length in more bytes than it takes");
    const end = index + 1 + length;
    return end <= bytes.length ? { content: index + 1, end } : undefined;
  }
  return undefined;
}

/** Takes the first packet off `bytes` and `parse`s it; `undefined` when there is no whole packet. */
export function parseFirst<Packet>(
  bytes: Uint8Array,
  parse: (whole: Uint8Array, content: Cursor) => Packet,
): Packet | undefined {
  const found = frame(bytes);
  if (found === undefined) return undefined;
  const whole = bytes.slice(0, found.end);
  try {
    return parse(whole, new Cursor(whole.slice(found.content)));
  } catch (error) {
    throw new Error(`malformed packet from the client: ${toHex(whole)}: ${String(error)}`, { cause: error });
  }
}

/** All packets in `bytes`, each taken off by `first`; throws when the last one is cut off. */
export function parseAll<Packet extends { readonly bytes: Uint8Array }>(
  bytes: Uint8Array,
  first: (bytes: Uint8Array) => Packet | undefined,
): Packet[] {
  const packets: Packet[] = [];
  for (let rest = bytes; rest.length > 0; ) {
    const next = first(rest);
    if (next === undefined) throw new Error(`packet cut off: ${toHex(rest)}`);
    packets.push(next);
    rest = rest.slice(next.bytes.length);
  }
  return packets;
}

/** Takes the first packet off `bytes`; `undefined` when there is no whole packet. */
export function firstPacket(bytes: Uint8Array): ClientPacket | undefined {
  return parseFirst(bytes, parse);
}

/** All packets in `bytes`; throws when the last one is cut off. */
export function parsePackets(bytes: Uint8Array): ClientPacket[] {
  return parseAll(bytes, firstPacket);
}

function parse(bytes: Uint8Array, cursor: Cursor): ClientPacket {
  const first = bytes[0];
  const type = TYPE_NAMES[first >> 4];
  if (type !== "PUBLISH") checkFlags(type, first & 15);
  const result = parseContent(type, first & 15, bytes, cursor);
  cursor.end();
  return result;
}

/** Table 2.2: what the low four bits must be. */
function checkFlags(type: string, flags: number): void {
  const required = type === "PUBREL" || type === "SUBSCRIBE" || type === "UNSUBSCRIBE" ? 2 : 0;
  if (flags !== required) throw new Error(`flags ${flags} of ${type} [MQTT-2.2.2-1]`);
}

function parseContent(type: (typeof TYPE_NAMES)[number], flags: number, bytes: Uint8Array, cursor: Cursor): ClientPacket {
  switch (type) {
    case "CONNECT":
      return { type, bytes, ...connectFields(cursor) };
    case "PUBLISH":
      return { type, bytes, ...publishFields(flags, cursor) };
    case "PUBACK":
    case "PUBREC":
    case "PUBREL":
    case "PUBCOMP":
      return { type, bytes, identifier: cursor.identifier() };
    case "SUBSCRIBE":
      return { type, bytes, identifier: cursor.identifier(), subscriptions: subscriptions(cursor) };
    case "UNSUBSCRIBE":
      return { type, bytes, identifier: cursor.identifier(), topicFilters: topicFilters(cursor) };
    case "PINGREQ":
    case "DISCONNECT":
      return { type, bytes };
    default:
      throw new Error(`a client may not send ${type}`);
  }
}

function connectFields(cursor: Cursor): ClientPacketFields["CONNECT"] {
  const protocolName = cursor.string();
  const protocolLevel = cursor.byte();
  const flags = cursor.byte();
  checkConnectFlags(flags);
  const keepalive = cursor.uint16();
  const clientId = cursor.string();
  const will =
    (flags & 0x04) === 0
      ? undefined
      : {
          topic: cursor.string(),
          payload: cursor.binary(),
          qos: cursor.qos((flags >> 3) & 3),
          retain: (flags & 0x20) !== 0,
        };
  const username = (flags & 0x80) === 0 ? undefined : cursor.string();
  const password = (flags & 0x40) === 0 ? undefined : cursor.binary();
  return { protocolName, protocolLevel, clean: (flags & 2) !== 0, keepalive, clientId, will, username, password };
}

function checkConnectFlags(flags: number): void {
  if ((flags & 0x01) !== 0) throw new Error("the reserved Connect Flag is set [MQTT-3.1.2-3]");
  if ((flags & 0x04) === 0 && (flags & 0x38) !== 0) throw new Error("Will QoS or Retain without a Will [MQTT-3.1.2-13]");
  if ((flags & 0x80) === 0 && (flags & 0x40) !== 0) throw new Error("Password without User Name [MQTT-3.1.2-22]");
}

function publishFields(flags: number, cursor: Cursor): ClientPacketFields["PUBLISH"] {
  const qos = cursor.qos((flags >> 1) & 3);
  const dup = (flags & 8) !== 0;
  if (dup && qos === 0) throw new Error("DUP with QoS 0 [MQTT-3.3.1-2]");
  const topic = cursor.string();
  if (topic === "" || /[+#]/.test(topic)) throw new Error(`topic name ${JSON.stringify(topic)} [MQTT-3.3.2-2]`);
  const identifier = qos === 0 ? 0 : cursor.identifier();
  return { topic, payload: cursor.take(cursor.left), qos, retain: (flags & 1) !== 0, dup, identifier };
}

function subscriptions(cursor: Cursor): SubscriptionFields[] {
  const found: SubscriptionFields[] = [];
  do found.push({ topicFilter: cursor.string(), qos: cursor.qos(cursor.byte()) });
  while (cursor.left > 0);
  return found;
}

function topicFilters(cursor: Cursor): string[] {
  const found: string[] = [];
  do found.push(cursor.string());
  while (cursor.left > 0);
  return found;
}
