/**
 * Rebuilds `sql/parser/grammar_wasm.ts`: PostgreSQL's grammar as bytes that
 * need no file and no network to load.
 *
 * ```text
 * libpg-query.wasm --less memory--> --deflate-raw, level 9--> --base64--> a string
 * ```
 *
 * The module asks for 128 MiB when it starts, which small runtimes do not have;
 * its section 5 is rewritten to ask for {@linkcode INITIAL_PAGES}, and it grows
 * when it needs more.
 *
 * | byte of section 5 | meaning |
 * | ---: | --- |
 * | 0 | 1: one memory |
 * | 1 | 1: it has a maximum |
 * | 2 | pages at the start (LEB128), then the maximum |
 *
 * `deno run -A tasks/build_grammar.ts` writes the module; `--check` fails when
 * the one that is checked in was made from other bytes. What is compared is
 * the unpacked WebAssembly, because two builds of zlib may pack differently.
 *
 * Rejected: brotli (88 KiB less, but no `DecompressionStream` knows it
 * everywhere); stripping the exports that are not called (3 % less, since all
 * functions stay reachable through the table).
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { deflateRawSync, inflateRawSync } from "node:zlib";

const TARGET = new URL("../sql/parser/grammar_wasm.ts", import.meta.url);
const VERSION = "18.1.5";

/** 40 MiB: what is laid out at fixed addresses takes 34. */
const INITIAL_PAGES = 640;

/** An unsigned LEB128 number and where it ends. */
function readLeb(bytes: Uint8Array, start: number): [number, number] {
  let value = 0;
  for (let at = start;; at++) {
    value += (bytes[at]! & 127) * 128 ** (at - start);
    if (bytes[at]! < 128) return [value, at + 1];
  }
}

function leb(value: number): number[] {
  return value < 128 ? [value] : [value & 127 | 128, ...leb(value >>> 7)];
}

/** The module with a smaller memory at the start. */
function withLessMemory(wasm: Uint8Array): Uint8Array {
  let at = 8;
  while (at < wasm.length) {
    const [size, body] = readLeb(wasm, at + 1);
    if (wasm[at] !== 5) {
      at = body + size;
      continue;
    }
    if (wasm[body] !== 1 || wasm[body + 1] !== 1) break;
    const [, maximum] = readLeb(wasm, body + 2);
    const rest = wasm.subarray(maximum, body + size);
    const section = [1, 1, ...leb(INITIAL_PAGES), ...rest];
    return Uint8Array.from([
      ...wasm.subarray(0, at),
      ...[5, ...leb(section.length), ...section],
      ...wasm.subarray(body + size),
    ]);
  }
  throw new Error("the module has no memory of its own");
}

/** The folder of the npm package that `deno.json` maps. */
function packageFolder(): string {
  const require = createRequire(
    new URL("../sql/parser/grammar.ts", import.meta.url),
  );
  return dirname(dirname(require.resolve(`libpg-query`)));
}

/** The notice that the packed bytes must carry. */
function notice(license: string): string {
  return license.trim().split("\n").map((line) => ` * ${line}`.trimEnd())
    .join("\n");
}

/** The source of the module. */
function moduleSource(wasm: Uint8Array, license: string): string {
  const packed = deflateRawSync(wasm, { level: 9 });
  return `/**
 * PostgreSQL 18's grammar, compiled to WebAssembly: \`libpg-query\` ${VERSION},
 * with less memory at its start, deflated, in base64. Made by \`tasks/build_grammar.ts\`; do not edit.
 *
 * The notice of \`libpg-query\`:
 *
${notice(license)}
 *
 * It contains \`libpg_query\` (Copyright (c) 2015, Lukas Fittl, 3-clause BSD)
 * and parts of PostgreSQL (Portions Copyright (c) 1996-2025, PostgreSQL Global
 * Development Group; Portions Copyright (c) 1994, The Regents of the
 * University of California; PostgreSQL licence).
 *
 * @module
 */

/** How many bytes {@linkcode GRAMMAR_WASM} unpacks to. */
export const GRAMMAR_WASM_BYTES = ${wasm.length};

/** The module's bytes: deflated (raw), then base64. */
export const GRAMMAR_WASM: string =
  "${packed.toString("base64")}";
`;
}

if (import.meta.main) {
  const folder = packageFolder();
  const wasm = withLessMemory(
    Deno.readFileSync(join(folder, "wasm", "libpg-query.wasm")),
  );
  if (Deno.args.includes("--check")) {
    const { GRAMMAR_WASM } = await import(TARGET.href) as {
      GRAMMAR_WASM: string;
    };
    const have = inflateRawSync(Buffer.from(GRAMMAR_WASM, "base64"));
    if (Buffer.compare(have, wasm) !== 0) {
      console.error("sql/parser/grammar_wasm.ts: out of date");
      Deno.exit(1);
    }
  } else {
    const license = Deno.readTextFileSync(join(folder, "LICENSE"));
    Deno.writeTextFileSync(TARGET, moduleSource(wasm, license));
  }
}
