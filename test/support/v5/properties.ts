import { concat, mqttString, remainingLength, uint16 } from "../packets.js";
import { PROPERTIES, type PropertyName, type PropertyType } from "./property-table.js";

/** Text, or in its place bytes, which may be no UTF-8. */
export type Text = string | Uint8Array;

/** What `property` writes: any number that has room, whether the standard allows it or not. */
type Written<Type extends PropertyType> = Type extends "text" | "binary"
  ? Text
  : Type extends "pair"
    ? readonly [name: Text, value: Text]
    : number;

/** One property: its name in the standard, in camelCase, and its value. */
export type Property = {
  [Name in PropertyName]: readonly [name: Name, value: Written<(typeof PROPERTIES)[Name]["type"]>];
}[PropertyName];

/**
 * The properties of a packet, in the order they are written; bytes among them are written as they are. They may be any: twice, in
 * a packet where they do not belong, with values that do not exist. In place of the array, bytes stand for the whole field, its
 * Property Length included.
 */
export type PropertyList = readonly (Property | Uint8Array)[] | Uint8Array;

/** Four bytes, the most significant first (1.5.3). */
export function uint32(value: number): Uint8Array {
  return concat(uint16(Math.floor(value / 0x10000)), uint16(value % 0x10000));
}

/** A Variable Byte Integer (1.5.5), in as few bytes as it takes. */
export const variableByteInteger = remainingLength;

/** One property: its identifier, then its value (2.2.2.2). */
export function property([name, value]: Property): Uint8Array {
  const { identifier, type } = PROPERTIES[name];
  return concat(variableByteInteger(identifier), typeof value === "number" ? number(type, value) : text(value));
}

/** Property Length, and the properties (2.2.2). */
export function properties(list: PropertyList): Uint8Array {
  if (list instanceof Uint8Array) return list;
  const content = concat(...list.map((item) => (item instanceof Uint8Array ? item : property(item))));
  return concat(variableByteInteger(content.length), content);
}

function number(type: PropertyType, value: number): Uint8Array {
  switch (type) {
    case "flag":
      return Uint8Array.of(fitting(value, 0xff));
    case "uint16":
    case "positive uint16":
      return uint16(fitting(value, 0xffff));
    case "uint32":
    case "positive uint32":
      return uint32(fitting(value, 0xffffffff));
    case "positive variable byte integer":
      return variableByteInteger(fitting(value, 0xfffffff));
    default:
      throw new Error(`the number ${value} where ${type} is expected`);
  }
}

function fitting(value: number, maximum: number): number {
  if (!Number.isInteger(value) || value < 0 || value > maximum) throw new Error(`${value} is not in 0..${maximum}`);
  return value;
}

function text(value: Text | readonly [Text, Text]): Uint8Array {
  return typeof value === "string" || value instanceof Uint8Array ? mqttString(value) : concat(...value.map(mqttString));
}
