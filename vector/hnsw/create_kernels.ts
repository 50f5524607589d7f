/**
 * The choice of kernels: the best variant that this runtime can run.
 *
 * @module
 */
import type { Kernels, KernelVariant } from "../kernels/kernels.ts";
import {
  createSharedKernels,
  createWasmKernels,
  isSupported,
  WASM_VARIANTS,
} from "../kernels/wasm_kernels.ts";
import { createPlainKernels } from "./plain_kernels.ts";

/** The variants that this runtime can run, best first; `plain` always. */
export function supportedVariants(): KernelVariant[] {
  return [...WASM_VARIANTS.filter(isSupported), "plain"];
}

/**
 * Kernels with a memory of `pages` pages; of the best variant by default.
 * Where it can be, the memory is one that threads share if `isShared` says so.
 */
export function createKernels(
  variant: KernelVariant | undefined,
  pages: number,
  isShared = false,
): Kernels {
  const chosen = variant ?? WASM_VARIANTS.find(isSupported) ?? "plain";
  if (chosen === "plain") return createPlainKernels(pages);
  const shared = isShared ? createSharedKernels(chosen, pages) : undefined;
  return shared ?? createWasmKernels(chosen, pages);
}
