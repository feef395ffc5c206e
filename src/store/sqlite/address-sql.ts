/** What stands where a number stood. */
export const ERASED = "erased";

/** The target of an address column in SQL (see address-column.ts). */
export function targetSql(column: string): string {
  return `CASE WHEN substr(${column}, 1, 1) = '{' THEN json_extract(${column}, '$.target') ELSE ${column} END`;
}

/** Whether an address column holds the number whose digits parameter `digits` has, with or without a plus. */
export function isNumberSql(column: string, digits: string): string {
  return `(${targetSql(column)} IN (${digits}, '+' || ${digits}))`;
}
