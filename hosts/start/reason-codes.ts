/** Why a server refuses a message, by MQTT 5.0's reason codes (3.4.2.1). */
const REASONS: Readonly<Record<number, string>> = {
  0x80: "for an unspecified reason",
  0x83: "for a reason of its own",
  0x87: "not authorized",
  0x90: "topic name invalid",
  0x91: "packet identifier in use",
  0x95: "packet too large",
  0x97: "quota exceeded",
  0x99: "payload format invalid",
  0x9a: "retain not supported",
  0x9b: "quality of service not supported",
};

/** The reason code in words, and as the standard writes it. */
export function describeReason(reasonCode: number): string {
  const code = `reason code 0x${reasonCode.toString(16)}`;
  const reason = REASONS[reasonCode] as string | undefined;
  return reason === undefined ? code : `${reason} (${code})`;
}
