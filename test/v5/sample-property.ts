import type { Property } from "../support/v5/packets.js";
import { PROPERTIES, type PropertyName } from "../support/v5/property-table.js";

/** A property of this name with a value that the standard allows. */
export function sampleProperty(name: PropertyName): Property {
  const { type } = PROPERTIES[name];
  // Sound, since each type's value is the one that `Property` has for the names of that type.
  if (type === "pair") return [name, ["name", "value"]] as Property;
  return [name, type === "text" ? "text" : type === "binary" ? Uint8Array.of(1, 0) : 1] as Property;
}
