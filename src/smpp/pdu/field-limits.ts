import { COMMAND_STATUS } from "./command-status.ts";

/** How long a C-octet string may be, its NUL counted, and the error that answers one that is longer. */
export interface FieldLimit {
  readonly name: string;
  /** What SMPP 3.4 allows. */
  readonly standardBytes: number;
  /** What we read and write: more than the standard only where carriers are known to hand out longer values. */
  readonly acceptedBytes: number;
  readonly commandStatus: number;
}

function limit(
  name: string,
  standardBytes: number,
  acceptedBytes: number,
  status: keyof typeof COMMAND_STATUS,
): FieldLimit {
  return { name, standardBytes, acceptedBytes, commandStatus: COMMAND_STATUS[status] };
}

/** The C-octet strings of all PDUs (SMPP 3.4 §4). Passwords beyond 8 characters are common, message ids may be any UUID or hash. */
export const FIELD_LIMITS = {
  systemId: limit("systemId", 16, 64, "ESME_RINVSYSID"),
  password: limit("password", 9, 64, "ESME_RINVPASWD"),
  systemType: limit("systemType", 13, 64, "ESME_RINVSYSTYP"),
  addressRange: limit("addressRange", 41, 128, "ESME_RINVPARLEN"),
  serviceType: limit("serviceType", 6, 6, "ESME_RINVSERTYP"),
  sourceAddress: limit("source.address", 21, 21, "ESME_RINVSRCADR"),
  destinationAddress: limit("destination.address", 21, 21, "ESME_RINVDSTADR"),
  longSourceAddress: limit("source.address", 65, 65, "ESME_RINVSRCADR"),
  longDestinationAddress: limit("destination.address", 65, 65, "ESME_RINVDSTADR"),
  esmeAddress: limit("esme.address", 65, 65, "ESME_RINVDSTADR"),
  scheduleDeliveryTime: limit("scheduleDeliveryTime", 17, 17, "ESME_RINVSCHED"),
  validityPeriod: limit("validityPeriod", 17, 17, "ESME_RINVEXPIRY"),
  finalDate: limit("finalDate", 17, 17, "ESME_RINVPARLEN"),
  messageId: limit("messageId", 65, 256, "ESME_RINVMSGID"),
  distributionList: limit("destinations.name", 21, 21, "ESME_RINVDLNAME"),
} as const;

/** A PDU's header: command_length, command_id, command_status, sequence_number. */
export const HEADER_BYTES = 16;
/** The largest PDU read or written. */
export const MAX_PDU_BYTES = 64 * 1024 + HEADER_BYTES;
/** sm_length of SMPP 3.4 §5.2.21; 5.0 allows 255, which is read but not written. */
export const MAX_SHORT_MESSAGE_BYTES = 254;
/** number_of_dests of SMPP 3.4 §5.2.24. */
export const MAX_DESTINATIONS = 254;
