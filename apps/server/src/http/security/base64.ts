/**
 * The bytes of a text in base64 (RFC 4648, section 4; padding may be missing); undefined for any other text. Node's decoder passes
 * over what it does not know: what it understood is written again and compared, many times as fast as looking for the letters.
 */
export function fromBase64(text: string): Uint8Array | undefined {
  // All groups of four but the last, which may be padded.
  const whole = 4 * Math.floor(Math.max(0, text.length - 2) / 4)
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text.slice(whole))) return undefined
  const bytes = Buffer.from(text, 'base64')
  const head = bytes.subarray(0, (whole / 4) * 3)
  if (head.length * 4 !== whole * 3 || head.toString('base64') !== text.slice(0, whole)) return undefined
  return new Uint8Array(bytes)
}
