/**
 * A driver adapter for Prisma: its client over a database in this process.
 *
 * ```ts ignore
 * import { PrismaClient } from "./generated/prisma/client.ts";
 * import { open } from "@kriyadb/kriyadb";
 * import { PrismaKriya } from "@kriyadb/kriyadb/prisma";
 *
 * await using db = await open("s3://bucket/blog");
 * const prisma = new PrismaClient({ adapter: new PrismaKriya({ database: db }) });
 * ```
 *
 * Here belongs what Prisma asks of a driver adapter (its interfaces of version
 * 7). Its provider is `postgres`, so that Prisma writes PostgreSQL's SQL.
 *
 * @module
 */
export { PrismaKriya, type PrismaKriyaConfig } from "./adapter.ts";
export { KriyaDriverAdapterError } from "./errors.ts";
