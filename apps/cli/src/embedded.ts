import { dirname, join } from 'node:path'

/** A place in the package of the embedded model, there or not. @throws MissingDependencyError */
export async function embeddedPlace(...parts: string[]): Promise<string> {
  const { tinyFolder } = await import('@viscpm/chat/node')
  return join(dirname(tinyFolder()), ...parts)
}
