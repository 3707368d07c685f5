/** Throws when the client has broken this rule of the standard, or of the test. */
export function demand(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new Error(`the client broke a rule: ${rule}`);
}
