/** What the simulator has done since it was made. */
export interface Counters {
  binds: number;
  bindsRefused: number;
  submits: number;
  submitsTaken: number;
  submitsRefused: number;
  submitsUnanswered: number;
  /** Answered with ESME_RSYSERR, for they could not be dealt with. */
  requestsUnreadable: number;
  /** Most submit_sm of one bind that were unanswered at once, as seen from here. */
  widestWindow: number;
  /** Receipts and messages from handsets; repeats count. */
  deliveriesSent: number;
  deliveriesTaken: number;
  deliveriesRefused: number;
  /** Given up because too many waited, or because they fit into no PDU. */
  deliveriesDropped: number;
  receipts: number;
  handsetMessages: number;
}

export function noCounts(): Counters {
  return {
    binds: 0,
    bindsRefused: 0,
    submits: 0,
    submitsTaken: 0,
    submitsRefused: 0,
    submitsUnanswered: 0,
    requestsUnreadable: 0,
    widestWindow: 0,
    deliveriesSent: 0,
    deliveriesTaken: 0,
    deliveriesRefused: 0,
    deliveriesDropped: 0,
    receipts: 0,
    handsetMessages: 0,
  };
}
