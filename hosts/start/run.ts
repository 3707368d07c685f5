import { describeAddress, type BrokerAddress } from "./broker-address.js";
import { describeRefusal } from "./connect-failure.js";
import type { Boot, Device } from "./device.js";
import type { DeviceEvent, RunEvent } from "./events.js";
import { Failure } from "./failure.js";
import { findBroker, remoteBroker, type Broker } from "./broker.js";
import { makeNames } from "./names.js";
import { bootNodeDevice } from "./node-device.js";
import type { StartOptions } from "./options.js";
import type { Presenter } from "./presenter.js";
import { advance, initialProgress, type Progress } from "./progress.js";
import { prepareSimulator } from "./sim-device.js";
import { unlessAborted, until } from "./until.js";
import { Witness } from "./witness.js";

/** Milliseconds without a sign of life, beyond the interval, after which a run that should end is given up. */
const PATIENCE = 15_000;

/** Milliseconds for the device to end after it was told to, and for the last messages to reach the witness. */
const STOP_TIMEOUT = 5_000;
const ARRIVAL_TIMEOUT = 2_000;

/** How a run ended. */
export interface Outcome {
  readonly progress: Progress;
  /** Why it could not go on, if it could not. */
  readonly failure: Failure | undefined;
}

/** Runs broker, witness and device until the end. Rejects with a `Failure`, or when aborted, before the device runs. */
export async function run(options: StartOptions, presenter: Presenter, signal: AbortSignal): Promise<Outcome> {
  const { broker: address, protocol } = options;
  const startBroker = address === undefined ? findBroker(protocol) : () => Promise.resolve(remoteBroker(address));
  const boot = await unlessAborted(signal, prepareBoot(options, presenter));
  const broker = await startBroker();
  try {
    return await runWith(broker, { options, presenter, signal, boot });
  } finally {
    await broker.stop();
  }
}

async function prepareBoot(options: StartOptions, presenter: Presenter): Promise<Boot> {
  const { host, heap, protocol, broker } = options;
  if (host === "node") return bootNodeDevice;
  const carrier = broker?.protocol ?? "mqtt";
  return prepareSimulator({ heap, protocol, carrier }, (what, done, total) => presenter.prepare(what, done, total));
}

/** What a run is made of. */
interface Parts {
  readonly options: StartOptions;
  readonly presenter: Presenter;
  readonly signal: AbortSignal;
  readonly boot: Boot;
}

async function runWith({ address, name }: Broker, parts: Parts): Promise<Outcome> {
  const names = makeNames();
  const current = new Run(address, name, parts);
  const witness = await unlessAborted(
    parts.signal,
    Witness.connect(address, names, parts.options, (event) => current.tell(event)),
  );
  const { protocol, qos, interval, count, payloadSize } = parts.options;
  const device = parts.boot({ protocol, broker: address, names, qos, interval, count, payloadSize }, (event) => {
    current.hear(event);
  });
  const outcome = await current.untilEnd(device);
  await witness.leave(names).catch(() => undefined);
  return outcome;
}

/** One run, from boot to end. */
class Run {
  readonly #parts: Parts;
  readonly #place: string;
  #progress: Progress;
  #failure: Failure | undefined;
  #device: Device | undefined;
  #patience: NodeJS.Timeout | undefined;

  constructor(address: BrokerAddress, name: string, parts: Parts) {
    const { protocol, host, count, interval, heap } = parts.options;
    this.#parts = parts;
    this.#place = describeAddress(address);
    this.#progress = initialProgress({
      protocol,
      host,
      broker: name,
      count,
      interval,
      heapBytes: host === "sim" ? heap : null,
    });
  }

  /** Takes notice of anything. */
  tell(event: RunEvent): void {
    this.#progress = advance(this.#progress, event);
    this.#parts.presenter.show(this.#progress, event);
  }

  /** Takes notice of what the device says. */
  hear(event: DeviceEvent): void {
    this.tell(event);
    if (event.type !== "disconnected") this.#patience?.refresh();
    else if (event.code === "ERR_CONNECTION_REFUSED") this.#giveUp(describeRefusal(this.#place, event.reasonCode, this.#parts.options.protocol));
  }

  /** Waits for the device, then for what it published to arrive. */
  async untilEnd(device: Device): Promise<Outcome> {
    this.#device = device;
    const { count, interval } = this.#parts.options;
    if (count !== Infinity) this.#patience = setTimeout(this.#losePatience, PATIENCE + interval);
    this.#parts.signal.addEventListener("abort", this.#stop, { once: true });
    await device.ended.catch((error: unknown) => {
      this.#failure ??= error instanceof Failure ? error : new Failure(String(error));
    });
    clearTimeout(this.#patience);
    await until(() => this.#progress.received + this.#progress.refused >= this.#progress.published, ARRIVAL_TIMEOUT);
    return { progress: this.#progress, failure: this.#failure };
  }

  readonly #losePatience = (): void => {
    const { connection, problem } = this.#progress;
    const what = connection === "connected" ? "the broker answers nothing" : (problem ?? "there is no connection");
    this.#giveUp(`given up after ${PATIENCE / 1000} seconds: ${what}`);
  };

  #giveUp(message: string): void {
    this.#failure ??= new Failure(message);
    this.#stop();
  }

  readonly #stop = (): void => {
    const device = this.#device;
    device?.stop();
    setTimeout(() => device?.kill(), STOP_TIMEOUT).unref();
  };
}
