/** Milliseconds in which whatever is awaited must have come about, when nothing goes wrong any more. */
export const PATIENCE = 30_000;

/** Waits until `done`, which `begin` gets, is called. @returns false when it is not in time. */
export async function within(milliseconds: number, begin: (done: () => void) => void): Promise<boolean> {
  let timeout: NodeJS.Timeout | undefined;
  const isInTime = await new Promise<boolean>((resolve) => {
    timeout = setTimeout(() => resolve(false), milliseconds);
    begin(() => resolve(true));
  });
  clearTimeout(timeout);
  return isInTime;
}
