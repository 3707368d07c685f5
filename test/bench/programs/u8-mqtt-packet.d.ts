/** What is used of u8-mqtt-packet, which comes without declarations. */
declare module "*/u8-mqtt-packet/esm/codec_bind.js" {
  export interface PublishPacket {
    readonly topic: string;
    readonly payload: Uint8Array;
    readonly qos: number;
  }
  export interface Stream {
    encode_pkt(type: "publish", packet: PublishPacket): Uint8Array;
    decode(bytes: Uint8Array): PublishPacket[];
  }
  export function mqtt_pkt_ctx(level: number, options: unknown): { mqtt_stream(): Stream };
}

declare module "*/u8-mqtt-packet/esm/codec_v4_client.js" {
  export const mqtt_opts_v4: unknown;
}

/** Moddable's own, native. */
interface ArrayBufferConstructor {
  fromString(text: string): ArrayBuffer;
}

interface StringConstructor {
  fromArrayBuffer(bytes: ArrayBufferLike): string;
}
