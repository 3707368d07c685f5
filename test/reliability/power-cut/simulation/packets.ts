import type { Message } from "./traffic.js";

// Written from the standards and with nothing from src. Only what the scenario needs: no packet has 128 bytes or more.

/** Versions, in the numbers that CONNECT gives them. */
export type Protocol = 4 | 5;

/** Control packet types. */
export const CONNECT = 1;
export const PUBLISH = 3;
export const PUBACK = 4;
export const PUBREC = 5;
export const PUBREL = 6;
export const PUBCOMP = 7;
export const SUBSCRIBE = 8;
export const PINGREQ = 12;
export const DISCONNECT = 14;

/** What the broker announces with 5.0: fewer messages under way than the device has slots, and fewer aliases than topics. */
export const RECEIVE_MAXIMUM = 2;
export const TOPIC_ALIAS_MAXIMUM = 2;

const TOPIC_ALIAS = 0x23;

/** A PUBLISH as it came in. */
export interface Published {
  readonly qos: number;
  readonly dup: boolean;
  readonly identifier: number;
  /** Empty where an alias stands for it. */
  readonly topic: string;
  /** 0 for none. */
  readonly alias: number;
  readonly payload: Uint8Array;
}

/** CONNACK that accepts. */
export function connack(protocol: Protocol, sessionPresent: boolean): Uint8Array {
  const head = [sessionPresent ? 1 : 0, 0];
  return packet(0x20, protocol === 4 ? head : [...head, 6, 0x21, 0, RECEIVE_MAXIMUM, 0x22, 0, TOPIC_ALIAS_MAXIMUM]);
}

/** SUBACK that grants QoS 2 to one filter. */
export function suback(protocol: Protocol, identifier: number): Uint8Array {
  return packet(0x90, [identifier >> 8, identifier & 255, ...(protocol === 4 ? [] : [0]), 2]);
}

/** PUBACK, PUBREC, PUBREL or PUBCOMP. */
export function acknowledgement(type: number, identifier: number): Uint8Array {
  return packet((type << 4) | (type === PUBREL ? 2 : 0), [identifier >> 8, identifier & 255]);
}

/** PINGRESP. */
export function pingresp(): Uint8Array {
  return packet(0xd0, []);
}

/** PUBLISH. */
export function publish(protocol: Protocol, { topic, qos, payload }: Message, identifier: number, dup: boolean): Uint8Array {
  const name = Array.from(topic, (character) => character.charCodeAt(0));
  const properties = protocol === 4 ? [] : [0];
  const first = (PUBLISH << 4) | (dup ? 8 : 0) | (qos << 1);
  return packet(first, [0, name.length, ...name, identifier >> 8, identifier & 255, ...properties, ...payload]);
}

/** Takes a PUBLISH apart, given its first byte and what follows its length. */
export function parsePublish(protocol: Protocol, first: number, body: Uint8Array): Published {
  const qos = (first >> 1) & 3;
  let at = 2 + body[1];
  const topic = String.fromCharCode(...body.slice(2, at));
  const identifier = (body[at] << 8) | body[at + 1];
  at += 2;
  const alias = protocol === 5 && body[at] > 0 && body[at + 1] === TOPIC_ALIAS ? (body[at + 2] << 8) | body[at + 3] : 0;
  if (protocol === 5) at += 1 + body[at];
  return { qos, dup: (first & 8) > 0, identifier, topic, alias, payload: body.slice(at) };
}

function packet(first: number, body: readonly number[]): Uint8Array {
  if (body.length > 127) throw new Error("a packet is longer than the simulation knows");
  return Uint8Array.of(first, body.length, ...body);
}
