/** SMPP 3.4 §5.2.5: type of number. */
export const TON = {
  unknown: 0,
  international: 1,
  national: 2,
  network_specific: 3,
  subscriber_number: 4,
  alphanumeric: 5,
  abbreviated: 6,
} as const;

/** SMPP 3.4 §5.2.6: numbering plan; `isdn` is E.163/E.164. */
export const NPI = {
  unknown: 0,
  isdn: 1,
  data: 3,
  telex: 4,
  land_mobile: 6,
  national: 8,
  private: 9,
  ermes: 10,
  internet: 14,
  wap_client_id: 18,
} as const;
