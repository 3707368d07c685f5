import { Cursor } from "../packets.js";
import {
  namesOf,
  PROPERTIES,
  propertyNamed,
  type ClientProperties,
  type PropertyName,
  type PropertyPlace,
  type PropertyType,
} from "./property-table.js";

type Value = number | string | Uint8Array | readonly [name: string, value: string];

/** A `Cursor` that knows what 5.0 has and 3.1.1 has not. Throws a plain `Error` where a client has broken the standard. */
export class PropertiesCursor extends Cursor {
  /** Four bytes, the most significant first (1.5.3). */
  uint32(): number {
    return this.uint16() * 0x10000 + this.uint16();
  }

  /** 1.5.5. */
  variableByteInteger(): number {
    let value = 0;
    for (let index = 0; index < 4; index++) {
      const byte = this.byte();
      value += (byte & 127) * 128 ** index;
      if (byte >= 128) continue;
      if (byte === 0 && index > 0) throw new Error("a Variable Byte Integer in more bytes than it takes [MQTT-1.5.5-1]");
      return value;
    }
    throw new Error("a Variable Byte Integer of more than four bytes (1.5.5)");
  }

  /** 1.5.7. */
  stringPair(): readonly [name: string, value: string] {
    return [this.string(), this.string()];
  }

  /** Property Length and what a client may send in `place` (2.2.2). */
  clientProperties<Place extends PropertyPlace>(place: Place): ClientProperties<Place> {
    const cursor = new PropertiesCursor(this.take(this.variableByteInteger()));
    const found: Partial<Record<PropertyName | "userProperties", unknown>> = {};
    const pairs: unknown[] = [];
    while (cursor.left > 0) {
      const name = cursor.#name(place);
      if (name in found) throw new Error(`${name} twice in ${place}`);
      const value = cursor.#value(name);
      if (name === "userProperty") pairs.push(value);
      else found[name] = value;
    }
    if (pairs.length > 0) found.userProperties = pairs;
    // Sound, since the names are those of the table that ClientProperties is made from, and the values those of their types.
    return found as ClientProperties<Place>;
  }

  #name(place: PropertyPlace): PropertyName {
    const identifier = this.variableByteInteger();
    const name = propertyNamed(identifier);
    if (name === undefined) throw new Error(`${identifier} is no property's identifier (2.2.2.2)`);
    if (!namesOf("client", place).includes(name)) throw new Error(`a client may not send ${name} in ${place} (2.2.2.2)`);
    return name;
  }

  #value(name: PropertyName): Value {
    const { type } = PROPERTIES[name];
    const value = this.#valueOfType(type);
    if (value === 0 && type.startsWith("positive")) throw new Error(`${name} is 0`);
    if (type === "flag" && value !== 0 && value !== 1) throw new Error(`${name} is ${String(value)}, neither 0 nor 1`);
    return value;
  }

  #valueOfType(type: PropertyType): Value {
    switch (type) {
      case "flag":
        return this.byte();
      case "uint16":
      case "positive uint16":
        return this.uint16();
      case "uint32":
      case "positive uint32":
        return this.uint32();
      case "positive variable byte integer":
        return this.variableByteInteger();
      case "text":
        return this.string();
      case "binary":
        return this.binary();
      case "pair":
        return this.stringPair();
    }
  }
}
