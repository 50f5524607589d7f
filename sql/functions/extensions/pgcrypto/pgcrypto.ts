/**
 * The extension `pgcrypto`: digests, passwords, ciphers, random bytes.
 *
 * Its functions of OpenPGP (`pgp_…`) are not among them.
 *
 * @module
 */
import { SqlError } from "../../../errors/sql_error.ts";
import { bytea } from "../../../types/bytea_type.ts";
import { int4 } from "../../../types/int_types.ts";
import { text } from "../../../types/text_types.ts";
import { define } from "../../define.ts";
import type { ExtensionParts } from "../extension.ts";
import { armor, dearmor } from "./armor.ts";
import { cipherFunctions } from "./ciphers.ts";
import { digestFunctions } from "./digests.ts";
import { cryptPassword, makeSalt } from "./passwords.ts";

const VOLATILE = { volatility: "volatile" } as const;

/** What `pgcrypto` adds. */
export const pgcrypto: ExtensionParts = {
  functions: [
    ...digestFunctions,
    ...cipherFunctions,
    define(
      "crypt",
      [text, text],
      text,
      ([password, salt]) => cryptPassword(password as string, salt as string),
    ),
    ...[[text], [text, int4]].map((types) =>
      define(
        "gen_salt",
        types,
        text,
        ([kind, rounds], context) =>
          makeSalt(kind as string, rounds as number | undefined, context),
        VOLATILE,
      )
    ),
    define("gen_random_bytes", [int4], bytea, ([count], context) => {
      if ((count as number) < 1 || (count as number) > 1024) {
        throw new SqlError("39000", "Length not in range");
      }
      return context.randomBytes(new Uint8Array(count as number));
    }, VOLATILE),
    define("armor", [bytea], text, ([data]) => armor(data as Uint8Array)),
    define("dearmor", [text], bytea, ([data]) => dearmor(data as string)),
  ],
};
