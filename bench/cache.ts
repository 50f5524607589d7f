/**
 * Where benchmarks keep what is not theirs: peers from npm, data made of npm
 * packages, peers' built indexes. All of it outside the repository.
 *
 * | variable | default |
 * | --- | --- |
 * | `KRIYA_BENCH_PEERS` | `peers` in the cache folder |
 * | `KRIYA_BENCH_DATA` | `data` in the cache folder |
 *
 * The cache folder is `kriyadb-bench` in `XDG_CACHE_HOME`, else in `~/.cache`,
 * else in the system's folder for temporary files.
 *
 * @module
 */
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

function cacheFolder(): string {
  const home = Deno.env.get("HOME");
  const cache = Deno.env.get("XDG_CACHE_HOME") ??
    (home === undefined ? tmpdir() : join(home, ".cache"));
  return join(cache, "kriyadb-bench");
}

/** The folder of data, made if it is not there. */
export function dataFolder(): string {
  const folder = Deno.env.get("KRIYA_BENCH_DATA") ??
    join(cacheFolder(), "data");
  Deno.mkdirSync(folder, { recursive: true });
  return folder;
}

/** The folder whose `node_modules` holds the peers. */
export function peersFolder(): string {
  const folder = Deno.env.get("KRIYA_BENCH_PEERS") ??
    join(cacheFolder(), "peers");
  Deno.mkdirSync(folder, { recursive: true });
  return folder;
}

/** Whether a file or folder is there. */
export function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The bytes of all files in a folder and those below it. */
export async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  for await (const entry of Deno.readDir(folder)) {
    const path = join(folder, entry.name);
    bytes += entry.isDirectory
      ? await folderBytes(path)
      : (await Deno.stat(path)).size;
  }
  return bytes;
}

/**
 * Installs `name@version` with npm, unless it is there; without `scripts` as
 * it is, nothing of it compiled.
 */
export async function installPeer(
  name: string,
  version: string,
  { scripts = true }: { readonly scripts?: boolean } = {},
): Promise<void> {
  const folder = peersFolder();
  const manifest = join(folder, "node_modules", name, "package.json");
  if (exists(manifest)) {
    const installed = JSON.parse(await Deno.readTextFile(manifest)).version;
    if (installed === version) return;
  }
  console.error(`installing ${name}@${version} into ${folder}`);
  const { success, stderr } = await new Deno.Command("npm", {
    args: [
      ...["install", "--prefix", folder, "--no-audit", "--no-fund"],
      ...(scripts ? [] : ["--ignore-scripts"]),
      `${name}@${version}`,
    ],
    stdout: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** Loads an installed peer. */
export function requirePeer(name: string): unknown {
  return createRequire(join(peersFolder(), "package.json"))(name);
}

/** The path of a file of an installed peer. */
export function peerFile(name: string, file: string): string {
  return join(peersFolder(), "node_modules", name, file);
}
