import { decodeUtf8, type Message as PlainMessage, ReceivedMessage as PlainReceivedMessage, wrong } from "../index.js";
import { PUBACK } from "../wire/packet-type.js";
import { mayStandIn } from "./reason-codes.js";
import type { ReceivedProperties } from "./received-properties.js";

/** What only a server says. */
const NO_SUBSCRIBERS = 0x10;

/** A message that came in, or one piece of it, as in 3.1.1; with its properties, at every piece. */
export interface Message extends PlainMessage {
  readonly properties: ReceivedProperties;
  /**
   * What the acknowledgement of a QoS 1 or 2 message will say: 0, or what the application sets during the call to refuse
   * it: 0x80, 0x83, 0x87, 0x90, 0x91, 0x97 or 0x99 (3.4.2.1). Setting another throws `ERR_ARGUMENT`.
   */
  reasonCode: number;
}

/** The one `Message` of a session. */
export class ReceivedMessage extends PlainReceivedMessage implements Message {
  readonly properties: ReceivedProperties;
  /** Where the topic lies: in `bytes`, or where it is remembered for its alias. */
  topicBytes: Uint8Array;
  topicView: DataView;
  /** What `reasonCode` holds. */
  code = 0;

  constructor(properties: ReceivedProperties) {
    super(properties.bytes);
    this.properties = properties;
    this.topicBytes = this.bytes;
    this.topicView = this.view;
  }

  get reasonCode(): number {
    return this.code;
  }

  set reasonCode(code: number) {
    if (code === NO_SUBSCRIBERS || !mayStandIn(PUBACK, code))
      throw wrong("reasonCode", "0, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97 or 0x99");
    this.code = code;
  }

  override get topic(): string {
    return decodeUtf8(this.topicBytes, this.topicStart, this.topicEnd);
  }
}
