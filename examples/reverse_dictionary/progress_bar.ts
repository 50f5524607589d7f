/**
 * A progress bar on a terminal; where there is none, a line now and then.
 *
 * @module
 */

const WIDTH = 30;

/** Shows how far something is. */
export class ProgressBar {
  readonly #title: string;
  readonly #isTerminal = Deno.stderr.isTerminal();
  readonly #start = performance.now();
  #shownPercent = -1;

  /** Creates a bar that shows nothing yet. */
  constructor(title: string) {
    this.#title = title;
  }

  /** Shows that `done` of `total` are done. */
  show(done: number, total: number): void {
    const percent = Math.floor(100 * done / total);
    if (percent === this.#shownPercent) return;
    const step = this.#isTerminal ? 1 : 10;
    if (percent < 100 && percent < this.#shownPercent + step) return;
    this.#shownPercent = percent;
    const filled = Math.round(WIDTH * done / total);
    const bar = "█".repeat(filled) + "░".repeat(WIDTH - filled);
    const seconds = Math.round((performance.now() - this.#start) / 1000);
    const text = `${this.#title} ${bar} ${done}/${total} ${seconds}s`;
    this.#write(this.#isTerminal ? `\r${text}` : `${text}\n`);
  }

  /** Ends the line, if there is one. */
  end(): void {
    if (this.#isTerminal && this.#shownPercent >= 0) this.#write("\n");
  }

  #write(text: string): void {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  }
}
