import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Language } from '../sample.js'

const require = createRequire(import.meta.url)

/** The messages of the TypeScript compiler: sentences that people wrote and translated. */
export async function compilerMessages(language: Language, typescript: object): Promise<string[]> {
  if (language === 'zh') {
    const file = require.resolve('typescript/lib/zh-cn/diagnosticMessages.generated.json')
    return Object.values(JSON.parse((await readFile(file, 'utf8')).replace(/^\ufeff/, '')))
  }
  const { Diagnostics } = typescript as { Diagnostics?: Readonly<Record<string, { readonly message: string }>> }
  if (Diagnostics === undefined) throw new Error('this version of TypeScript does not give its messages')
  return Object.values(Diagnostics).map(({ message }) => message)
}
