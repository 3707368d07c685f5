import { MqttError } from "../errors.js";
import { DOLLAR, HASH, PLUS, SLASH } from "./topic.js";
import { decodeUtf8, encodeString } from "./utf8.js";

/**
 * A topic filter, checked and encoded once, that topics are matched against byte by byte (MQTT 3.1.1, 4.7).
 * Costs its UTF-8 bytes plus 2, and about 8 slots.
 */
export class TopicFilter {
  /** As it stands in a SUBSCRIBE: two bytes of length, then UTF-8. Not to be written to. */
  readonly bytes: Uint8Array;

  /** @throws MqttError `ERR_TOPIC_FILTER` when empty, over 65,535 bytes, or with U+0000 or a misplaced wildcard. */
  constructor(filter: string) {
    const bytes = encodeString(filter);
    if (!bytes || !isTopicFilter(bytes))
      throw new MqttError(
        "ERR_TOPIC_FILTER",
        `not a topic filter: "${filter}" ("+" fills a level, "#" the last level; 1 to 65535 bytes, no U+0000)`,
      );
    this.bytes = bytes;
  }

  /**
   * Whether the topic name in `bytes`, from `start` to `end`, matches. A leading wildcard does not match a topic that
   * begins with `$` (4.7.2); nothing is normalized (4.7.3). Allocates nothing.
   */
  matches(bytes: Uint8Array, start: number, end: number): boolean {
    const filter = this.bytes;
    const filterEnd = filter.length;
    let at = 2;
    if (bytes[start] === DOLLAR && filter[at] !== DOLLAR) return false;
    while (at < filterEnd) {
      const byte = filter[at++];
      if (byte === bytes[start] && start < end) start++;
      else if (byte === PLUS) while (start < end && bytes[start] !== SLASH) start++;
      else if (byte === HASH) return true;
      else return start === end && byte === SLASH && filter[at] === HASH; // "a/#" matches "a" too (4.7.1.2)
    }
    return start === end;
  }

  /** Whether both are the same filter, byte for byte (3.10.4). */
  equals(other: TopicFilter): boolean {
    return this.bytes.length === other.bytes.length && this.bytes.every((byte, at) => byte === other.bytes[at]);
  }

  /** The filter as text. Allocates it. */
  toString(): string {
    return decodeUtf8(this.bytes, 2, this.bytes.length);
  }
}

function isTopicFilter(bytes: Uint8Array): boolean {
  const end = bytes.length;
  for (let at = 2; at < end; at++) {
    if (bytes[at] !== PLUS && bytes[at] !== HASH) continue;
    const levelStarts = at === 2 || bytes[at - 1] === SLASH;
    const levelEnds = at + 1 === end || (bytes[at] === PLUS && bytes[at + 1] === SLASH);
    if (!levelStarts || !levelEnds) return false;
  }
  return end > 2;
}
