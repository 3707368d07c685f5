/**
 * A payload whose first byte is `number`, 0 to 255, and whose every byte follows from that: what is changed, shifted or
 * mixed up on the way is not the same any more. Without a byte it says nothing: then the topic must tell it from others.
 */
export function knownPayload(number: number, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => number + at * 7 + (at >> 8));
}
