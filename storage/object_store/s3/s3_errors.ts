/**
 * What a bucket's refusal, or its silence, means to the caller of a store.
 *
 * | answer | kind | tried again by the store |
 * | --- | --- | --- |
 * | none, timeout, broken connection | `unavailable` | reads, deletes, parts |
 * | 408, 429, 5xx, `SlowDown`, a clock too far off | `unavailable` | the same |
 * | 409 (concurrent conditional writes) | `unavailable` | no |
 * | an expired session, an upload that was given up | `unavailable` | no |
 * | 403 (`42501`), no such bucket, the wrong region, anything else of 4xx | `invalid` | no |
 *
 * Messages hold the action, the path and the address; the detail the status and
 * the bucket's own code and words. Answers as objects are not handed on: those
 * to a wrong signature repeat what was signed.
 *
 * @module
 */
import { KriyaError } from "../../../base/errors.ts";

/** A bucket's answer that is not a success. */
export interface S3Failure {
  /** The HTTP status; 0 if there was no answer. */
  readonly status: number;
  /** The bucket's code: `NoSuchKey`, `SlowDown` … */
  readonly code: string;
  /** The bucket's words, or the network's. */
  readonly message: string;
}

/** An answer that is wrong by itself: too short, another range, no tag. */
export class WrongAnswer extends Error {
  override readonly name = "WrongAnswer";
}

/** That no answer came in time. */
export class NoAnswerInTime extends Error {
  override readonly name = "NoAnswerInTime";
}

interface SdkError {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly Code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: unknown };
  readonly $response?: { readonly statusCode?: unknown };
}

/** What went wrong, out of whatever the SDK threw. */
export function failureOf(error: unknown): S3Failure {
  if (typeof error !== "object" || error === null) {
    return { status: 0, code: "", message: String(error) };
  }
  const { name, message, Code, $metadata, $response } = error as SdkError;
  const status = $metadata?.httpStatusCode ?? $response?.statusCode;
  return {
    status: typeof status === "number" ? status : 0,
    code: String(Code ?? name ?? ""),
    message: String(message ?? ""),
  };
}

const BUSY = new Set([
  "InternalError",
  "OperationAborted",
  "RequestTimeTooSkewed",
  "RequestTimeout",
  "ServiceUnavailable",
  "SlowDown",
  "SlowDownRead",
  "SlowDownWrite",
]);

/** What may be otherwise by the next call, but not by the next attempt. */
const PASSING = new Set([
  "ExpiredToken",
  "ExpiredTokenException",
  "NoSuchUpload",
]);

/** Whether the same request may succeed a little later. */
export function isTransient(error: unknown): boolean {
  if (error instanceof KriyaError || isSetUp(error)) return false;
  // The network's errors; one may come while the words of a refusal are read.
  if (error instanceof TypeError) return true;
  const { status, code } = failureOf(error);
  return status < 400 || status === 408 || status === 429 ||
    (status >= 500 && status !== 501) || BUSY.has(code);
}

/** Whether it never got as far as a request. */
function isSetUp(error: unknown): boolean {
  const { name } = error as { name?: unknown };
  return name === "CredentialsProviderError" || name === "NotCapable" ||
    name === "TokenProviderError";
}

/**
 * Whether the bucket says that there is no object. Only its own words count: a
 * proxy's 404 must not make a database look empty.
 */
export function isMissing(error: unknown): boolean {
  const { status, code } = failureOf(error);
  return status === 404 && code === "NoSuchKey";
}

/** The same of a HEAD, whose answers have no words. */
export function isMissingHead(error: unknown): boolean {
  const { status, code } = failureOf(error);
  return status === 404 && (code === "NoSuchKey" || code === "NotFound");
}

/** Whether the bucket says that a condition does not hold. */
export function isPrecondition(error: unknown): boolean {
  return failureOf(error).status === 412;
}

/** Whether the bucket says that a range begins past the end. */
export function isPastEnd(error: unknown): boolean {
  return failureOf(error).status === 416;
}

/** SQLSTATE of what a bucket does not let us do. */
const INSUFFICIENT_PRIVILEGE = "42501";

const RIGHTS =
  "The key needs s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload on the prefix, and s3:ListBucket on the bucket";

function hintOf(error: unknown, { status, code }: S3Failure): string {
  if ((error as { name?: unknown }).name === "NotCapable") {
    return "Give credentials in the option s3 and run with --allow-net and --ignore-env, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY and run with --allow-net and --allow-env";
  }
  if (isSetUp(error)) {
    return "Give credentials in the option s3, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
  }
  if (code.startsWith("ExpiredToken")) {
    return "The session is over: give fresh credentials";
  }
  switch (code) {
    case "NoSuchBucket":
      return "Make the bucket first; the database does not";
    case "InvalidAccessKeyId":
      return "The bucket's server does not know the access key: check it, and the endpoint";
    case "SignatureDoesNotMatch":
      return "Check the secret key and the region";
    case "PermanentRedirect":
    case "AuthorizationHeaderMalformed":
    case "IllegalLocationConstraintException":
      return "The bucket is in another region: set the option region, or AWS_REGION";
    case "RequestTimeTooSkewed":
      return "The clock of this machine is wrong";
  }
  if (status === 403) return RIGHTS;
  if (status === 301 || status === 307) {
    return "The bucket is elsewhere: check region and endpoint";
  }
  if (status === 0) return "Check the endpoint and the network";
  if (status === 409) return "The outcome is settled by reading it back";
  if (status >= 500 || status === 429) return "The bucket is busy: try again";
  return "Check address, endpoint and region";
}

/** The store's error for what the SDK threw. */
export function s3Error(
  action: string,
  path: string,
  address: string,
  error: unknown,
): KriyaError {
  if (error instanceof KriyaError) return error;
  const failure = failureOf(error);
  const { status, code, message } = failure;
  const busy = isTransient(error) || status === 409 || PASSING.has(code);
  const redirect = status >= 300 && status < 400;
  const where = path === "" ? address : `"${path}" in ${address}`;
  const reason = status === 0 ? message || code : `${status} ${code}`;
  return new KriyaError(
    busy && !redirect ? "unavailable" : "invalid",
    `Cannot ${action} ${where}: ${reason}`,
    {
      ...status === 403 && { code: INSUFFICIENT_PRIVILEGE },
      detail: status === 0 ? code : message,
      hint: hintOf(error, failure),
    },
  );
}
