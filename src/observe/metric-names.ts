/** What a metric is: a count that only rises, a value that goes both ways, or durations in seconds. */
export interface MetricDefinition {
  readonly kind: "counter" | "gauge" | "histogram";
  readonly help: string;
  /** The label names it may carry; their values are from small fixed sets, never numbers of handsets or ids of messages. */
  readonly labels: readonly string[];
}

/**
 * Every metric there is. Counters end in `_total`, durations in `_seconds`; whoever counts something new adds its line here,
 * and docs/metrics.md follows from this table.
 */
export const METRICS = {
  msgbin_http_requests_total: {
    kind: "counter",
    help: "Requests answered, by method, route pattern and status.",
    labels: ["method", "route", "status"],
  },
  msgbin_http_request_seconds: {
    kind: "histogram",
    help: "Time from a request's arrival to its answer.",
    labels: ["method", "route"],
  },
  msgbin_messages_accepted_total: {
    kind: "counter",
    help: "Requests to send that were stored.",
    labels: [],
  },
  msgbin_targets_accepted_total: {
    kind: "counter",
    help: "Destinations of the requests that were stored.",
    labels: [],
  },
  msgbin_messages_rejected_total: {
    kind: "counter",
    help: "Requests to send that were turned down, by reason.",
    labels: ["reason"],
  },
  msgbin_attempts_total: {
    kind: "counter",
    help: "Attempts to hand a target to a carrier, by how they ended.",
    labels: ["carrier", "outcome"],
  },
  msgbin_failovers_total: {
    kind: "counter",
    help: "Targets that waited for a carrier that was down or silent, and that went to another.",
    labels: ["carrier"],
  },
  msgbin_accept_to_submit_seconds: {
    kind: "histogram",
    help: "Time from accepting a message to handing its target to this carrier for the first time; scheduled ones left out.",
    labels: ["carrier"],
  },
  msgbin_submit_seconds: {
    kind: "histogram",
    help: "Time from handing a target to the carrier to its answer for the last part.",
    labels: ["carrier"],
  },
  msgbin_dispatch_waiting_targets: {
    kind: "gauge",
    help: "Targets that wait in memory to be sent.",
    labels: ["carrier"],
  },
  msgbin_dispatch_unsettled_targets: {
    kind: "gauge",
    help: "Targets marked in flight whose outcome is not committed yet.",
    labels: ["carrier"],
  },
  msgbin_carrier_lanes: {
    kind: "gauge",
    help: "Binds that are up in this process.",
    labels: ["carrier"],
  },
  msgbin_carrier_silent: {
    kind: "gauge",
    help: "Whether the carrier is bound in this process and left the last messages unanswered: 1 or 0.",
    labels: ["carrier"],
  },
  msgbin_carrier_slowed: {
    kind: "gauge",
    help: "Whether the carrier has asked for a slower pace than its limit: 1 or 0.",
    labels: ["carrier"],
  },
  msgbin_carrier_window_used: {
    kind: "gauge",
    help: "Parts that wait for their answer, over all binds of this process.",
    labels: ["carrier"],
  },
  msgbin_carrier_window_size: {
    kind: "gauge",
    help: "Parts that may wait for their answer, over all binds of this process.",
    labels: ["carrier"],
  },
  msgbin_carrier_disconnects_total: {
    kind: "counter",
    help: "Binds that were lost or could not be made, by reason.",
    labels: ["carrier", "reason"],
  },
  msgbin_carrier_throttled_total: {
    kind: "counter",
    help: "Answers by which a carrier said that we are too fast.",
    labels: ["carrier"],
  },
  msgbin_carrier_flaws_total: {
    kind: "counter",
    help: "Oddities in what a carrier delivered that were tolerated, by kind.",
    labels: ["carrier", "flaw"],
  },
  msgbin_carrier_unreadable_total: {
    kind: "counter",
    help: "Receipts and messages that a carrier delivered and that name nothing we could store.",
    labels: ["carrier", "kind"],
  },
  msgbin_marks_refused_total: {
    kind: "counter",
    help: "Targets that were canceled, expired, taken over or opted out of between claim and mark.",
    labels: ["carrier"],
  },
  msgbin_strays_total: {
    kind: "counter",
    help: "Targets that the store leased to this process without it knowing, after an answer that was lost, and that it queued again.",
    labels: ["carrier"],
  },
  msgbin_settlements_stale_total: {
    kind: "counter",
    help: "Attempts whose target was no longer this process's when they ended.",
    labels: ["carrier"],
  },
  msgbin_unknown_outcomes_total: {
    kind: "counter",
    help: "Targets found in flight after a crash, of which nobody can know whether they were sent.",
    labels: ["carrier"],
  },
  msgbin_store_pauses_total: {
    kind: "counter",
    help: "Times that dispatching paused because the store could not be written.",
    labels: [],
  },
  msgbin_receipts_total: {
    kind: "counter",
    help: "Delivery reports, by what became of them.",
    labels: ["carrier", "outcome"],
  },
  msgbin_receipt_seconds: {
    kind: "histogram",
    help: "Time from a target's sending to the report that ended it.",
    labels: ["carrier"],
  },
  msgbin_expired_total: {
    kind: "counter",
    help: "What ran out of time, by kind.",
    labels: ["kind"],
  },
  msgbin_retention_removed_total: {
    kind: "counter",
    help: "What was no longer to be kept and was taken away: messages, contents (of messages that stay), and whole months of the archive, whose messages are not counted.",
    labels: ["what"],
  },
  msgbin_retention_held_back: {
    kind: "gauge",
    help: "Messages older than they are to be kept that stayed at this process's last sweep, because they were not over.",
    labels: [],
  },
  msgbin_retention_swept_timestamp_seconds: {
    kind: "gauge",
    help: "When this process last ended a sweep of old messages, in seconds since 1970; 0 where others sweep.",
    labels: [],
  },
  msgbin_webhook_attempts_total: {
    kind: "counter",
    help: "Deliveries of events attempted, by what followed: delivered, retry or given_up.",
    labels: ["outcome"],
  },
  msgbin_webhook_attempt_seconds: {
    kind: "histogram",
    help: "Time of one attempt, from the signature to the end of the answer.",
    labels: [],
  },
  msgbin_webhook_lag_seconds: {
    kind: "histogram",
    help: "Time from an event to its delivery to an endpoint, retries included.",
    labels: [],
  },
  msgbin_webhook_endpoints_active: {
    kind: "gauge",
    help: "Endpoints that this process is delivering to.",
    labels: [],
  },
  msgbin_webhook_endpoints_waiting: {
    kind: "gauge",
    help: "Endpoints with something due that wait for a place.",
    labels: [],
  },
  msgbin_webhook_endpoints_disabled_total: {
    kind: "counter",
    help: "Endpoints switched off because they answered 410 or failed for days.",
    labels: [],
  },
  msgbin_inbound_messages_total: {
    kind: "counter",
    help: "Messages from handsets: received by the owner of the number, unowned, or repeated by the carrier.",
    labels: ["outcome"],
  },
  msgbin_inbound_incomplete_total: {
    kind: "counter",
    help: "Messages from handsets that were shown with parts missing, after waiting for them.",
    labels: [],
  },
  msgbin_opt_out_keywords_total: {
    kind: "counter",
    help: "Keywords from handsets that were obeyed: stop, start or help.",
    labels: ["wish"],
  },
  msgbin_queue_waiting: {
    kind: "gauge",
    help: "Targets that wait in the store for a carrier; above 10,000 on PostgreSQL an estimate, a few percent off.",
    labels: ["carrier"],
  },
  msgbin_queue_in_flight: {
    kind: "gauge",
    help: "Targets marked in flight in the store.",
    labels: ["carrier"],
  },
  msgbin_queue_held: {
    kind: "gauge",
    help: "Targets of unknown outcome that are held until an operator decides.",
    labels: ["carrier"],
  },
  msgbin_queue_oldest_age: {
    kind: "gauge",
    help: "Seconds for which the oldest target that is due has been waiting.",
    labels: ["carrier"],
  },
  msgbin_store_commit_seconds: {
    kind: "histogram",
    help: "Time of one group commit, from handing it to the writer to its being on stable storage.",
    labels: [],
  },
  msgbin_store_operations_total: {
    kind: "counter",
    help: "Operations that were part of commits; by commits, it says how large the groups are.",
    labels: [],
  },
  msgbin_store_read_seconds: {
    kind: "histogram",
    help: "Time of one batch of reads in the reader.",
    labels: [],
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;
