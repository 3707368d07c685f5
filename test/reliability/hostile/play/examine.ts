import { isDeepStrictEqual } from "node:util";
import { MqttError } from "mqtt-xs";
import { answersBeforeItIsAsked } from "../../../fuzz/mutations.js";
import { ManualClock } from "../../../support/manual-clock.js";
import { concat } from "../../../support/packets.js";
import { reuseBytes } from "../coverage/reused-bytes.js";
import { Conversation, type Kinds } from "./conversation.js";
import { expectWithinLimits, isEnding, mayLeaveUnread, stateOf } from "./insides.js";
import { reachable } from "./reachable.js";
import { BYTES, CLOSE, HALTING, PUBLISH, REACT, ROOM, type Script, SUBSCRIBE, UNSUBSCRIBE } from "./script.js";
import { PREPARED, Stage } from "./stage.js";
import { must } from "./violation.js";
import type { VersionName } from "./version-name.js";
import { VERSIONS } from "./versions.js";
import { WatchedWire } from "./watched-wire.js";

/** What has come of a script. */
export interface Examination {
  /** What the client did that it must not do whatever its server sends; undefined where there is nothing. */
  readonly violation: string | undefined;
  /** The states that its session was in. */
  readonly states: readonly number[];
  /** The most bytes that came to hang on the client beyond those that it was made with. */
  readonly growth: number;
  /** The most blocks of the library that one delivery from the server took. */
  readonly mostWork: number;
}

/** Bytes that may come to hang on a client beyond those that it was made with: subscriptions, requests, server limits. */
export const MOST_GROWTH = 1_024;

/** What can be seen of a client, the same however the server's bytes are split. */
interface Outcome {
  readonly events: readonly string[];
  readonly sent: readonly Kinds[];
  readonly isOpen: boolean;
}

type Splits = Stage["splits"];

const whole: Splits = () => undefined;
/** Byte by byte. */
const singly: Splits = (bytes) => Array.from({ length: Math.max(0, bytes.length - 1) }, (_, index) => index + 1);
/** In two pieces, wherever the bytes themselves say. */
const inHalves: Splits = (bytes) => [(bytes.at(-1) ?? 0) % (bytes.length + 1)];

/** All ways to split what the server sends. */
export const WAYS: readonly Splits[] = [singly, inHalves];

/**
 * Plays a script to the client of this version twice and looks at all that it does: whole, and with what the server sends
 * split in one way or another, which the script itself decides.
 * @param ways to split it that are tried besides.
 */
export function examine(name: VersionName, script: Script, ways: readonly Splits[] = [waysOf(script)]): Examination {
  const states: number[] = [];
  const measures = { growth: 0, mostWork: 0 };
  let violation: string | undefined;
  try {
    const outcome = play(name, script, whole, measures, states);
    for (const splits of ways) {
      const other = play(name, script, splits, measures, states);
      if (isComparable(script)) expectSame(outcome, other, name);
    }
  } catch (error) {
    violation = error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : String(error);
  }
  return { violation, states, ...measures };
}

function waysOf({ steps }: Script): Splits {
  return WAYS[steps.reduce((sum, { argument, bytes }) => sum + argument + bytes.length, 0) % 2];
}

function play(
  name: VersionName,
  script: Script,
  splits: Splits,
  measures: { growth: number; mostWork: number },
  states: number[],
): Outcome {
  reuseBytes();
  const version = VERSIONS[name];
  const wire = new WatchedWire(version.workPerCall);
  const clock = new ManualClock(2 ** 32 - 5_000);
  const { application, recording, errors, socket } = version.make(script.setup, wire, clock, () => stage.react());
  const { client } = application;
  const stage = new Stage(script, wire, clock, application);
  const conversation = new Conversation(version);
  const limit = (): number => ("server" in client ? client.server.maximumPacketSize : Infinity);
  wire.onEnd = (sent) => conversation.take(sent, limit());
  stage.splits = splits;
  const size = sizeAtFirst(name, script.setup, client);
  const check = (): void => {
    expectWithinLimits(client);
    must(!application.answers.isTwice, () => "a request is answered twice");
    must(wire.broken === undefined, () => wire.broken ?? "");
    must(!client.connected || wire.isOpen, () => "connected, but not its transport");
    must(
      isEnding(socket) || mayLeaveUnread(client) || wire.room < Infinity || wire.unread === 0,
      () => `${wire.unread} bytes left unread`,
    );
    states.push(stateOf(client));
  };
  try {
    stage.begin();
    check();
    for (const step of script.steps) {
      stage.do(step);
      check();
    }
  } finally {
    if (isEnding(socket)) socket?.close(); // when it would tell, its bytes are another script's
  }
  errors.forEach(expectNamed);
  measures.growth = Math.max(measures.growth, reachable(client) - size);
  measures.mostWork = Math.max(measures.mostWork, wire.mostWork);
  must(measures.growth <= MOST_GROWTH, () => `${measures.growth} bytes more hang on the client than when it was made`);
  const { isOpen } = wire;
  if (isOpen) conversation.take(wire.all, limit());
  return { events: recording.events, sent: conversation.kinds, isOpen };
}

const sizes = new Map<string, number>();

/** What hangs on a client that has just been made: the same for all that are made alike. */
function sizeAtFirst(name: VersionName, setup: number, client: object): number {
  const key = `${name} ${setup}`;
  const size = sizes.get(key) ?? reachable(client);
  sizes.set(key, size);
  return size;
}

/** What ends a connection is by its name somebody's fault, but not the application's. */
function expectNamed(error: unknown): void {
  must(error instanceof MqttError, () => `a connection ended with ${String(error)}`);
  // A server may take such small packets only that not even what a client must send fits.
  must(error.fault !== "caller" || error.code === "ERR_PACKET_SIZE", () => `${error.code}, as if it was the application's fault`);
}

/**
 * Whether all ways to split must come to the same. It depends on how much fits what room there is, and what a callback
 * does in the midst of what came together, and on what was answered already when a payload halts; and a server that answers
 * what it was not yet sent may be overheard.
 */
function isComparable(script: Script): boolean {
  const { setup, steps } = script;
  // Unprepared, an answer may come together with CONNACK, before what it answers is sent.
  if (!(setup & PREPARED) && steps.some(({ kind }) => kind === SUBSCRIBE || kind === UNSUBSCRIBE)) return false;
  if (halts(script) || steps.some(({ kind }) => kind === ROOM || kind === REACT || kind === CLOSE)) return false;
  const stream = concat(...steps.filter(({ kind }) => kind === BYTES).map(({ bytes }) => bytes));
  return !answersBeforeItIsAsked(stream, ALL);
}

/** Whether the client may have to wait for a payload. Then it takes in nothing that it could not answer. */
function halts({ steps }: Script): boolean {
  return steps.some(({ kind, argument }) => kind === PUBLISH && (argument & HALTING) > 0);
}

const ALL = Array.from({ length: 64 }, (_, index) => index + 1);

function expectSame(one: Outcome, other: Outcome, name: VersionName): void {
  must(isDeepStrictEqual(one.events, other.events), () => `split, told otherwise: ${differing(one.events, other.events)}`);
  must(one.isOpen === other.isOpen, () => "split, it ended otherwise");
  // A server that has said good-bye, or does not take the client, may not get what the client still had to send; nor does
  // one whose WebSocket was broken before the client has seen what came first.
  const ending = name === "websocket" ? /ERR_/ : /ERR_(DISCONNECTED|CONNECTION_REFUSED)/;
  if (one.events.some((event) => ending.test(event))) return;
  must(isDeepStrictEqual(one.sent, other.sent), () => `split, sent otherwise: ${differingKinds(one.sent, other.sent)}`);
}

function differingKinds(one: readonly Kinds[], other: readonly Kinds[]): string {
  const connection = one.findIndex((kinds, index) => !isDeepStrictEqual(kinds, other.at(index)));
  const [mine = {}, theirs = {}] = [one.at(connection), other.at(connection)];
  const kind = [...Object.keys(mine), ...Object.keys(theirs)].find((each) => !isDeepStrictEqual(mine[each], theirs[each])) ?? "";
  const textOf = (kinds: Kinds): string => (kind in kinds ? kinds[kind].join(", ") : "nothing");
  return `connection ${connection}, ${kind}: ${textOf(mine)}; and ${textOf(theirs)}`;
}

function differing(one: readonly string[], other: readonly string[]): string {
  const at = one.findIndex((event, index) => event !== other[index]);
  const index = at < 0 ? one.length : at;
  return `${one[index] ?? "nothing"}, and ${other[index] ?? "nothing"}`;
}
