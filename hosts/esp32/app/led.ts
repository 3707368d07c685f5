import type { Message } from "mqtt-xs";

interface Switch {
  on(): void;
  off(): void;
}

/** What the SDK's support of a board brings along as the global `Host`; many boards have no LED, and some no `Host`. */
interface Host {
  readonly LED?: { readonly Default?: new (options: object) => Switch };
}

/** The board's LED, if it has one. */
export class Led {
  readonly #switch: Switch | undefined;

  constructor() {
    const { Host: host } = globalThis as { Host?: Host };
    this.#switch = host?.LED?.Default && new host.LED.Default({});
  }

  /** Obeys "on" and "off"; anything else changes nothing. Allocates the text. */
  obey(message: Message): void {
    const command = message.text();
    if (command === "on") this.#switch?.on();
    else if (command === "off") this.#switch?.off();
  }
}
