/**
 * Run by tests: opens the database at the address it is given, says `open`, and
 * holds it until it is killed. With `write` it also inserts a row into `t`.
 *
 * @module
 */
import { open } from "../../mod.ts";

const [address, mode] = Deno.args;
const db = await open(address!);
if (mode === "write") await db.query("INSERT INTO t VALUES (100)");
await Deno.stdout.write(new TextEncoder().encode("open\n"));
setInterval(() => db.readOnly, 1000);
