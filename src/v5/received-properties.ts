import type { MqttError } from "../errors.js";
import { readLength } from "../wire/frame.js";
import { CONNACK, DISCONNECT, PUBLISH } from "../wire/packet-type.js";
import { isTopicName, viewOf } from "../wire/topic.js";
import { decodeUtf8 } from "../wire/utf8.js";
import { malformed, TOPIC_ALIAS_INVALID, violation } from "./errors.js";
import { isText } from "./is-text.js";
import type { PropertyValues } from "./properties.js";
import {
  BINARY_DATA,
  BY_IDENTIFIER,
  BYTE,
  IDENTIFIER_MASK,
  PACKETS_SHIFT,
  PROPERTIES,
  type PropertyName,
  REASON_STRING,
  RESPONSE_TOPIC,
  STRING_PAIR,
  SUBSCRIPTION_IDENTIFIER,
  TOPIC_ALIAS,
  typeOf,
  USER_PROPERTY,
  UTF8_STRING,
  VARIABLE_BYTE_INTEGER,
} from "./property-table.js";

/** Those whose value may not be 0, one bit each. */
const NOT_ZERO = (1 << (33 % 31)) | (1 << (39 % 31)) | (1 << (SUBSCRIPTION_IDENTIFIER % 31)) | (1 << (TOPIC_ALIAS % 31));
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
  /** What the properties lie in. Not to be written to. */
  readonly bytes: Uint8Array;
  readonly #view: DataView;
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
  readonly #wantsProblems: boolean;
  #first = 0;
  #limit = 0;
  #at = 0;

  /** @param wantsProblems whether the server may send Reason Strings and User Properties with all packets (3.1.2.11.7). */
  constructor(bytes: Uint8Array, wantsProblems: boolean) {
    this.bytes = bytes;
    this.#view = viewOf(bytes);
    this.#wantsProblems = wantsProblems;
  }

  /** Goes to before the first property. */
  rewind(): void {
    this.#at = this.#first;
  }

  /** Goes to the next property. @returns false when there is none. */
  next(): boolean {
    return this.#at < this.#limit && this.#read();
  }

  /** The number that the property has as its value; undefined when it is absent. Goes to it. */
  number(identifier: number): number | undefined {
    return this.#find(identifier) ? this.value : undefined;
  }

  /** Whether the packet came for the subscription with this identifier. Goes to it. */
  isFor(subscriptionIdentifier: number): boolean {
    this.rewind();
    while (this.next()) if (this.identifier === SUBSCRIPTION_IDENTIFIER && this.value === subscriptionIdentifier) return true;
    return false;
  }

  /** The value of a property by its name in the standard; undefined when it is absent. Allocates what it returns. */
  get<Name extends PropertyName>(name: Name): PropertyValues[Name] | undefined {
    return this.#get(name) as PropertyValues[Name] | undefined;
  }

  /** The text that the property has as its value. Allocates it. */
  get text(): string {
    return decodeUtf8(this.bytes, this.start, this.end);
  }

  /** The name of a User Property. Allocates it. */
  get name(): string {
    return decodeUtf8(this.bytes, this.nameStart, this.nameEnd);
  }

  /** Where they end in `bytes`. */
  get limit(): number {
    return this.#limit;
  }

  /** There are none. */
  clear(): void {
    this.#first = this.#limit = this.topicAlias = 0;
    this.hasSubscriptionIdentifier = false;
  }

  /**
   * Takes the properties of a packet of this type, whose length is at `at`.
   * @param end where the packet ends.
   * @returns what is wrong with them.
   */
  take(at: number, end: number, type: number): MqttError | undefined {
    this.clear();
    const length = at < end ? this.bytes[at] : 0x80;
    let start = at + 1;
    let limit = start + length;
    if (length > 0x7f) {
      const header = readLength(this.bytes, at, end);
      if (header <= 0) return malformed("no length of properties");
      start = at + (header & 7);
      limit = start + (header >>> 3);
    }
    if (limit > end) return malformed("properties past the end");
    this.#first = this.#at = start;
    this.#limit = limit;
    return start === limit ? undefined : this.#check(type);
  }

  #check(type: number): MqttError | undefined {
    let seen = 0;
    while (this.#at < this.#limit) {
      if (!this.#read() || this.#at > this.#limit) return malformed("a property that is none");
      const identifier = this.identifier;
      const row = BY_IDENTIFIER[identifier] ?? 0;
      if (!((row >> (PACKETS_SHIFT + type)) & 1)) return malformed(`property ${identifier} in a packet of type ${type}`);
      const mayRepeat = identifier === USER_PROPERTY || (identifier === SUBSCRIPTION_IDENTIFIER && type === PUBLISH);
      const bit = 1 << (identifier % 31); // each has another one, in one packet
      if (seen & bit && !mayRepeat) return violation(`property ${identifier} twice`);
      seen |= bit;
      const error = this.#checkValue(typeOf(row), bit, type);
      if (error) return error;
    }
    return undefined;
  }

  #checkValue(type: number, bit: number, packet: number): MqttError | undefined {
    const identifier = this.identifier;
    const value = this.value;
    if (type === BYTE && value > 1) return violation(`property ${identifier} of ${value}`);
    if (type >= UTF8_STRING) {
      if (type === STRING_PAIR && !isText(this.bytes, this.nameStart, this.nameEnd)) return malformed("a name that is not UTF-8");
      if (!isText(this.bytes, this.start, this.end)) return malformed("text that is not UTF-8");
      if ((identifier === REASON_STRING || identifier === USER_PROPERTY) && !this.#wantsProblems && !((MAY_EXPLAIN >> packet) & 1))
        return violation("problem information that was not asked for");
      if (identifier === RESPONSE_TOPIC && !isTopicName(this.bytes, this.#view, this.start, this.end))
        return violation("a response topic with wildcards");
      return undefined;
    }
    if (identifier === TOPIC_ALIAS) {
      this.topicAlias = value;
      return value === 0 ? violation("topic alias 0", TOPIC_ALIAS_INVALID) : undefined;
    }
    if (identifier === SUBSCRIPTION_IDENTIFIER) this.hasSubscriptionIdentifier = true;
    return value === 0 && bit & NOT_ZERO && type !== BINARY_DATA ? violation(`property ${identifier} of 0`) : undefined;
  }

  /** Reads the property at `#at` and goes behind it, which may be past the end. Returns false where there is none. */
  #read(): boolean {
    const bytes = this.bytes;
    let at = this.#at;
    const identifier = bytes[at++];
    const type = typeOf(BY_IDENTIFIER[identifier] ?? 0);
    this.identifier = identifier;
    if (type > VARIABLE_BYTE_INTEGER + 1) {
      if (type === STRING_PAIR) {
        this.nameStart = at + 2;
        this.nameEnd = at = this.nameStart + ((bytes[at] << 8) | bytes[at + 1]);
      }
      this.start = at + 2;
      this.end = at = this.start + ((bytes[at] << 8) | bytes[at + 1]);
    } else if (type === VARIABLE_BYTE_INTEGER) {
      const read = readLength(bytes, at, this.#limit);
      if (read <= 0) return false;
      this.value = read >>> 3;
      at += read & 7;
    } else {
      let value = 0;
      for (let left = type; left > 0; left--) value = value * 0x100 + bytes[at++];
      this.value = value;
    }
    this.#at = at;
    return type > 0;
  }

  #find(identifier: number): boolean {
    this.rewind();
    while (this.next()) if (this.identifier === identifier) return true;
    return false;
  }

  #get(name: PropertyName): unknown {
    const row = PROPERTIES[name];
    const type = typeOf(row);
    if (type === STRING_PAIR) return this.#userProperties();
    if (!this.#find(row & IDENTIFIER_MASK)) return undefined;
    if (type === UTF8_STRING) return this.text;
    if (type === BINARY_DATA) return this.bytes.slice(this.start, this.end);
    return type === BYTE && name !== "maximumQoS" ? this.value > 0 : this.value;
  }

  #userProperties(): [string, string][] | undefined {
    const pairs: [string, string][] = [];
    this.rewind();
    while (this.next()) if (this.identifier === USER_PROPERTY) pairs.push([this.name, this.text]);
    return pairs.length > 0 ? pairs : undefined;
  }
}
