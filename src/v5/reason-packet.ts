import { frame, put, writeLength } from "../index.js";
import { MAXIMUM_HEADER } from "../wire/frame.js";

/**
 * Writes a DISCONNECT or AUTH in its shortest form (3.14.2.1, 3.15.2.1), to the front. @returns its length.
 * @throws MqttError `ERR_PACKET_SIZE`.
 */
export function writeReason(bytes: Uint8Array, type: number, reasonCode: number, properties: Uint8Array | undefined): number {
  const length = properties ? properties.length : 0;
  let at = MAXIMUM_HEADER;
  if (reasonCode > 0 || length > 0) bytes[at++] = reasonCode;
  if (properties && length > 0) at = put(bytes, writeLength(bytes, at, length), properties);
  return frame(bytes, type << 4, at);
}
