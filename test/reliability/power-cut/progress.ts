/** Shows on a terminal how far something is; nowhere else. */
export class Progress {
  readonly #start = performance.now();
  #shown = "";

  constructor(private readonly name: string) {}

  /** Since the beginning. */
  get seconds(): number {
    return (performance.now() - this.#start) / 1_000;
  }

  /** @param share 0 to 1. */
  show(share: number): void {
    const line = `${this.name}: ${Math.floor(share * 100)} %, ${Math.round(this.seconds)} s`;
    if (!process.stderr.isTTY || line === this.#shown) return;
    this.#shown = line;
    process.stderr.write(`\r\x1b[K${line}`);
  }

  /** Removes what is shown. */
  clear(): void {
    if (this.#shown !== "") process.stderr.write("\r\x1b[K");
    this.#shown = "";
  }
}
