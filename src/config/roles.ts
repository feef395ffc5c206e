/** What a process can do of the whole: each node has any of them. */
export const ROLES = ["api", "dispatch", "webhooks"] as const;

export type Role = (typeof ROLES)[number];
