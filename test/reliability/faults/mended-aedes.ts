import { Readable } from "node:stream";
import type { AedesOptions, Client } from "aedes";
import { AedesBroker } from "../../support/aedes-broker.js";

/** A packet as Aedes has it for a client, known by the broker that made it and a number of that broker's. */
interface Packet {
  readonly cmd: string;
  readonly qos: number;
  readonly messageId: number;
  brokerId?: string;
  brokerCounter?: number;
}

/** Where Aedes keeps its sessions, as far as it is mended. */
interface Persistence {
  outgoingUpdate(client: object, packet: Packet): Promise<void>;
  outgoingStream(client: object): Readable;
}

/** A client of Aedes, as far as it is mended. */
interface Receiver {
  /** The packet identifier of the next message that it gets. */
  _nextId: number;
  deliverQoS: (packet: Packet, done: () => void) => void;
  once(event: "connected", listener: () => void): void;
}

const noop = (): void => undefined;

/**
 * Aedes, without three defects that break what the standard promises to subscribers with a kept session. They were found by
 * `npm run faults`, in the packets of a schedule; with Aedes 1.2 and aedes-persistence 11.0:
 *
 * - `outgoingUpdate` takes any two PUBRELs for the same one, so the second PUBREC of a client changes the packet identifier
 *   of the first PUBREL: "PUBLISH 56988, PUBLISH 56989; PUBREC 56988, PUBREC 56989; PUBREL 56989, PUBREL 56989", and 56988
 *   is never released. Here each PUBREL has a number of its own.
 * - While a client that has come back gets what was kept for it, new messages are sent to it as well: ahead of older ones
 *   (4.6), as messages 6, 1, 5, 8, 4, 6 of one topic after a CONNACK; or once more when their exchange is over: "PUBLISH
 *   61801; PUBREC 61801; PUBREL 61801; PUBCOMP 61801; PUBLISH 61801". Here new ones wait until what was kept has been sent.
 * - A client that comes back has its messages numbered from anywhere, now and then by packet identifiers that are in use (2.3.1):
 *   "PUBLISH 50674" of message 8, which was kept, and "PUBLISH 50674" of message 15, which no client can tell from it. Here
 *   numbers go on from the connection before.
 */
export class MendedAedes {
  readonly #options: AedesOptions;
  readonly #persistence: Persistence;
  /** What each client got of what was kept for it. */
  readonly #kept = new WeakMap<object, Set<string>>();
  /** The latest connection of each client, by its identifier. */
  readonly #latest = new Map<string, Receiver>();
  #broker: AedesBroker;

  private constructor(broker: AedesBroker, options: AedesOptions) {
    const { persistence } = broker.aedes as { readonly persistence?: Persistence };
    if (persistence === undefined) throw new Error("Aedes has no persistence");
    this.#broker = broker;
    this.#persistence = persistence;
    this.#options = { ...options, persistence };
    this.#mendUpdate();
    this.#mendStream();
  }

  /** Resolves when it accepts connections. */
  static async start(): Promise<MendedAedes> {
    const options: AedesOptions = {
      concurrency: 0,
      preConnect: (client, { clean, clientId }, done) => {
        if (!clean) {
          mended.#hold(client);
          mended.#goOnNumbering(client, clientId);
        }
        done(null, true);
      },
    };
    const mended = new MendedAedes(await AedesBroker.start({ aedes: options }), options);
    return mended;
  }

  get host(): string {
    return this.#broker.host;
  }

  get port(): number {
    return this.#broker.port;
  }

  /** Another broker takes its place, on the same port, with its sessions. */
  async restart(): Promise<void> {
    const { port } = this;
    await this.stop();
    this.#broker = await AedesBroker.start({ aedes: this.#options, port });
  }

  /** Closes every connection and the port. */
  stop(): Promise<void> {
    return this.#broker.stop();
  }

  #mendUpdate(): void {
    const persistence = this.#persistence;
    const update = persistence.outgoingUpdate.bind(persistence);
    persistence.outgoingUpdate = (client, packet) => {
      if (packet.cmd === "pubrel") Object.assign(packet, { brokerId: "PUBREL", brokerCounter: packet.messageId });
      return update(client, packet);
    };
  }

  #mendStream(): void {
    const persistence = this.#persistence;
    const stream = persistence.outgoingStream.bind(persistence);
    persistence.outgoingStream = (client) => {
      const kept = new Set<string>();
      this.#kept.set(client, kept);
      return Readable.from(noted(stream(client), kept));
    };
  }

  /** Holds new messages back until the client has what was kept for it. */
  #hold(client: Client): void {
    const receiver = client as object as Receiver;
    const deliver = receiver.deliverQoS;
    const held: Packet[] = [];
    let isHolding = true;
    receiver.deliverQoS = (packet, done) => {
      if (!isHolding) deliver(packet, done);
      else {
        held.push(packet);
        done();
      }
    };
    receiver.once("connected", () => {
      isHolding = false;
      const kept = this.#kept.get(client);
      for (const packet of held) if (!kept?.has(nameOf(packet))) deliver(packet, noop);
    });
  }

  #goOnNumbering(client: Client, clientId: string): void {
    const receiver = client as object as Receiver;
    receiver._nextId = this.#latest.get(clientId)?._nextId ?? receiver._nextId;
    this.#latest.set(clientId, receiver);
  }
}

async function* noted(packets: Readable, names: Set<string>): AsyncGenerator<Packet> {
  for await (const packet of packets as AsyncIterable<Packet>) {
    names.add(nameOf(packet));
    yield packet;
  }
}

function nameOf({ brokerId, brokerCounter }: Packet): string {
  return `${brokerId} ${brokerCounter}`;
}
