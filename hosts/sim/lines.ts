/** What the host writes to standard output, taken apart. */
export interface LineListener {
  onTrace(line: string): void;
  onReport(name: string, numbers: number[]): void;
  onEnd(end: End): void;
}

/** The host's last line. Bytes of heap are counted above the idle engine. */
export interface End {
  readonly slots: number;
  readonly chunkBytes: number;
  readonly collections: number;
  readonly peakBytes: number;
  readonly heapBytes: number;
  readonly meter: number;
  readonly idleBytes: number;
  readonly flashBytes: number;
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
  const [slots, chunkBytes, collections, peakBytes, heapBytes, meter, idleBytes, flashBytes, aliases] = words.map(Number);
  const reason = words.slice(9).join(" ");
  return { slots, chunkBytes, collections, peakBytes, heapBytes, meter, idleBytes, flashBytes, aliases, reason };
}
