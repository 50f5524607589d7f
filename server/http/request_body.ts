/**
 * The body of a request: JSON, as long as may be and no longer, and its fields
 * with the types that they have to have.
 *
 * Only `application/json` is taken: a page of another origin can send that to
 * nobody who does not allow it, while it can send forms and text to anybody.
 *
 * @module
 */
import type { Environment } from "../../mod.ts";
import { HttpError, invalidBody } from "./http_error.ts";

/** An object of JSON. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** How much a body may be, and how long it may take. */
export interface BodyLimits {
  readonly environment: Environment;
  readonly bodyBytesMax: number;
  readonly bodyTimeoutMs: number;
}

/**
 * The object that a request's body is.
 *
 * @throws {HttpError} 400, 408, 413, 415.
 */
export async function readBody(
  request: Request,
  limits: BodyLimits,
): Promise<JsonObject> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json\s*(?:;|$)/i.test(type)) {
    throw new HttpError(
      415,
      "22023",
      'the body has to be JSON, and "content-type: application/json" say so',
    );
  }
  const text = await readText(request, limits);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new HttpError(400, "22P02", `the body is not JSON: ${why}`);
  }
  if (isObject(body)) return body;
  throw invalidBody("the body has to be an object");
}

async function readText(
  request: Request,
  { environment, bodyBytesMax, bodyTimeoutMs }: BodyLimits,
): Promise<string> {
  const tooLarge = (): HttpError =>
    new HttpError(
      413,
      "54000",
      `the body is longer than ${bodyBytesMax} bytes`,
    );
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > bodyBytesMax) throw tooLarge();
  if (request.body === null) return "";
  const reader = request.body.getReader();
  let isLate = false;
  const timer = environment.setTimer(
    () => {
      isLate = true;
      void reader.cancel().catch(() => {});
    },
    bodyTimeoutMs,
    { background: true },
  );
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (isLate) throw late();
      if (done) return text + decoder.decode();
      bytes += value.length;
      if (bytes > bodyBytesMax) throw tooLarge();
      text += decoder.decode(value, { stream: true });
    }
  } catch (error) {
    void reader.cancel().catch(() => {});
    if (error instanceof HttpError) throw error;
    if (isLate) throw late();
    throw new HttpError(400, "22021", "the body is not whole, or not UTF-8");
  } finally {
    timer.cancel();
  }
}

function late(): HttpError {
  return new HttpError(408, "57014", "the body took too long");
}

/** Whether a value of JSON is an object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws {HttpError} for a field that nobody asked for: a typing error. */
export function refuseOthers(body: JsonObject, known: readonly string[]): void {
  for (const name of Object.keys(body)) {
    if (known.includes(name)) continue;
    const there = known.length === 0 ? "none" : known.join(", ");
    throw invalidBody(
      `unknown field ${JSON.stringify(name)}: there are ${there}`,
    );
  }
}

/** A text. @throws {HttpError} */
export function textField(body: JsonObject, name: string): string {
  const value = body[name];
  if (typeof value === "string") return value;
  throw invalidBody(`"${name}" has to be a text`);
}

/** An array, empty where it is absent. @throws {HttpError} */
export function arrayField(body: JsonObject, name: string): unknown[] {
  const value = body[name] ?? [];
  if (Array.isArray(value)) return value;
  throw invalidBody(`"${name}" has to be an array`);
}

/** A whole number, if there is one. @throws {HttpError} */
export function integerField(
  body: JsonObject,
  name: string,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max) {
    return Number(value);
  }
  throw invalidBody(`"${name}" has to be an integer from ${min} to ${max}`);
}

/** One of a few words, if there is one. @throws {HttpError} */
export function wordField<W extends string>(
  body: JsonObject,
  name: string,
  words: readonly W[],
): W | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  const word = words.find((each) => each === value);
  if (word !== undefined) return word;
  throw invalidBody(`"${name}" has to be one of ${words.join(", ")}`);
}

/** Yes or no, if it is said. @throws {HttpError} */
export function booleanField(
  body: JsonObject,
  name: string,
): boolean | undefined {
  const value = body[name];
  if (value === undefined || typeof value === "boolean") return value;
  throw invalidBody(`"${name}" has to be true or false`);
}

/** A vector: numbers, at least one. @throws {HttpError} */
export function vectorField(body: JsonObject, name: string): number[] {
  const value = body[name];
  if (
    Array.isArray(value) && value.length > 0 &&
    value.every((each) => typeof each === "number")
  ) {
    return value;
  }
  throw invalidBody(`"${name}" has to be an array of numbers`);
}
