/** MQTT control packet types: the high four bits of a packet's first byte (MQTT 3.1.1, 2.2.1). */
export const CONNECT = 1;
export const CONNACK = 2;
export const PUBLISH = 3;
export const PUBACK = 4;
export const PUBREC = 5;
export const PUBREL = 6;
export const PUBCOMP = 7;
export const SUBSCRIBE = 8;
export const SUBACK = 9;
export const UNSUBSCRIBE = 10;
export const UNSUBACK = 11;
export const PINGREQ = 12;
export const PINGRESP = 13;
export const DISCONNECT = 14;
/** Since MQTT 5.0. */
export const AUTH = 15;

/** The flags that PUBREL, SUBSCRIBE and UNSUBSCRIBE must carry; all other types but PUBLISH carry 0 (2.2.2). */
export const RESERVED_FLAGS = 0b0010;

/** How every PUBREL begins (3.6.1). */
export const PUBREL_FIRST_BYTE = (PUBREL << 4) | RESERVED_FLAGS;

/** The flags of a PUBLISH (3.3.1). */
export const DUP = 0b1000;
export const RETAIN = 0b0001;
export const QOS_SHIFT = 1;
export const QOS_MASK = 0b11;
/** Those of a PUBLISH with a packet identifier, QoS 1 or 2, and those of QoS 2. */
export const ANY_QOS = QOS_MASK << QOS_SHIFT;
export const QOS_2 = 2 << QOS_SHIFT;
/** Bit n is set where a PUBLISH may have flags n: no QoS 3, no DUP with QoS 0 (3.3.1). */
export const PUBLISH_FLAGS = 0b0011_1100_0011_1111;

/** How every PUBLISH begins but for its flags. */
export const PUBLISH_FIRST_BYTE = PUBLISH << 4;
