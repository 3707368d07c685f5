/** How an attempt to connect goes on. */
export type Opening = "succeeds" | "refused" | "host not found" | "unanswered";

/** Received bytes that the owner is offered at once, and how long after the ones before. */
export interface Piece {
  /** Bytes; all that wait when there are no more. */
  readonly size: number;
  /** Milliseconds; what comes in meanwhile joins what waits. */
  readonly delay: number;
}

/** The owner's `write` finds no room for a while. */
export interface Blockade {
  /** How many bytes have been written when it begins. */
  readonly after: number;
  /** How long it lasts. */
  readonly milliseconds: number;
}

/**
 * How a connection breaks.
 *
 * - `reset`: at once. What is still under way, either way, is lost.
 * - `half-close`: nothing comes in any more, while what is written still arrives, until the end.
 * - `loss`: what is written is lost, while bytes still come in, until the end.
 * - `silence`: bytes of both directions are lost, and no end comes: whoever waits for one waits for ever.
 */
export type Break = "reset" | "half-close" | "loss" | "silence";

/** When a connection breaks, and how. */
export interface Ending {
  readonly how: Break;
  /** Which bytes are counted. */
  readonly side: "received" | "written";
  /** How many of them still pass: the cut may be in the midst of a packet. */
  readonly after: number;
  /** From there until the owner is told of it. */
  readonly milliseconds: number;
}

/** All that goes wrong on one connection, fixed before it begins: the course of time decides nothing. */
export interface ConnectionFaults {
  /** Milliseconds before it begins. */
  readonly delay: number;
  readonly opening: Opening;
  /** How the next received bytes come in. */
  readonly nextPiece: () => Piece;
  /** In the order in which they begin. */
  readonly blockades: readonly Blockade[];
  /** Without one the connection lasts. */
  readonly ending?: Ending | undefined;
}

const ALL_AT_ONCE: Piece = { size: Infinity, delay: 0 };

/** Nothing goes wrong. */
export const NO_FAULTS: ConnectionFaults = {
  delay: 0,
  opening: "succeeds",
  nextPiece: () => ALL_AT_ONCE,
  blockades: [],
};

/** A fault that has come about: those of `Opening` and `Break`, and what befalls bytes that arrive. */
export type Fault = Exclude<Opening, "succeeds"> | Break | "delay" | "split" | "merge" | "stall" | "no room";
