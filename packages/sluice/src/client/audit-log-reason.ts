/** The longest reason that Discord accepts, in characters. */
const LONGEST_REASON = 512;

/**
 * Encodes a reason as the value of `X-Audit-Log-Reason`.
 *
 * @throws RangeError when the reason is too long, TypeError when it is not well-formed Unicode.
 */
export function encodeReason(reason: string): string {
  const { length } = [...reason];
  if (length > LONGEST_REASON) {
    throw new RangeError(`reason has ${length} characters; Discord accepts at most ${LONGEST_REASON}`);
  }
  try {
    return encodeURIComponent(reason);
  } catch {
    throw new TypeError('reason is not well-formed Unicode');
  }
}
