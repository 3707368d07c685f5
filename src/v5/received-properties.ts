import { decodeUtf8, isTopicName, readLength, viewOf } from "../index.js";
import type { MqttError } from "../errors.js";
import { CONNACK, DISCONNECT, PUBLISH } from "../wire/packet-type.js";
import { malformed, TOPIC_ALIAS_INVALID, violation } from "./errors.js";
import { isText } from "./is-text.js";
import type { PropertyValues } from "./properties.js";
import {
  BINARY_DATA,
  BY_IDENTIFIER,
  BYTE,
  FOUR_BYTE_INTEGER,
  IDENTIFIER_MASK,
  NOT_ZERO,
  PACKETS_SHIFT,
  PROPERTIES,
  type PropertyName,
  REASON_STRING,
  RESPONSE_TOPIC,
  STRING_PAIR,
  SUBSCRIPTION_IDENTIFIER,
  TOPIC_ALIAS,
  TYPE_MASK,
  TYPE_SHIFT,
  typeOf,
  USER_PROPERTY,
  UTF8_STRING,
  VARIABLE_BYTE_INTEGER,
} from "./property-table.js";

/** Packets in which a server may explain itself even to a client that does not want it to (3.1.2.11.7). */
const MAY_EXPLAIN = (1 << PUBLISH) | (1 << CONNACK) | (1 << DISCONNECT);

/**
 * The properties of the packet that has come in, read where they lie, during the call that they are given to. They have
 * been checked before. The same object serves all packets. Reading allocates nothing but where that is said.
 *
 * All of them, in their order:
 *
 *     properties.rewind();
 *     while (properties.next()) if (properties.identifier === 38) trace(properties.name, properties.text);
 */
export class ReceivedProperties {
  /** The property's identifier (2.2.2.2). */
  identifier = 0;
  /** Its value, if that is a number or, as 0 or 1, a truth value. */
  value = 0;
  /** Where in `bytes` its text or data lies. */
  start = 0;
  end = 0;
  /** Where the name of a User Property lies. */
  nameStart = 0;
  nameEnd = 0;
  /** The alias that a PUBLISH has, or 0. */
  topicAlias = 0;
  /** Whether there is a Subscription Identifier. */
  hasSubscriptionIdentifier = false;
  /** Where they end in `bytes`. */
  limit = 0;
  private readonly view: DataView;
  private first = 0;
  private at = 0;

  /**
   * @param bytes what the properties lie in. Not to be written to.
   * @param wantsProblems whether the server may send Reason Strings and User Properties with all packets (3.1.2.11.7).
   */
  constructor(
    readonly bytes: Uint8Array,
    private readonly wantsProblems: boolean,
  ) {
    this.view = viewOf(bytes);
  }

  /** Goes to before the first property. */
  rewind(): void {
    this.at = this.first;
  }

  /** Goes to the next property. @returns false when there is none. */
  next(): boolean {
    return this.at < this.limit && this.read() > 0;
  }

  /** The number that the property has as its value; undefined when it is absent, of whatever type. Goes to it. */
  number(identifier: number): number | undefined {
    this.rewind();
    while (this.next()) if (this.identifier === identifier) return this.value;
    return undefined;
  }

  /** Whether the packet came for the subscription with this identifier. Goes to it. */
  isFor(subscriptionIdentifier: number): boolean {
    this.rewind();
    while (this.next()) if (this.identifier === SUBSCRIPTION_IDENTIFIER && this.value === subscriptionIdentifier) return true;
    return false;
  }

  /** The value of a property by its name in the standard; undefined when it is absent. Allocates what it returns. */
  get<Name extends PropertyName>(name: Name): PropertyValues[Name] | undefined {
    const row = PROPERTIES[name];
    const type = typeOf(row);
    const value =
      type === STRING_PAIR
        ? this.pairs()
        : this.number(row & IDENTIFIER_MASK) === undefined
          ? undefined
          : type === UTF8_STRING
            ? this.text
            : type === BINARY_DATA
              ? this.bytes.slice(this.start, this.end)
              : type === BYTE && name !== "maximumQoS"
                ? this.value > 0
                : this.value;
    return value as PropertyValues[Name] | undefined;
  }

  /** The text that the property has as its value. Allocates it. */
  get text(): string {
    return decodeUtf8(this.bytes, this.start, this.end);
  }

  /** The name of a User Property. Allocates it. */
  get name(): string {
    return decodeUtf8(this.bytes, this.nameStart, this.nameEnd);
  }

  private pairs(): string[][] | undefined {
    const pairs: string[][] = [];
    this.rewind();
    while (this.next()) if (this.identifier === USER_PROPERTY) pairs.push([this.name, this.text]);
    return pairs.length > 0 ? pairs : undefined;
  }

  /** There are none. */
  clear(): void {
    this.first = this.limit = this.topicAlias = 0;
    this.hasSubscriptionIdentifier = false;
  }

  /**
   * Takes the properties of a packet of this type, whose length is at `at`, and checks them. Allocates nothing.
   * @param end where the packet ends.
   * @returns what is wrong with them.
   */
  take(at: number, end: number, type: number): MqttError | undefined {
    this.clear();
    const header = readLength(this.bytes, at, end);
    const start = at + (header & 7);
    const limit = start + (header >>> 3);
    if (header <= 0 || limit > end) return malformed("properties past the end");
    this.first = this.at = start;
    this.limit = limit;
    let seen = 0;
    while (this.at < limit) {
      const row = this.read();
      if (row === 0 || this.at > limit) return malformed("a property that is none");
      const identifier = this.identifier;
      if (!((row >> (PACKETS_SHIFT + type)) & 1)) return malformed(`property ${identifier} in a packet of type ${type}`);
      const bit = 1 << (identifier % 31); // each has another one, in one packet
      if (seen & bit && identifier !== USER_PROPERTY && !(identifier === SUBSCRIPTION_IDENTIFIER && type === PUBLISH))
        return violation(`property ${identifier} twice`);
      seen |= bit;
      const error = this.checkValue(row, type);
      if (error) return error;
    }
    return undefined;
  }

  private checkValue(row: number, packet: number): MqttError | undefined {
    const identifier = this.identifier;
    const value = this.value;
    const type = (row >> TYPE_SHIFT) & TYPE_MASK;
    if (type >= UTF8_STRING) return this.checkText(type, packet);
    if (identifier === TOPIC_ALIAS) this.topicAlias = value;
    else if (identifier === SUBSCRIPTION_IDENTIFIER) this.hasSubscriptionIdentifier = true;
    if (type === BINARY_DATA || (type === BYTE ? value < 2 : value > 0 || !(row & NOT_ZERO))) return undefined;
    return violation(`property ${identifier} of ${value}`, identifier === TOPIC_ALIAS ? TOPIC_ALIAS_INVALID : undefined);
  }

  private checkText(type: number, packet: number): MqttError | undefined {
    const bytes = this.bytes;
    const view = this.view;
    const identifier = this.identifier;
    if (!isText(bytes, view, this.start, this.end)) return malformed("text that is not UTF-8");
    if (type === STRING_PAIR && !isText(bytes, view, this.nameStart, this.nameEnd)) return malformed("a name that is not UTF-8");
    if ((identifier === REASON_STRING || type === STRING_PAIR) && !this.wantsProblems && !((MAY_EXPLAIN >> packet) & 1))
      return violation("an explanation that was not asked for");
    return identifier === RESPONSE_TOPIC && !isTopicName(bytes, view, this.start, this.end)
      ? violation("a response topic with wildcards")
      : undefined;
  }

  /** Reads the property at `at` and goes behind it, which may be past the end. @returns what is known of it, or 0. */
  private read(): number {
    const bytes = this.bytes;
    let at = this.at + 1;
    const identifier = (this.identifier = bytes[at - 1]);
    const row = BY_IDENTIFIER[identifier] ?? 0;
    const type = (row >> TYPE_SHIFT) & TYPE_MASK;
    if (type > FOUR_BYTE_INTEGER) {
      if (type === STRING_PAIR) {
        this.nameStart = at + 2;
        this.nameEnd = at = this.nameStart + ((bytes[at] << 8) | bytes[at + 1]);
      }
      this.start = at + 2;
      this.end = at = this.start + ((bytes[at] << 8) | bytes[at + 1]);
    } else if (type === VARIABLE_BYTE_INTEGER) {
      const read = readLength(bytes, at, this.limit);
      if (read <= 0) return 0;
      this.value = read >>> 3;
      at += read & 7;
    } else {
      let value = bytes[at];
      for (let rest = 1; rest < type; rest++) value = value * 0x100 + bytes[at + rest];
      this.value = value;
      at += type;
    }
    this.at = at;
    return row;
  }
}
