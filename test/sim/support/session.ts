import type { TlsOptions } from "node:tls";
import { type Bundle, run, type RunOptions, type RunReport } from "../../../hosts/sim/runner.js";
import { type Manner, overWebSocket } from "./channel.js";
import { acknowledge, type Answer, Peer } from "./peer.js";

export interface SessionOptions extends Omit<RunOptions, "onReport"> {
  /** How the peer answers. Default: as a server that takes everything. */
  readonly answer?: Answer;
  /** How the peer speaks WebSocket. Default: it does not. */
  readonly webSocket?: Manner;
  /** The peer's certificate and key. Default: it does not speak TLS. */
  readonly tls?: TlsOptions;
  /** Called with each report of the program; may make the peer send something. */
  readonly onReport?: (peer: Peer, name: string, numbers: readonly number[]) => void;
}

/** How a program ended, and what it and the peer told. */
export interface SessionReport extends RunReport {
  /** The numbers that came last under each name. */
  readonly reports: ReadonlyMap<string, readonly number[]>;
  /** How many packets of each type the peer got, by number. */
  readonly received: readonly number[];
}

/** Runs a program on XS against a peer, whose port is the program's first argument, behind `ws:` if it speaks WebSocket. */
export async function runSession(program: string | Bundle, options: SessionOptions = {}): Promise<SessionReport> {
  const { answer = acknowledge, webSocket, tls, onReport, ...rest } = options;
  const reports = new Map<string, readonly number[]>();
  const peer = await Peer.listen(answer, webSocket && overWebSocket(webSocket), tls);
  try {
    const report = await run(program, {
      timeout: 60_000,
      ...rest,
      arguments: [webSocket ? `ws:${peer.port}` : String(peer.port), ...(options.arguments ?? [])],
      onReport: (name, numbers) => {
        reports.set(name, numbers);
        onReport?.(peer, name, numbers);
      },
    });
    return { ...report, reports, received: peer.received };
  } finally {
    await peer.close();
  }
}
