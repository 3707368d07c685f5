import { acknowledge, type Answer, PUBLISH } from "./peer.js";

/** 10 kB, for buffers of 512 bytes. */
export const LARGE = Uint8Array.from({ length: 10_240 }, (_, at) => at);

/** Acknowledges everything, and counts what is not as it was sent; an empty message ends the program. */
export function checking(server: Answer = acknowledge): { readonly answer: Answer; readonly damaged: () => number } {
  let damaged = 0;
  const answer: Answer = (packet, peer) => {
    const isMessage = packet[0] >> 4 === PUBLISH && packet.length > 128;
    if (isMessage && !packet.subarray(-LARGE.length).equals(LARGE)) damaged++;
    return server(packet, peer);
  };
  return { answer, damaged: () => damaged };
}
