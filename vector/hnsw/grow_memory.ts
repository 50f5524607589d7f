/**
 * Making the memory of a segment larger.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import { type Kernels, PAGE_BYTES, PAGES_MAX } from "../kernels/kernels.ts";

/**
 * Makes `memory` so many bytes long at least; gives whether it became longer,
 * so that views of it have to be made anew.
 *
 * @throws {KriyaError} `54000` over 4 GiB, `53200` when there is not so much.
 */
export function growMemory(memory: Kernels["memory"], bytes: number): boolean {
  const pages = Math.ceil((bytes - memory.buffer.byteLength) / PAGE_BYTES);
  if (pages <= 0) return false;
  if (bytes > PAGES_MAX * PAGE_BYTES) {
    throw new KriyaError(
      "invalid",
      `Cannot make a vector segment of ${bytes} bytes: over 4 GiB`,
      { code: "54000" },
    );
  }
  try {
    memory.grow(pages);
  } catch (cause) {
    throw new KriyaError(
      "unavailable",
      `Cannot make a vector segment of ${bytes} bytes: out of memory`,
      { code: "53200", cause },
    );
  }
  return true;
}
