import { MqttError, viewOf } from "../index.js";
import { QUOTA_EXCEEDED, TOPIC_ALIAS_INVALID, violation } from "./errors.js";
import type { ReceivedMessage } from "./message.js";

/** The topics that the server has given an alias in this connection, in fixed memory (3.3.2.3.4). */
export class TopicAliasTable {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly lengths: Uint16Array;

  /** @param count how many aliases there are. @param size bytes of the longest topic. */
  constructor(
    count: number,
    private readonly size: number,
  ) {
    this.bytes = new Uint8Array(count * size);
    this.view = viewOf(this.bytes);
    this.lengths = new Uint16Array(count);
  }

  /** Another connection begins: all are forgotten. */
  clear(): void {
    this.lengths.fill(0);
  }

  /**
   * Remembers the message's topic for its alias or, where it has none, gives it the one that was remembered. Allocates
   * nothing. @returns what is wrong with the alias, which is 1 or more.
   */
  resolve(message: ReceivedMessage, alias: number): MqttError | undefined {
    const lengths = this.lengths;
    const start = message.topicStart;
    const length = message.topicEnd - start;
    const at = --alias * this.size;
    if (alias >= lengths.length) return violation("a topic alias above topicAliasMaximum", TOPIC_ALIAS_INVALID);
    if (length > this.size)
      return new MqttError("ERR_RECEIVE_SIZE", "a topic with an alias does not fit topicAliasSize", "resources", QUOTA_EXCEEDED);
    if (length > 0) {
      lengths[alias] = length;
      // No native copy from amid a buffer goes without a `subarray`.
      for (let index = 0; index < length; index++) this.bytes[at + index] = message.bytes[start + index];
      return undefined;
    }
    if (lengths[alias] === 0) return violation("a topic alias without a topic");
    message.topicBytes = this.bytes;
    message.topicView = this.view;
    message.topicStart = at;
    message.topicEnd = at + lengths[alias];
    return undefined;
  }
}
