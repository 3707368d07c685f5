import { DATA_HEADER } from "./received-property.js";
import { type ResizableBytes, resizableBytes } from "./resizable-bytes.js";

/** Bytes of a topic name's length (1.5.4). */
export const LENGTH_SIZE = 2;

/** A place for what an answer takes of its request. Serves as the topic of the answer, which has no alias. */
export class PendingRequest {
  number: number;
  /** Whether it is to be answered later. */
  isKept = false;
  /** The Response Topic, as it stands in a PUBLISH. */
  readonly bytes: ResizableBytes;
  /** The property Correlation Data, as it stands in a PUBLISH; nothing where the request has none. */
  readonly correlation: ResizableBytes;

  constructor(number: number, topicSize: number, correlationSize: number) {
    this.number = number;
    this.bytes = resizableBytes(LENGTH_SIZE + topicSize);
    this.correlation = resizableBytes(DATA_HEADER + correlationSize);
  }
}
