import { Type } from "typebox";
import type { DirectoryStore } from "../../store/directory.ts";
import type { Guard } from "../auth/guard.ts";
import type { Tokens } from "../auth/jwt.ts";
import { changePassword, type PasswordDeps } from "../change-password.ts";
import { primaryEndpoint } from "../customer-records.ts";
import { type Door, principalOf } from "../door.ts";
import { Refusal } from "../errors.ts";
import { type Buckets, refuseOverRate } from "../rate-limit.ts";
import { answers } from "../schemas/answers.ts";
import { PasswordBody } from "../schemas/customer.ts";
import { reference } from "../schemas/reference.ts";

interface CustomerPasswordDeps extends PasswordDeps {
  readonly guard: Guard;
  readonly store: PasswordDeps["store"] & Pick<DirectoryStore, "listEndpoints">;
  readonly tokens: Tokens;
  /** Wrong passwords by customer. */
  readonly failedLogins: Buckets;
}

const schema = {
  tags: ["Account"],
  summary: "Change your password",
  description:
    "Ends every token issued before, this one too: the answer holds a fresh one. Access keys stay good.",
  body: Type.Object({ old: PasswordBody, new: PasswordBody }, { examples: [{ old: "…", new: "…" }] }),
  response: answers("A fresh token.", reference("Login")),
};

/** `PUT /v1.0/customer/password`: the old password and the new one. */
export function customerPassword(door: Door, deps: CustomerPasswordDeps): void {
  door.put("/v1.0/customer/password", { schema, onRequest: deps.guard.customer }, async (request) => {
    const { customerId } = principalOf(request);
    const primary = await primaryEndpoint(deps.store, customerId); // first: after the change nothing may fail any more
    const customer = await changePassword(deps, customerId, request.body.new, async (present) => {
      refuseOverRate(deps.failedLogins.take(customerId));
      if (!(await deps.passwords.matches(request.body.old, present))) {
        throw new Refusal("INVALID_ARGUMENT", "old is not the present password", { field: "old" });
      }
      deps.failedLogins.giveBack(customerId);
    });
    const token = deps.tokens.issue(customer, { method: primary?.method ?? "", uri: primary?.uri ?? "" });
    return { username: customer.username, token };
  });
}
