/** What the host writes to standard output, taken apart. */
export interface LineListener {
  onTrace(line: string): void;
  onReport(name: string, numbers: number[]): void;
  onEnd(end: End): void;
}

/** What a run has used. */
export interface Usage {
  /** Slots allocated. */
  readonly slots: number;
  /** Bytes of chunks allocated, with their headers. */
  readonly chunkBytes: number;
  /** Garbage collections. */
  readonly collections: number;
  /** The most heap in use, in bytes beyond the idle engine, garbage that awaited its collection included. */
  readonly peakBytes: number;
  /** Heap in use at the end, in bytes beyond the idle engine, garbage included. */
  readonly heapBytes: number;
  /** Bytecodes and native work, as XS meters them. */
  readonly meter: number;
  /** Heap of the idle engine, in bytes, which `heap` does not count. */
  readonly idleBytes: number;
  /** Intrinsics, preloaded modules and all bytecode, in bytes: what an ESP32 has in flash. */
  readonly flashBytes: number;
  /** What the program has done that outlives the power: see `RunOptions.cutAfter`. */
  readonly steps: number;
}

/** The host's last line. */
export interface End extends Usage {
  readonly aliases: number;
  readonly reason: string;
}

/** Starts a line that is not the program's text. */
const MARK = "\x1e";

/** Tells `listener` what one line says. */
export function readLine(line: string, listener: LineListener): void {
  if (!line.startsWith(MARK)) {
    listener.onTrace(line);
    return;
  }
  const [name, ...words] = line.slice(MARK.length).split(" ");
  if (name === "$end") listener.onEnd(readEnd(words));
  else listener.onReport(name, words.map(Number));
}

function readEnd(words: readonly string[]): End {
  const [slots, chunkBytes, collections, peakBytes, heapBytes, meter, idleBytes, flashBytes, aliases, steps] = words.map(Number);
  const reason = words.slice(10).join(" ");
  return { slots, chunkBytes, collections, peakBytes, heapBytes, meter, idleBytes, flashBytes, aliases, steps, reason };
}
