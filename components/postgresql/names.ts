/** Roles that BANA's applications and operators know. */
export const roles = {
  superuser: "postgres",
  /** Owns the applications' database. */
  app: "nx_seller_operator",
  replication: "repl_user",
} as const;

/** The applications' database. */
export const database = "nx_seller_core";

/** The same database through the pooler in session mode. */
export const sessionDatabase = "nx_seller_core_session";

/** Extensions of the applications' database. */
export const extensions = ["pg_stat_statements", "pgcrypto"] as const;

/** Schemas of the applications, which own them. */
export const schemas = ["public", "pricing", "allocation", "inventory", "finance", "payment", "sale"] as const;
