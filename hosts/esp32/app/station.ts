import type { Clock, ClockTimer } from "mqtt-xs";

/** The part of ECMA-419's Wi-Fi interface that is used here. */
export interface Radio {
  /** Grows from 200, "nothing", by way of 400, "joined", to 500, "has an address". */
  readonly connection: number;
  readonly MAC: string | undefined;
  /** dBm; only while joined. */
  readonly RSSI: number | undefined;
  connect(options: { SSID: string; password?: string }): void;
  disconnect(): void;
}

export interface StationOptions {
  readonly ssid: string;
  /** Empty for a network that is open. */
  readonly password: string;
  readonly clock: Clock;
  /** Makes the interface; `onChanged` is to be called whenever its `connection` has changed. */
  readonly open: (onChanged: () => void) => Radio;
  /** There is a network now, for the first time or again. */
  readonly onUp: () => void;
  /** Uniform in [0, 1); default `Math.random`. */
  readonly random?: () => number;
}

const NOTHING = 200;
const HAS_ADDRESS = 500;

// Milliseconds.
/** Until an attempt is given up: an access point may take a station and yet give it no address. */
const PATIENCE = 20_000;
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 60_000;

/** Joins a Wi-Fi network, and joins it again whenever it is lost: the waits in between double up to a minute. */
export class Station {
  readonly #options: StationOptions;
  readonly #radio: Radio;
  readonly #timer: ClockTimer;
  /** Attempts since there was a network. */
  #failures = 0;
  #state: "waiting" | "joining" | "up" = "waiting";

  constructor(options: StationOptions) {
    this.#options = options;
    this.#timer = options.clock.createTimer(() => this.#due());
    this.#radio = options.open(() => this.#changed());
    this.#join();
  }

  /** The board's MAC address. */
  get mac(): string {
    return this.#radio.MAC ?? "";
  }

  /** How strong the access point is received, in dBm; NaN where there is none. */
  get signal(): number {
    return this.#radio.RSSI ?? NaN;
  }

  #join(): void {
    const { ssid, password } = this.#options;
    this.#state = "joining";
    this.#timer.schedule(PATIENCE);
    try {
      this.#radio.connect(password === "" ? { SSID: ssid } : { SSID: ssid, password });
    } catch {
      this.#wait();
    }
  }

  #changed(): void {
    const { connection } = this.#radio;
    if (connection >= HAS_ADDRESS && this.#state !== "up") this.#up();
    else if (connection <= NOTHING && this.#state !== "waiting") this.#wait();
  }

  #up(): void {
    this.#state = "up";
    this.#failures = 0;
    this.#timer.cancel();
    this.#options.onUp();
  }

  /** Each wait is drawn from its upper half, so that boards that lost the same access point do not all come at once. */
  #wait(): void {
    const { random = Math.random } = this.#options;
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures++);
    this.#state = "waiting";
    this.#timer.schedule(longest * (0.5 + random() / 2));
  }

  #due(): void {
    if (this.#state === "waiting") this.#join();
    else {
      this.#radio.disconnect();
      this.#wait();
    }
  }
}
