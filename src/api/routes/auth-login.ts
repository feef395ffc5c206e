import { Type } from "typebox";
import type { DirectoryStore } from "../../store/directory.ts";
import { TOKEN_COOKIE } from "../auth/credentials.ts";
import type { Guard } from "../auth/guard.ts";
import { TOKEN_LIFE_MS, type Tokens } from "../auth/jwt.ts";
import type { Passwords } from "../auth/password.ts";
import { primaryEndpoint } from "../customer-records.ts";
import type { Door } from "../door.ts";
import { Refusal } from "../errors.ts";
import { addressKey, type Buckets, refuseOverRate } from "../rate-limit.ts";
import { answers } from "../schemas/answers.ts";
import { PasswordBody } from "../schemas/customer.ts";
import { reference } from "../schemas/reference.ts";

interface LoginDeps {
  readonly guard: Guard;
  readonly store: Pick<DirectoryStore, "findCustomer" | "listEndpoints">;
  readonly passwords: Passwords;
  readonly tokens: Tokens;
  /** Wrong passwords by address and username. */
  readonly failedLogins: Buckets;
}

const schema = {
  tags: ["Session"],
  summary: "Log in",
  description: "Answers a token, and sets it as cookie `token` for browsers.",
  security: [],
  body: Type.Object(
    { username: Type.String({ maxLength: 255 }), password: PasswordBody },
    { examples: [{ username: "admin", password: "…" }] },
  ),
  response: answers("A fresh token.", reference("Login")),
};

/** `POST /auth/login`: a username and its password for a token; any failure is 400. */
export function authLogin(door: Door, { guard, store, passwords, tokens, failedLogins }: LoginDeps): void {
  door.post("/auth/login", { schema, onRequest: guard.anyone }, async (request, reply) => {
    const { username, password } = request.body;
    const guesser = `${addressKey(request.ip)} ${username}`;
    refuseOverRate(failedLogins.take(guesser)); // taken before the check: many at once may not share one token
    const customer = await store.findCustomer(username);
    const isKnown = customer !== null && customer.tmDelete === null;
    const isRight = await passwords.matches(password, isKnown ? customer.passwordHash : null);
    if (!isKnown || !isRight) throw new Refusal("LOGIN_REFUSED", "the username or the password is wrong");
    failedLogins.giveBack(guesser);

    const primary = await primaryEndpoint(store, customer.id);
    const token = tokens.issue(customer, { method: primary?.method ?? "", uri: primary?.uri ?? "" });
    reply.setCookie(TOKEN_COOKIE, token, {
      path: "/",
      httpOnly: true,
      sameSite: "strict",
      secure: request.protocol === "https",
      maxAge: TOKEN_LIFE_MS / 1_000,
    });
    return { username: customer.username, token };
  });
}
