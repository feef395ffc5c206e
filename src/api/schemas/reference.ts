import { Type } from "typebox";

/** Names of the schemas that the API's description shares (`components.schemas`). */
export type SchemaName =
  | "Address"
  | "Message"
  | "Target"
  | "DryRun"
  | "Customer"
  | "NewCustomer"
  | "WebhookSecret"
  | "AccessKey"
  | "Me"
  | "Carrier"
  | "Held"
  | "Number"
  | "Webhook"
  | "WebhookTest"
  | "WebhookAttempt"
  | "OptOut"
  | "HandsetMessage"
  | "Login"
  | "Error";

/** Points at a shared schema; for answers only, which are described and never validated. */
export function reference(name: SchemaName) {
  return Type.Unsafe<unknown>({ $ref: `${name}#` });
}
