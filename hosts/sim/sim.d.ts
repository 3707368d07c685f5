/**
 * The simulator's own module: what the engine has used, and a way to talk to the runner.
 *
 * Unless it says otherwise, nothing here allocates, so that a program can watch and report its steady state without
 * changing it. Counters are relative to the idle engine, with the preloaded modules in flash.
 */
declare module "sim" {
  export default class Sim {
    private constructor();

    /** How many arguments the program was given. */
    static readonly argumentCount: number;
    /** The argument at `index`, from 0; `undefined` past the last. Allocates the string. */
    static argument(index: number): string | undefined;

    /** Slots allocated since the start, 32 bytes each here and 16 on ESP32. Never falls. */
    static slots(): number;
    /** Slots in use now, garbage included. */
    static slotsInUse(): number;
    /** Bytes of chunks allocated since the start, with their headers. Never falls. */
    static chunkBytes(): number;
    /** Bytes of chunks in use now, garbage included. */
    static chunkBytesInUse(): number;
    /** Garbage collections so far. */
    static collections(): number;
    /** Bytecodes and native work so far, as XS meters them. Wraps at 2^32. */
    static meter(): number;

    /** Bytes stored, eighths of a sector erased, and writes to sockets so far: after any of these the power may go. */
    static steps(): number;

    /** Collects garbage now. */
    static collect(): void;

    /**
     * Gives the runner's `onReport` numbers under a name.
     * @param name up to 200 bytes, without spaces; those that begin with `$` are the host's own
     * @param numbers about 40 at most; what does not fit into a line of 1 kB is left out
     */
    static report(name: string, ...numbers: number[]): void;

    /**
     * Has `callback` called at the first SIGINT or SIGTERM, instead of ending at once; the program then ends when it has
     * closed its sockets and timers. A second signal ends it in any case. Replaces an earlier callback.
     */
    static onInterrupt(callback: () => void): void;

    /** Ends the program with a status of 0 to 63 (others are the host's). Does not return. */
    static exit(status?: number): never;
  }
}

/** The SDK's counters by name. Those of pixels, files, CPU and promises are not there. */
declare module "instrumentation" {
  type Name =
    | "Network Bytes Read"
    | "Network Bytes Written"
    | "Network Sockets"
    | "Timers"
    | "System Free Memory"
    | "XS Slot Heap Used"
    | "XS Chunk Heap Used"
    | "XS Keys Used"
    | "XS Garbage Collection Count"
    | "XS Stack Used";

  export default class Instrumentation {
    private constructor();
    static get(what: number | undefined): number | undefined;
    static map(name: Name): number | undefined;
    static name(what: number | undefined): string | undefined;
  }
}

/** Writes one line to standard output, made of all arguments. Allocates only to turn into strings what is none. */
declare function trace(...values: unknown[]): void;
