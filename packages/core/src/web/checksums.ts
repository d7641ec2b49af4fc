import { FileFormatError } from '../errors.js'

const hint = 'Make it with: sha256sum $(find * -type f ! -name SHA256SUMS) > SHA256SUMS'

/**
 * Reads what `sha256sum` writes: hexadecimal hashes by the names of files.
 * @throws FileFormatError naming the line
 */
export function parseChecksums(text: string, file: string): ReadonlyMap<string, string> {
  const sums = new Map<string, string>()
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line === '') continue
    const [, hash, name] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? []
    if (!hash || !name || name.startsWith('/') || name.split('/').includes('..'))
      throw new FileFormatError({ file, message: `line ${i + 1} is no hash and name of a file`, hint })
    sums.set(name.replace(/^\.\//, ''), hash)
  }
  if (sums.size === 0) throw new FileFormatError({ file, message: 'names no files', hint })
  return sums
}
