/**
 * Layers of a UNet that stay float32 unless told otherwise: what touches latents directly, and all that depends on the time
 * only, which is one row per picture: nothing to gain, and every pixel to lose. By the key without prefix.
 */
export const keptOfUNet: readonly RegExp[] = [/^conv_(in|out)\./, /^time_embedding\./, /\.time_emb_proj\./]

/** The same of a VAE's decoder: what touches latents and pixels. */
export const keptOfVaeDecoder: readonly RegExp[] = [/^post_quant_conv\./, /^decoder\.conv_(in|out)\./]

/** Whether a layer shall be quantized, by its key. */
export function quantizes(prefix: string, kept: readonly RegExp[]): (key: string) => boolean {
  // search, unlike test, keeps no state in a global pattern.
  return key => key.startsWith(prefix) && !kept.some(pattern => key.slice(prefix.length).search(pattern) !== -1)
}
