import type { ReceivedMessage } from "../session/message.js";

/** The topic that came last, as text: the next message's is often the same, and then nothing is allocated. */
export class LastTopic {
  private bytes = new Uint8Array(0);
  private text = "";

  /** The topic of a message. */
  of(message: ReceivedMessage): string {
    if (!this.isThat(message)) {
      this.bytes = message.bytes.slice(message.topicStart, message.topicEnd);
      this.text = message.topic;
    }
    return this.text;
  }

  private isThat({ bytes, topicStart, topicEnd }: ReceivedMessage): boolean {
    const known = this.bytes;
    if (topicEnd - topicStart !== known.length) return false;
    for (let at = 0; at < known.length; at++) if (bytes[topicStart + at] !== known[at]) return false;
    return true;
  }
}
