/** The packets that have come whole, of a stream whose last one may still be on its way. */
export function wholePackets<Packet extends { readonly bytes: Uint8Array }>(
  bytes: Uint8Array,
  firstPacket: (bytes: Uint8Array) => Packet | undefined,
): Packet[] {
  const packets: Packet[] = [];
  for (let next = firstPacket(bytes); next !== undefined; next = firstPacket(bytes)) {
    packets.push(next);
    bytes = bytes.slice(next.bytes.length);
  }
  return packets;
}
