/** Names as the APIs take them (telemetry/names.py): of routes, users and webhooks. */
export const isName = (typed: string): boolean => /^[a-z0-9][a-z0-9._-]{0,47}$/.test(typed)
