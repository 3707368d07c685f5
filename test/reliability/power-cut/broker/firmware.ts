import { type Clock, type Transport, WOULD_BLOCK } from "mqtt-xs";
import type { Flash, SessionStore } from "mqtt-xs/store";
import { Device } from "../simulation/device.js";
import type { Protocol } from "../simulation/packets.js";
import { incoming, isSame, numberOf, outgoing } from "../simulation/traffic.js";

/** What the firmware tells, each with one number, at once and before anything else happens. */
export const REPORTS = ["attempt", "accepted", "received", "waiting", "torn", "failure"] as const;
export type Report = (typeof REPORTS)[number];

/** What the firmware runs on. */
export interface FirmwareParts {
  readonly protocol: Protocol;
  readonly flash: Flash;
  readonly transport: Transport;
  readonly clock: Clock;
  /** The number of the message that it publishes first; 0: none, but what is stored goes out. */
  readonly first: number;
  /**
   * What it has to tell: a message is about to be published, or was taken, or came in (0: none that was
   * sent); how many wait; a record was torn; the store has failed otherwise.
   */
  readonly report: (name: Report, number: number) => void;
  /** Puts something between the session and its store, for tests of the checks themselves. */
  readonly disturb?: ((store: SessionStore) => SessionStore) | undefined;
}

/** Boots a device that publishes for as long as it has power: a message or two, by turns, for each that has arrived. */
export function startFirmware(parts: FirmwareParts): void {
  new Firmware(parts);
}

/** The most messages in its queue. */
const QUEUED = 5;

class Firmware {
  private readonly outgoing = outgoing();
  private readonly incoming = incoming();
  private readonly device: Device;
  private next: number;

  constructor(private readonly parts: FirmwareParts) {
    const { report } = parts;
    this.next = parts.first;
    this.device = new Device({
      ...parts,
      messages: QUEUED,
      listener: {
        received: (topic, qos, payload) => this.received(topic, qos, payload),
        delivered: () => this.delivered(),
        reported: (what) => this.reported(what),
        ready: () => {
          report("waiting", this.device.waiting);
          this.publish();
        },
      },
    });
    this.publish();
  }

  private received(topic: string, qos: number, payload: Uint8Array): void {
    const message = this.incoming.message(numberOf(payload));
    this.parts.report("received", message && isSame(message, topic, qos, payload) ? message.number : 0);
  }

  private delivered(): void {
    this.parts.report("waiting", this.device.waiting);
    this.publish();
    if (this.next % 2 === 1) this.publish();
  }

  private publish(): void {
    const message = this.outgoing.message(this.next);
    if (!message) return;
    this.parts.report("attempt", message.number);
    if (this.device.publish(message) === WOULD_BLOCK) return;
    this.next++;
    this.parts.report("accepted", message.number);
  }

  private reported(what: string): void {
    this.parts.report(what.includes("torn") ? "torn" : "failure", 1);
  }
}
