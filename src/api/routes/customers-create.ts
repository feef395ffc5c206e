import type { Clock } from "../../domain/clock.ts";
import type { FillRandom, Ids } from "../../domain/ids.ts";
import type { SecretBox } from "../../domain/secret-box.ts";
import type { DirectoryStore } from "../../store/directory.ts";
import type { Audit } from "../audit.ts";
import type { Guard } from "../auth/guard.ts";
import type { Passwords } from "../auth/password.ts";
import { viewCustomer } from "../customer-view.ts";
import { type Door, principalOf } from "../door.ts";
import { Refusal } from "../errors.ts";
import { newCustomer } from "../new-customer.ts";
import { answers } from "../schemas/answers.ts";
import { CustomersCreateBody } from "../schemas/customer.ts";
import { reference } from "../schemas/reference.ts";
import { type CheckAddress, requireGoodAddress } from "../webhook-address.ts";

interface CustomersCreateDeps {
  readonly guard: Guard;
  readonly audit: Audit;
  readonly store: Pick<DirectoryStore, "addCustomer">;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly fillRandom: FillRandom;
  readonly secretBox: SecretBox;
  readonly passwords: Passwords;
  readonly checkAddress: CheckAddress;
}

const schema = {
  tags: ["Administration"],
  summary: "Add a customer",
  description: "The answer holds `webhook_secret`, shown this once.",
  body: CustomersCreateBody,
  response: answers("The new customer.", reference("NewCustomer")),
};

/** `POST /v1.0/customers` (admin): a tenant with its password and webhook. */
export function customersCreate(door: Door, deps: CustomersCreateDeps): void {
  const { store, passwords, checkAddress } = deps;
  door.post("/v1.0/customers", { schema, onRequest: deps.guard.admin }, async (request) => {
    const { password, ...wish } = request.body;
    await requireGoodAddress(wish.webhook_uri ?? "", checkAddress);
    const made = newCustomer({ ...wish, passwordHash: await passwords.hash(password) }, deps);
    if (!(await store.addCustomer(made.customer, made.endpoint))) {
      throw new Refusal("RESOURCE_ALREADY_EXISTS", "another customer has this username", {
        field: "username",
      });
    }
    const { retention_days = null, retention_content_days = null } = wish;
    await deps.audit(principalOf(request), "customer.added", made.customer.id, {
      username: wish.username,
      ...(retention_days !== null && { retention_days }),
      ...(retention_content_days !== null && { retention_content_days }),
    });
    return { ...viewCustomer(made.customer, made.endpoint, null), webhook_secret: made.webhookSecret };
  });
}
