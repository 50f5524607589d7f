/**
 * The WebAssembly kernels: which of them this runtime can run, and instances.
 *
 * The modules are embedded as base64 (`deno task wasm` makes them from
 * `assembly/`), compiled once each, synchronously, when first used, and
 * instantiated per segment: an instance with its memory costs a few hundred
 * kilobytes, and one memory cannot pass 4 GiB.
 *
 * A memory that threads share is wanted by another module than one that they
 * do not. The two differ in one byte, which says so: the embedded module is
 * the one of threads.
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import { HNSW_RELAXED_WASM } from "./hnsw_relaxed_wasm.ts";
import { HNSW_SIMD_WASM } from "./hnsw_simd_wasm.ts";
import {
  type KernelFunctions,
  type Kernels,
  type LinearMemory,
  PAGES_MAX,
} from "./kernels.ts";

/** The variants made of WebAssembly, best first. */
export const WASM_VARIANTS = ["relaxed-simd", "simd"] as const;

/** A variant made of WebAssembly. */
export type WasmVariant = typeof WASM_VARIANTS[number];

const modules = new Map<WasmVariant, WebAssembly.Module | undefined>();
const sharedModules = new Map<WasmVariant, WebAssembly.Module | undefined>();

/** What comes before the flags of the memory's limits: its import. */
const MEMORY_IMPORT = "\x03env\x06memory\x02";
/** The flags: it has a maximum, and threads share it. */
const SHARED_LIMITS = 3;
const OWN_LIMITS = 1;

/** The compiled module, or `undefined` where this runtime cannot run it. */
function moduleOf(
  variant: WasmVariant,
  isShared = false,
): WebAssembly.Module | undefined {
  const known = isShared ? sharedModules : modules;
  if (!known.has(variant)) known.set(variant, compile(variant, isShared));
  return known.get(variant);
}

/** The module whose memory is its own. */
function withOwnMemory(
  bytes: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const text = String.fromCharCode(...bytes.subarray(0, 4096));
  const at = text.indexOf(MEMORY_IMPORT) + MEMORY_IMPORT.length;
  invariant(bytes[at] === SHARED_LIMITS, "module without a shared memory");
  const own = bytes.slice();
  own[at] = OWN_LIMITS;
  return own;
}

function compile(
  variant: WasmVariant,
  isShared: boolean,
): WebAssembly.Module | undefined {
  if (typeof WebAssembly === "undefined") return undefined;
  const embedded = wasmBytes(variant);
  const bytes = isShared ? embedded : withOwnMemory(embedded);
  try {
    // Some places validate but do not allow code to be made from bytes.
    return WebAssembly.validate(bytes)
      ? new WebAssembly.Module(bytes)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The bytes of a variant's module. */
export function wasmBytes(variant: WasmVariant): Uint8Array<ArrayBuffer> {
  const text = variant === "simd" ? HNSW_SIMD_WASM : HNSW_RELAXED_WASM;
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Whether this runtime can run a variant. */
export function isSupported(variant: WasmVariant): boolean {
  return moduleOf(variant) !== undefined;
}

/** A fresh instance with its own memory of `pages` pages. */
export function createWasmKernels(
  variant: WasmVariant,
  pages: number,
): Kernels {
  const module = moduleOf(variant);
  invariant(module !== undefined, `no ${variant} in this runtime`);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: PAGES_MAX });
  return instanceOf(variant, module, memory);
}

/**
 * A fresh instance with a memory of `pages` pages that threads can share;
 * `undefined` where this runtime has none.
 */
export function createSharedKernels(
  variant: WasmVariant,
  pages: number,
): Kernels | undefined {
  const module = moduleOf(variant, true);
  if (module === undefined) return undefined;
  try {
    const memory = new WebAssembly.Memory({
      initial: pages,
      maximum: PAGES_MAX,
      shared: true,
    });
    return { ...instanceOf(variant, module, memory), shared: module };
  } catch {
    return undefined;
  }
}

function instanceOf(
  variant: WasmVariant,
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Kernels {
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  const functions = instance.exports as unknown as KernelFunctions;
  // A SharedArrayBuffer serves wherever bytes of a segment are used: nothing
  // detaches, resizes or transfers them, or gives them to the system.
  return { ...functions, variant, memory: memory as LinearMemory };
}
