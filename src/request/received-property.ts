import type { ReceivedProperties } from "../v5.js";

// Identifiers of properties (2.2.2.2).
export const RESPONSE_TOPIC = 8;
export const CORRELATION_DATA = 9;

/** Bytes in front of the data: the identifier and a length. */
export const DATA_HEADER = 3;

/** Goes to a property of a message, if it is there. Allocates nothing. */
export function goTo(properties: ReceivedProperties, identifier: number): boolean {
  properties.rewind();
  while (properties.next()) if (properties.identifier === identifier) return true;
  return false;
}
