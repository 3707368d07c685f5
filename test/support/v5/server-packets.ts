// What a server sends, in MQTT 5.0. Nothing is checked, so that tests can write what no server may send.

import { concat, mqttString, packet, pingresp, uint16, utf8, type QoS } from "../packets.js";
import { properties, type PropertyList, type Text } from "./properties.js";

export { pingresp };

/**
 * How a packet is written that may leave out its end: "short" leaves out Property Length where there are no properties, and the
 * Reason Code too where it is 0x00; "long" always writes both. AUTH with another code than 0x00 always has a Property Length.
 */
export type Form = "short" | "long";

/** What `connack` puts together. */
export interface ConnackFields {
  readonly sessionPresent?: boolean;
  /** 0x00 unless given. */
  readonly reasonCode?: number;
  readonly properties?: PropertyList;
}

/** CONNACK (3.2), which has no shorter form. */
export function connack(fields: ConnackFields = {}): Uint8Array {
  const flags = fields.sessionPresent === true ? 1 : 0;
  return packet(0x20, Uint8Array.of(flags, fields.reasonCode ?? 0), properties(fields.properties ?? []));
}

/** What `publish` puts together. */
export interface PublishFields {
  readonly topic: Text;
  readonly payload?: Text;
  readonly qos?: QoS;
  readonly retain?: boolean;
  readonly dup?: boolean;
  /** 1 unless given; left out of the packet with QoS 0. */
  readonly identifier?: number;
  readonly properties?: PropertyList;
}

/** PUBLISH (3.3). */
export function publish(fields: PublishFields): Uint8Array {
  const qos = fields.qos ?? 0;
  const flags = (fields.dup === true ? 8 : 0) | (qos << 1) | (fields.retain === true ? 1 : 0);
  const payload = fields.payload ?? "";
  return packet(
    0x30 | flags,
    mqttString(fields.topic),
    qos === 0 ? Uint8Array.of() : uint16(fields.identifier ?? 1),
    properties(fields.properties ?? []),
    typeof payload === "string" ? utf8(payload) : payload,
  );
}

/** PUBACK (3.4). */
export function puback(identifier: number, reasonCode = 0, list: PropertyList = [], form: Form = "short"): Uint8Array {
  return packet(0x40, uint16(identifier), ending(reasonCode, list, form));
}

/** PUBREC (3.5). */
export function pubrec(identifier: number, reasonCode = 0, list: PropertyList = [], form: Form = "short"): Uint8Array {
  return packet(0x50, uint16(identifier), ending(reasonCode, list, form));
}

/** PUBREL (3.6). */
export function pubrel(identifier: number, reasonCode = 0, list: PropertyList = [], form: Form = "short"): Uint8Array {
  return packet(0x62, uint16(identifier), ending(reasonCode, list, form));
}

/** PUBCOMP (3.7). */
export function pubcomp(identifier: number, reasonCode = 0, list: PropertyList = [], form: Form = "short"): Uint8Array {
  return packet(0x70, uint16(identifier), ending(reasonCode, list, form));
}

/** SUBACK (3.9), with one Reason Code for each filter of the SUBSCRIBE; it has no shorter form. */
export function suback(identifier: number, reasonCodes: number | readonly number[], list: PropertyList = []): Uint8Array {
  return packet(0x90, uint16(identifier), properties(list), codes(reasonCodes));
}

/** UNSUBACK (3.11), with one Reason Code for each filter of the UNSUBSCRIBE; it has no shorter form. */
export function unsuback(identifier: number, reasonCodes: number | readonly number[], list: PropertyList = []): Uint8Array {
  return packet(0xb0, uint16(identifier), properties(list), codes(reasonCodes));
}

/** DISCONNECT (3.14). */
export function disconnect(reasonCode = 0, list: PropertyList = [], form: Form = "short"): Uint8Array {
  return packet(0xe0, ending(reasonCode, list, form));
}

/** AUTH (3.15). Nothing but Success without properties may be left out of it. */
export function auth(reasonCode = 0, list: PropertyList = [], form: Form = "short"): Uint8Array {
  return packet(0xf0, ending(reasonCode, list, reasonCode === 0 ? form : "long"));
}

function codes(reasonCodes: number | readonly number[]): Uint8Array {
  return typeof reasonCodes === "number" ? Uint8Array.of(reasonCodes) : Uint8Array.from(reasonCodes);
}

/** Reason Code and properties, as far as they have to be written. */
function ending(reasonCode: number, list: PropertyList, form: Form): Uint8Array {
  const whole = concat(Uint8Array.of(reasonCode), properties(list));
  if (form === "long" || list.length > 0) return whole;
  return reasonCode === 0 ? Uint8Array.of() : Uint8Array.of(reasonCode);
}
