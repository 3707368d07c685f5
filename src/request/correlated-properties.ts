import { type GivenProperties, Properties } from "../v5.js";
import { CORRELATION_DATA, DATA_HEADER } from "./received-property.js";
import { type ResizableBytes, resizableBytes } from "./resizable-bytes.js";

/** What a request, or an answer, can have besides Response Topic and Correlation Data. */
export type MessageProperties = Pick<
  GivenProperties,
  "payloadFormatIndicator" | "messageExpiryInterval" | "contentType" | "userProperties"
>;

/**
 * Properties, prepared once, with room behind them for Correlation Data, which are written over for each message: that is
 * what no other `Properties` allow. A client has all it needs of them once `publish` returns, but for topics with an alias at
 * QoS 1 and 2, which these are never given to. Made by `properties` of a `Requester` or `Responder`, and for that one alone.
 */
export class CorrelatedProperties extends Properties {
  /** As they stand in a packet, with as much Correlation Data as the message has. */
  declare readonly bytes: ResizableBytes;
  /** Where the property Correlation Data begins. */
  readonly end: number;

  /** @param size bytes of the longest Correlation Data. @throws MqttError `ERR_ARGUMENT`, `ERR_TOPIC`. */
  constructor(given: GivenProperties, size: number) {
    super({ ...given, correlationData: undefined } as object); // there may be one, of a caller who knows no types
    const prepared: Uint8Array = this.bytes;
    this.end = prepared.length;
    this.bytes = resizableBytes(this.end + DATA_HEADER + size);
    this.bytes.set(prepared);
    this.bytes[this.end] = CORRELATION_DATA;
    this.bytes[this.end + 1] = size >> 8;
    this.bytes[this.end + 2] = size;
  }
}
