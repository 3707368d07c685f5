// Why a `Responder` cannot answer a request: numbers, since text costs memory each time it is come across.

/** It has no Response Topic. */
export const NO_RESPONSE_TOPIC = 1;
/** Its Response Topic is longer than `topicSize`, or its Correlation Data than `correlationSize`. */
export const TOO_LONG = 2;
/** As many requests as there is room for are kept to be answered later. */
export const TOO_MANY = 3;
