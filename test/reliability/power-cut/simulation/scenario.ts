/** How a connection breaks, if it does; what is on its way to the device is lost in any case. */
export type Break = "not" | "losing what the broker has answered" | "losing both ways";

/** What the application, the broker and the network do, turn by turn. */
export interface Scenario {
  /** Messages from the device, and to it. */
  readonly outgoing: number;
  readonly incoming: number;
  readonly sectors: number;
  readonly sectorSize: number;
  /** The most messages in the device's queue. */
  readonly queued: number;
  /** How many messages the device tries to publish in this turn. */
  publishes(turn: number): number;
  /** Whether the broker has a message for the device in this turn. */
  receives(turn: number): boolean;
  breaks(turn: number): Break;
  /** Whether the device gets a connection in this turn when it tries to. */
  accepts(turn: number): boolean;
  /** How many bytes from the broker get through in this turn. */
  bytesToDevice(turn: number): number;
}

/** How a connection breaks, by turns. */
function breakAt(turn: number): Break {
  return turn % 2 === 0 ? "losing both ways" : "losing what the broker has answered";
}

/**
 * A journal that wraps around many times, more messages at once than there is room for, packets in pieces, connections that break
 * with acknowledgements under way, and times without one. The periods have no common divisors, so that everything meets everything.
 */
const USUAL: Scenario = Object.freeze({
  outgoing: 80,
  incoming: 30,
  sectors: 3,
  sectorSize: 512,
  queued: 5,
  publishes: (turn: number) => (turn % 13 === 5 ? 6 : turn % 3),
  receives: (turn: number) => turn % 2 === 0,
  breaks: (turn: number) => (turn % 11 === 7 || turn % 29 === 21 ? breakAt(turn) : "not"),
  accepts: (turn: number) => turn % 29 < 22,
  bytesToDevice: (turn: number) => (turn % 5 === 2 ? 7 : 1_000),
});

/** Most of the time there is no connection, and what waits fills the store, which has the fewest sectors that there may be. */
const TIGHT: Scenario = Object.freeze({
  ...USUAL,
  sectors: 2,
  queued: 30,
  breaks: (turn: number) => (turn % 11 === 7 || turn % 29 === 9 ? breakAt(turn) : "not"),
  accepts: (turn: number) => turn % 29 < 10,
});

/** The scenarios that there are. */
export const SCENARIOS = Object.freeze({ usual: USUAL, tight: TIGHT });
export type ScenarioName = keyof typeof SCENARIOS;
