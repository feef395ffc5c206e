/** SMPP 3.4 §5.2.12: the bits of esm_class. Mode counts from ESME to SMSC, type in both directions. */
export const ESM_CLASS = {
  mode_default: 0x00,
  mode_datagram: 0x01,
  mode_forward: 0x02,
  mode_store_and_forward: 0x03,
  type_delivery_receipt: 0x04,
  type_delivery_acknowledgement: 0x08,
  type_user_acknowledgement: 0x10,
  type_conversation_abort: 0x18,
  type_intermediate_notification: 0x20,
  feature_udhi: 0x40,
  feature_reply_path: 0x80,
} as const;

const TYPE_BITS = 0x3c;

/** What kind of message a deliver_sm or data_sm brings. */
export type DeliveredType =
  | "message"
  | "delivery-receipt"
  | "delivery-acknowledgement"
  | "user-acknowledgement"
  | "conversation-abort"
  | "intermediate-notification";

/**
 * Reads the type bits 5–2, whatever the mode and feature bits say: carriers mark receipts 0x44 and the like. Of a combination
 * that the standard does not have, a receipt is recognised first.
 */
export function deliveredType(esmClass: number): DeliveredType {
  const type = esmClass & TYPE_BITS;
  if (type === 0) return "message";
  if ((type & ESM_CLASS.type_delivery_receipt) !== 0) return "delivery-receipt";
  if ((type & ESM_CLASS.type_intermediate_notification) !== 0) return "intermediate-notification";
  if (type === ESM_CLASS.type_conversation_abort) return "conversation-abort";
  return type === ESM_CLASS.type_user_acknowledgement ? "user-acknowledgement" : "delivery-acknowledgement";
}

/** Whether it tells of a message that we sent, finally or on its way, rather than being one itself. */
export function isDeliveryReceipt(esmClass: number): boolean {
  const type = deliveredType(esmClass);
  return (
    type === "delivery-receipt" || type === "intermediate-notification" || type === "delivery-acknowledgement"
  );
}

/** Whether the message begins with a user data header. */
export function hasUdhi(esmClass: number): boolean {
  return (esmClass & ESM_CLASS.feature_udhi) !== 0;
}
