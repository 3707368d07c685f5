import { Topic as PlainTopic, wrong } from "../index.js";

/**
 * A topic name, checked and encoded once, that goes out only once in a connection: from then on its Topic Alias stands for
 * it (3.3.2.3.4), as far as the server takes aliases. Costs what that of `mqtt-xs` does, and a slot.
 */
export class Topic extends PlainTopic {
  /** 0 until one is assigned. */
  alias: number;

  /**
   * @param alias 1 to 65,535; 0 has the first client that publishes to it assign one.
   * @throws MqttError `ERR_TOPIC`, `ERR_ARGUMENT`.
   */
  constructor(name: string, alias = 0) {
    super(name);
    if (!(Number.isInteger(alias) && alias >= 0 && alias <= 0xffff)) throw wrong("alias", "0 to 65535");
    this.alias = alias;
  }
}
