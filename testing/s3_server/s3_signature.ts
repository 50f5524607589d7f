/**
 * Signatures of requests: AWS Signature Version 4 in the `Authorization`
 * header.
 *
 * What is signed: method, path, query, the named headers, and the SHA-256 of
 * the body (or `UNSIGNED-PAYLOAD`, or one of the `STREAMING-…` names, whose
 * chunks are not checked). Signatures in the query are not known here.
 *
 * @module
 */
import { createHash, createHmac } from "node:crypto";
import { type S3Call, S3Refusal } from "./s3_message.ts";

/** Whose requests are taken. */
export interface S3ServerCredentials {
  /** The public half. */
  readonly accessKeyId: string;
  /** The secret half. */
  readonly secretAccessKey: string;
}

/** How far a request's date may be off, in ms. */
const SKEW_MS_MAX = 15 * 60 * 1000;

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

/**
 * Refuses a request that is not signed by the owner of the credentials.
 *
 * @throws {S3Refusal} `AccessDenied`, `InvalidAccessKeyId`,
 * `SignatureDoesNotMatch`, `RequestTimeTooSkewed`, `XAmzContentSHA256Mismatch`.
 */
export function checkSignature(
  call: S3Call,
  credentials: S3ServerCredentials,
  nowMs: number,
): void {
  const authorization = call.headers.get("authorization");
  if (authorization === undefined) {
    throw new S3Refusal(403, "AccessDenied", "Access Denied.");
  }
  const match = AUTHORIZATION.exec(authorization);
  if (match === null) {
    throw new S3Refusal(
      400,
      "AuthorizationHeaderMalformed",
      "The authorization header is malformed.",
    );
  }
  const [, keyId, day, region, names, signature] = match as unknown as string[];
  if (keyId !== credentials.accessKeyId) {
    throw new S3Refusal(
      403,
      "InvalidAccessKeyId",
      "The Access Key Id you provided does not exist in our records.",
    );
  }
  const date = call.headers.get("x-amz-date") ?? "";
  checkDate(date, day!, nowMs);
  const payload = call.headers.get("x-amz-content-sha256") ?? "";
  const scope = `${day}/${region}/s3/aws4_request`;
  const canonical = canonicalRequest(call, names!.split(";"), payload);
  const text = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical)}`;
  let key = hmac(`AWS4${credentials.secretAccessKey}`, day!);
  for (const part of [region!, "s3", "aws4_request"]) key = hmac(key, part);
  if (hmac(key, text).toString("hex") !== signature) {
    throw new S3Refusal(
      403,
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    );
  }
  if (/^[0-9a-f]{64}$/.test(payload) && payload !== sha256(call.body)) {
    throw new S3Refusal(
      400,
      "XAmzContentSHA256Mismatch",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
}

function checkDate(date: string, day: string, nowMs: number): void {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date);
  if (match === null || !date.startsWith(day)) {
    throw new S3Refusal(
      403,
      "AccessDenied",
      "AWS authentication requires a valid Date or x-amz-date header",
    );
  }
  const [year, month, dayOfMonth, hour, minute, second] = match.slice(1)
    .map(Number) as [number, number, number, number, number, number];
  const ms = Date.UTC(year, month - 1, dayOfMonth, hour, minute, second);
  if (Math.abs(ms - nowMs) > SKEW_MS_MAX) {
    throw new S3Refusal(
      403,
      "RequestTimeTooSkewed",
      "The difference between the request time and the server's time is too large.",
    );
  }
}

function canonicalRequest(
  call: S3Call,
  names: readonly string[],
  payload: string,
): string {
  const query = call.rawQuery === "" ? [] : call.rawQuery.split("&")
    .map((pair) => pair.includes("=") ? pair : `${pair}=`)
    .sort();
  const headers = names.map((name) => {
    const value = call.headers.get(name) ?? "";
    return `${name}:${value.trim().replace(/ +/g, " ")}\n`;
  });
  return [
    call.method,
    call.rawPath,
    query.join("&"),
    headers.join(""),
    names.join(";"),
    payload,
  ].join("\n");
}

function hmac(key: string | Uint8Array, text: string): Uint8Array & {
  toString(encoding: "hex"): string;
} {
  return createHmac("sha256", key).update(text).digest();
}

function sha256(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("hex");
}
