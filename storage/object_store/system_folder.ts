/**
 * The system's folder for temporary files.
 *
 * What the process may not ask for is not asked for: without the permission to
 * see `TMPDIR` it is `/tmp`.
 *
 * @module
 */
import process from "node:process";
import { isPermitted } from "../../base/permission.ts";

/** Where the system wants temporary files. */
export function systemTemporaryFolder(): string {
  for (const variable of ["TMPDIR", "TMP", "TEMP"]) {
    if (!isPermitted({ name: "env", variable })) continue;
    const folder = process.env[variable];
    if (folder !== undefined && folder !== "") {
      return folder.replace(/(?<=.)[\\/]+$/, "");
    }
  }
  return "/tmp";
}
