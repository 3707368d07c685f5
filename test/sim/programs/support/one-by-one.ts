import { Laps, unitsOf } from "../../../size/programs/laps.js";
import { Steady } from "./steady.js";

/** The client's side of it. */
export interface Connection {
  connect(): void;
  close(): void;
}

/** One operation after the other. After the last, the runner is told `steady`, and `units` as of `Laps`. */
export class OneByOne {
  readonly #steady = new Steady();
  readonly #laps = new Laps();

  get done(): boolean {
    return this.#steady.done;
  }

  /** Before the first operation. */
  begin(): void {
    this.#laps.mark(0);
  }

  /** An operation is done. */
  count(): void {
    this.#laps.mark(1);
    this.#steady.count();
    if (this.done) this.#finish();
  }

  #finish(): void {
    const other = new Laps();
    this.#laps.report(
      "units",
      unitsOf(() => other.mark(1)),
    );
  }
}

/** Publishes one message after the other, each when the one before it is delivered. */
export function publishOneByOne<Client extends Connection>(
  makeClient: (events: { onConnect: () => void; onDelivered: () => void }) => Client,
  publish: (client: Client) => void,
): void {
  const operations = new OneByOne();
  const client = makeClient({
    onConnect: () => {
      operations.begin();
      publish(client);
    },
    onDelivered: () => {
      operations.count();
      if (operations.done) client.close();
      else publish(client);
    },
  });
  client.connect();
}

/** Takes one message after the other, and the last, which tells that the one before it is done with. */
export function receiveOneByOne(makeClient: (events: { onMessage: () => void }) => Connection): void {
  const operations = new OneByOne();
  const client = makeClient({
    onMessage: () => {
      if (operations.done) client.close();
      else operations.count();
    },
  });
  client.connect();
}
