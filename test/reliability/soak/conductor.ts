import type { Arrivals } from "./arrivals.js";
import type { SoakBroker } from "./broker.js";
import type { DeviceLog } from "./device-log.js";
import type { SoakProgress, SoakSettings } from "./soak.js";

/** Milliseconds without anything new until the rest is given up; the broker is restarted within less than one. */
const PATIENCE = 30_000;

/** Arrivals between two looks at how far it is. */
const PROGRESS = 500;

/** Whom it conducts. */
interface Players {
  readonly settings: SoakSettings;
  readonly broker: SoakBroker;
  readonly arrivals: Arrivals;
  readonly device: DeviceLog;
  readonly onProgress: (progress: SoakProgress) => void;
  readonly signal: AbortSignal;
}

/** Restarts the broker when it is time to, and ends the device when all is there, or nothing comes any more. */
export class Conductor {
  /** Whether it has been ended because nothing came any more. */
  isStalled = false;
  /** How many messages the device had published at each restart. */
  readonly restartsAt: number[] = [];
  readonly #players: Players;
  readonly #end = new AbortController();
  readonly #patience: NodeJS.Timeout;
  #restarting: Promise<void> | undefined;
  #arrived = 0;
  #failure: Error | undefined;

  constructor(players: Players) {
    this.#players = players;
    this.#patience = setTimeout(() => this.#stall(), PATIENCE);
    players.signal.addEventListener("abort", this.#abort);
    if (players.signal.aborted) this.#abort();
  }

  /** Aborted when the device has to end. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Something has arrived. */
  advance(): void {
    const { arrivals, device, settings, onProgress } = this.#players;
    this.#refresh(arrivals.distinct + device.arrived);
    if (arrivals.distinct % PROGRESS === 0) onProgress({ arrived: arrivals.distinct, restarts: this.restartsAt.length });
    if (this.restartsAt.length < settings.restarts && arrivals.distinct >= this.#nextRestart) this.#restart();
    else if (device.isDone && arrivals.isComplete && device.isComplete) this.#abort();
  }

  /** Waits for a restart that is under way. @throws what the broker's restart has thrown. */
  async stop(): Promise<void> {
    clearTimeout(this.#patience);
    this.#players.signal.removeEventListener("abort", this.#abort);
    await this.#restarting;
    if (this.#failure) throw this.#failure;
  }

  /** Repetitions are no progress. */
  #refresh(arrived: number): void {
    if (arrived === this.#arrived) return;
    this.#arrived = arrived;
    this.#patience.refresh();
  }

  get #nextRestart(): number {
    const { messages, restarts } = this.#players.settings;
    return ((this.restartsAt.length + 1) * messages) / (restarts + 1);
  }

  #restart(): void {
    if (this.#restarting) return;
    this.restartsAt.push(this.#players.device.published);
    this.#restarting = this.#players.broker.restart().then(
      () => void (this.#restarting = undefined),
      (failure: unknown) => {
        this.#failure = new Error("the broker did not start again", { cause: failure });
        this.#abort();
      },
    );
  }

  #stall(): void {
    this.isStalled = true;
    this.#abort();
  }

  readonly #abort = (): void => this.#end.abort();
}
