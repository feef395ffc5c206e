/** SMPP 3.4 §5.2.17: which receipts and acknowledgements the sender asks for; one of the first three, others added by `|`. */
export const REGISTERED_DELIVERY = {
  no_receipt: 0x00,
  receipt_on_success_or_failure: 0x01,
  receipt_on_failure: 0x02,
  delivery_acknowledgement: 0x04,
  user_acknowledgement: 0x08,
  intermediate_notification: 0x10,
} as const;

const RECEIPT_BITS = 0x03;

/** Whether a receipt is wanted for a message that ended well (`isDelivered`) or badly. */
export function wantsReceipt(registeredDelivery: number, isDelivered: boolean): boolean {
  const wanted = registeredDelivery & RECEIPT_BITS;
  if (wanted === REGISTERED_DELIVERY.receipt_on_success_or_failure) return true;
  return wanted === REGISTERED_DELIVERY.receipt_on_failure && !isDelivered;
}
