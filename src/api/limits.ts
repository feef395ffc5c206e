/** What one request, one answer or one process may take; over each stands a clear error. */
export const BODY_MAX_BYTES = 1_048_576;
/** Request line and headers together (Node counts both). */
export const HEADERS_MAX_BYTES = 16_384;
/** Ids are 36 characters; a longer path segment is answered as a wrong id, up to this. */
export const PATH_SEGMENT_MAX_CHARACTERS = 1_024;
/** A request must have arrived whole by then: a client that drips bytes may not hold a socket for ever. */
export const REQUEST_ARRIVAL_MAX_MS = 60_000;
/** Longer than the idle time of common load balancers (60 s), so that they close first. */
export const KEEP_ALIVE_MS = 75_000;
/** When closing, a request under way gets this long for its answer. */
export const CLOSE_GRACE_MS = 10_000;
export const CONNECTIONS_MAX = 10_000;

export const PAGE_SIZE_DEFAULT = 10;
export const PAGE_SIZE_MAX = 100;
/** A page of messages ends early once it holds this many targets; one with a long address counts for several. */
export const PAGE_TARGETS_MAX = 5_000;

export const ACCESS_KEYS_PER_CUSTOMER_MAX = 1_000;
/** A hundred years: longer is a mistake, and "does not expire" is 0. */
export const ACCESS_KEY_EXPIRE_MAX_SECONDS = 3_155_760_000;

export const PASSWORD_MAX_CHARACTERS = 1_024;
export const WEBHOOK_URI_MAX_CHARACTERS = 2_048;

export const NUMBERS_PER_CUSTOMER_MAX = 1_000;
/** Keywords of one kind at a number, characters of each, and of an answer: three parts of SMS. */
export const KEYWORDS_MAX = 32;
export const KEYWORD_MAX_CHARACTERS = 40;
export const OPT_OUT_ANSWER_MAX_CHARACTERS = 459;
/** What a simulated handset may be told to write: ten parts and more. */
export const HANDSET_TEXT_MAX_CHARACTERS = 1_600;

export const SEARCH_TEXT_MAX_CHARACTERS = 200;
/** Calls of the store that one search may take; each looks at a bounded number of messages. */
export const SEARCH_CALLS_MAX = 20;

/** Webhooks of one customer, its account's own among them. */
export const WEBHOOKS_PER_CUSTOMER_MAX = 16;
/** Events put on their way again by one request. */
export const REPLAY_MAX = 1_000;
/** Calls of one webhook with one event: the schedule of retries has fewer steps, and a replay begins it anew. */
export const ATTEMPTS_PER_EVENT_MAX = 64;

/** Held targets that one request decides about: some tens of milliseconds of the writer. */
export const HELD_PER_REQUEST = 500;

/** Rows that one request to erase a number looks through: some tens of milliseconds of the writer. */
export const ERASED_ROWS_PER_REQUEST = 2_000;

/** WebSockets of one customer, and of one process. */
export const SOCKETS_PER_CUSTOMER_MAX = 32;
export const SOCKETS_MAX = 1_000;
export const TOPICS_PER_SOCKET_MAX = 16;
export const TOPIC_MAX_CHARACTERS = 200;
/** Answers that one client may wait for over its WebSocket. */
export const SOCKET_ANSWERS_MAX = 64;
/** What a client may send in one WebSocket message. */
export const SOCKET_MESSAGE_MAX_BYTES = 16_384;
/** Bytes that may wait in memory for a reader; what comes after waits in the store. */
export const SOCKET_BACKLOG_MAX_BYTES = 1_048_576;
/** A reader whose backlog stays over the limit for this long is sent away. */
export const SOCKET_SLOW_MAX_MS = 30_000;
