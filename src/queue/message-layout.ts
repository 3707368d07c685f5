// A queued message:
//
//   0   1  RETAIN and QoS, as in a PUBLISH
//   1   4  when it was queued, in seconds; 0 where that is not known
//   5   4  seconds that it is worth being sent for; 0: for ever
//   9   2  bytes of its properties
//  11      topic name behind its length, properties, payload
//
// Its PUBLISH is no longer than this.

export const FLAGS_AT = 0;
export const QUEUED_AT = 1;
export const EXPIRY_AT = 5;
export const PROPERTIES_LENGTH_AT = 9;
export const TOPIC_AT = 11;
