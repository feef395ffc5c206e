import type { Customer } from "../../domain/customer.ts";
import { bytes } from "./connection.ts";
import { CUSTOMER_COLUMNS } from "./directory-rows.ts";
import { bytesToId, idToBytes } from "./id-bytes.ts";
import { createStillAsRead } from "./still-as-read.ts";
import { readJson } from "./wire.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

/**
 * Inserts or replaces a customer, unless another living one has the username or it is no longer as it was read. Answers
 * whether it was written.
 */
export function putCustomer({ connection, wakes }: WriterContext): Operation {
  const holder = connection.prepare(
    "SELECT customer_id FROM customers WHERE username = ? AND tm_delete IS NULL",
  );
  const isStillAsRead = createStillAsRead(connection, "customers", ["customer_id"]);
  const put = connection.prepare(
    `INSERT OR REPLACE INTO customers (${CUSTOMER_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return (request) => {
    const customer = readJson(request) as Customer;
    const row = customer.tmDelete === null ? holder.get(customer.username) : undefined;
    if (row !== undefined && bytesToId(bytes(row[0])) !== customer.id.toLowerCase()) return [0];
    const id = idToBytes(customer.id);
    if (!isStillAsRead(request, id)) return [0];
    put.run(
      id,
      customer.username,
      customer.passwordHash,
      customer.name,
      customer.detail,
      customer.email,
      customer.phoneNumber,
      customer.address,
      JSON.stringify(customer.permissionIds),
      customer.tmCredentials,
      customer.tmCreate,
      customer.tmUpdate,
      customer.tmDelete,
      customer.retentionDays,
      customer.retentionContentDays,
    );
    wakes.directory();
    return [1];
  };
}
