import type { Customer } from "../../domain/customer.ts";
import type { WebhookEndpoint } from "../../domain/endpoint.ts";
import { putCustomer } from "./put-customer.ts";
import { putEndpoint } from "./put-endpoint.ts";
import { encodeBefore } from "./still-as-read.ts";
import type { Wire } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

/** The records follow each other as the operations that put them read them. */
export function encodeNewCustomer(customer: Customer, endpoint: WebhookEndpoint): Wire {
  const records = [customer, endpoint].flatMap((record) => [
    JSON.stringify(record),
    ...encodeBefore(undefined),
  ]);
  return ["addCustomer", ...records];
}

/** Writes a new customer with its own endpoint. Answers whether it was written. */
export function addCustomer(context: WriterContext): Operation {
  const [addRecord, addEndpoint] = [putCustomer(context), putEndpoint(context)];
  return (request) => {
    const [isAdded = 0] = addRecord(request);
    return isAdded === 0 ? [0] : addEndpoint(request);
  };
}
