import { database, extensions, roles, schemas } from "../names.ts";
import type { DatabaseSpec } from "./api.ts";

/** The applications' database, its extensions and schemas. Deleting the object keeps the database. */
export const databaseSpec = (cluster: string): DatabaseSpec => ({
  cluster: { name: cluster },
  name: database,
  owner: roles.app,
  ensure: "present",
  databaseReclaimPolicy: "retain",
  extensions: extensions.map((name) => ({ name, ensure: "present" })),
  schemas: schemas.map((name) => ({ name, owner: roles.app, ensure: "present" })),
});
