/** Told of each event; the text is made only where somebody reads it. */
export type Trace = (text: () => string) => void;

/** Nobody reads. */
export const noTrace: Trace = () => undefined;

/** Prints each event in a line, with the milliseconds since the start. */
export function printingTrace(print: (line: string) => void): Trace {
  const start = performance.now();
  return (text) => {
    print(`${(performance.now() - start).toFixed(1).padStart(9)} ${text()}`);
  };
}
