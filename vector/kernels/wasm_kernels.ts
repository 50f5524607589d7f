/**
 * The WebAssembly kernels: which of them this runtime can run, and instances.
 *
 * The modules are embedded as base64 (`deno task wasm` makes them from
 * `assembly/`), compiled once each, synchronously, when first used, and
 * instantiated per segment: an instance with its memory costs a few hundred
 * kilobytes, and one memory cannot pass 4 GiB.
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import { HNSW_RELAXED_WASM } from "./hnsw_relaxed_wasm.ts";
import { HNSW_SIMD_WASM } from "./hnsw_simd_wasm.ts";
import type { KernelFunctions, Kernels, LinearMemory } from "./kernels.ts";

/** The variants made of WebAssembly, best first. */
export const WASM_VARIANTS = ["relaxed-simd", "simd"] as const;

/** A variant made of WebAssembly. */
export type WasmVariant = typeof WASM_VARIANTS[number];

const modules = new Map<WasmVariant, WebAssembly.Module | undefined>();

/** The compiled module, or `undefined` where this runtime cannot run it. */
function moduleOf(variant: WasmVariant): WebAssembly.Module | undefined {
  if (!modules.has(variant)) modules.set(variant, compile(variant));
  return modules.get(variant);
}

function compile(variant: WasmVariant): WebAssembly.Module | undefined {
  if (typeof WebAssembly === "undefined") return undefined;
  const bytes = wasmBytes(variant);
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
  const memory = new WebAssembly.Memory({ initial: pages });
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  const functions = instance.exports as unknown as KernelFunctions;
  // It was not made shared, so its buffer is no SharedArrayBuffer.
  return { ...functions, variant, memory: memory as LinearMemory };
}
