import { ManualClock } from "../support/manual-clock.js";
import type { NetworkCommand, Reaction } from "./commands.js";
import { FuzzTransport } from "./fuzz-transport.js";

/** A broker of any version, at the other end of the network. */
export interface BrokerSide {
  /** Whether CONNECTs are answered with a refusal. */
  refuses: boolean;
  readonly hasOutput: boolean;
  /** Whether nothing is under way in either direction. */
  readonly idle: boolean;
  opened(): void;
  closed(): void;
  forget(): void;
  receive(bytes: Uint8Array): void;
  take(count: number): Uint8Array;
}

/** A client of any version. */
interface ClientSide {
  readonly connected: boolean;
  readonly inflight: number;
  connect(): void;
  close(): void;
  resume(): void;
}

const STEPS = 200_000;
/** Turns in which everything under way must come to rest once nothing goes wrong any more. */
const TURNS = 400;

/** A client, a broker, and a network between them that does what it is told. */
export abstract class NetworkWorld {
  /** What the client, or the application, has found wrong. */
  readonly errors: string[] = [];
  abstract readonly broker: BrokerSide;
  protected abstract readonly client: ClientSide;
  protected readonly clock = new ManualClock(2 ** 32 - 5_000);
  protected readonly transport = new FuzzTransport(STEPS);
  #reaction: Reaction | undefined;
  #isSettling = false;

  constructor() {
    this.transport.onClosed = (sent) => {
      this.broker.receive(sent);
      this.broker.closed();
    };
  }

  /** Publishes something, from inside a callback. */
  protected abstract publishOne(): void;
  /** Subscribes to something, from inside a callback. */
  protected abstract subscribeOne(): void;

  protected doNetwork(command: NetworkCommand): void {
    switch (command.does) {
      case "close":
        this.client.close();
        break;
      case "connect":
        this.#connect();
        break;
      case "resume":
        this.client.resume();
        break;
      case "react":
        this.#reaction = command.how;
        break;
      case "server forgets":
        if (this.transport.isOpen) this.#drop();
        this.broker.forget();
        break;
      case "server refuses":
        this.broker.refuses = true;
        break;
      case "accept":
        this.#accept();
        break;
      case "refuse":
        if (this.transport.isOpening) this.transport.refuse();
        break;
      case "drop":
        if (this.transport.isOpen) this.#drop();
        break;
      case "flow":
        this.#flow();
        break;
      case "unanswered":
        this.#loseConnack();
        break;
      case "to server":
        if (this.transport.isOpen) this.broker.receive(this.transport.takeSent(command.count));
        break;
      case "to client":
        this.#toClient(command.count);
        break;
      case "room":
        this.transport.room = 0;
        this.transport.makeRoom(command.bytes);
        break;
      case "time":
        this.clock.advance(command.milliseconds);
        break;
    }
  }

  /** Throws what the client has done against the contract of `Transport`. */
  protected checkTransport(): void {
    const violation = this.transport.violations.at(0);
    if (violation) throw violation;
  }

  /** From now on nothing goes wrong, and everything under way arrives. */
  settle(): void {
    this.#isSettling = true;
    this.#reaction = undefined;
    this.broker.refuses = false;
    for (let turn = 0; turn < TURNS; turn++) {
      this.#turn();
      this.checkTransport();
      if (this.broker.idle && this.client.inflight === 0 && this.transport.sent.length === 0 && turn > 3) return;
    }
    throw new Error(`not at rest: ${this.client.inflight} messages under way, connected: ${this.client.connected}`);
  }

  /** Ends the connection in order. */
  end(): void {
    this.client.close();
  }

  /** Does, inside a callback, what the test has asked for. */
  protected react(): void {
    const reaction = this.#reaction;
    if (this.#isSettling || reaction === undefined) return;
    this.#reaction = undefined;
    if (reaction === "publish") this.publishOne();
    else if (reaction === "subscribe") this.subscribeOne();
    else if (reaction === "resume") this.client.resume();
    else this.client.close();
    if (reaction === "close and connect") this.#connect();
  }

  /** Connects, in all likelihood, and lets go through what is under way, there and back. */
  #flow(): void {
    for (let turn = 0; turn < 3; turn++) this.#turn();
  }

  #loseConnack(): void {
    if (this.transport.isOpen) this.#drop();
    this.#connect();
    if (!this.transport.isOpening) this.clock.advance(this.clock.untilNext ?? 0);
    this.doNetwork({ does: "room", bytes: 100_000 });
    this.#accept();
    this.doNetwork({ does: "to server", count: 100_000 });
    if (this.transport.isOpen) this.#drop();
  }

  #turn(): void {
    for (const does of ["connect", "accept", "resume"] as const) this.doNetwork({ does });
    this.doNetwork({ does: "room", bytes: 100_000 });
    this.doNetwork({ does: "to server", count: 100_000 });
    this.doNetwork({ does: "to client", count: 100_000 });
    if (!this.client.connected && !this.transport.isOpen) this.clock.advance(this.clock.untilNext ?? 0);
  }

  #connect(): void {
    try {
      this.client.connect();
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ERR_STATE")) throw error;
    }
  }

  #accept(): void {
    if (!this.transport.isOpening) return;
    this.broker.opened();
    this.transport.accept();
  }

  #drop(): void {
    this.transport.takeSent();
    this.broker.closed();
    this.transport.drop();
  }

  #toClient(count: number): void {
    if (this.transport.isOpen && this.broker.hasOutput) this.transport.deliver(this.broker.take(count));
  }
}

/** Puts the pieces of one message after the other together; each must begin where the one before has ended. */
export class Pieces {
  #pieces: number[] = [];

  /** @returns the whole payload with its last piece, `undefined` before; `errors` gets what is wrong. */
  take({ offset, total, payload }: { offset: number; total: number; payload: Uint8Array }, errors: string[]): Uint8Array | undefined {
    if (offset === 0) this.#pieces = [];
    if (offset !== this.#pieces.length) errors.push(`a piece at ${offset} after ${this.#pieces.length} bytes`);
    this.#pieces.push(...payload);
    return this.#pieces.length === total ? Uint8Array.from(this.#pieces) : undefined;
  }
}
