import { readFileSync } from 'node:fs'

/** Version of this package; its package.json lies one folder above both the sources and what they are built to. */
export function version(): string {
  const json = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(json) as { version: string }).version
}
