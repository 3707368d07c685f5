import { BYTES, happens, type Script, sends, type Step } from "../play/script.js";

/**
 * A script as short as can be that still does what another one did.
 * @param does whether a script does it.
 */
export function shrink(script: Script, does: (script: Script) => boolean): Script {
  let { steps } = script;
  const { setup } = script;
  const attempt = (shorter: readonly Step[]): boolean => {
    if (!does({ setup, steps: shorter })) return false;
    steps = shorter;
    return true;
  };
  for (let before = -1; before !== sizeOf(steps);) {
    before = sizeOf(steps);
    for (let at = steps.length - 1; at >= 0; at--) attempt(steps.toSpliced(at, 1));
    for (let at = steps.length - 1; at >= 0; at--) shrinkStep(steps[at], (step) => attempt(steps.with(at, step)));
  }
  return { setup, steps };
}

function shrinkStep(step: Step, attempt: (step: Step) => boolean): void {
  if (step.kind !== BYTES) {
    for (let bit = 128; bit > 0; bit >>= 1)
      if (step.argument & bit && attempt(happens(step.kind, step.argument & ~bit)))
        step = happens(step.kind, step.argument & ~bit);
    return;
  }
  let { bytes } = step;
  for (let length = bytes.length; length >= 1; length = length >> 1)
    for (let at = bytes.length - length; at >= 0; at -= length) {
      const shorter = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + length)]);
      if (attempt(sends(shorter))) bytes = shorter;
    }
}

function sizeOf(steps: readonly Step[]): number {
  return steps.reduce(
    (size, { bytes, argument }) => size + 300 + bytes.length + argument.toString(2).replaceAll("0", "").length,
    0,
  );
}
