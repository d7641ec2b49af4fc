import { isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'
import { InvalidArgumentError } from '../errors.js'
import { HostClient } from '../host/client.js'
import { processTransport } from '../host/node-process.js'
import { workerTransport } from '../host/node-worker.js'
import type { Host, Hosted, HostOptions } from '../host/types.js'

export interface NodeHostOptions extends HostOptions {
  /** The module to load there: a URL, or the absolute path of a file. `import.meta.resolve` gives a package's. */
  readonly module: URL | string
  /**
   * 'worker': a thread; starts fast, can be given buffers without copying. 'process': a child process; a crash of
   * native code, or `dispose({ force: true })`, does not touch this one, all memory comes back, on
   * Linux that of disposed networks at once. Default 'worker'.
   */
  readonly kind?: 'worker' | 'process'
}

function moduleURL(module: URL | string): string {
  if (module instanceof URL) return module.href
  if (isAbsolute(module)) return pathToFileURL(module).href
  if (/^(file|data|node):/.test(module)) return module
  throw new InvalidArgumentError({
    argument: 'module',
    message: `'${module}' is neither a URL nor an absolute path`,
    hint: `Use new URL('./file.js', import.meta.url) or import.meta.resolve('${module}').`,
  })
}

/**
 * Loads a module in another thread or process and makes its object there; see `Host`. Resolves when the object is
 * ready. `signal` aborts the loading only.
 * @throws InvalidArgumentError when the module or its export cannot be used
 * @throws HostCrashedError, and whatever the factory throws
 */
export async function createHost<T extends object = Hosted>(options: NodeHostOptions): Promise<Host<T>> {
  const { module, kind = 'worker', signal } = options
  const url = moduleURL(module)
  if (kind !== 'worker' && kind !== 'process')
    throw new InvalidArgumentError({ argument: 'kind', message: `must be 'worker' or 'process', not '${kind}'` })
  signal?.throwIfAborted()
  const client = new HostClient(kind === 'worker' ? workerTransport() : processTransport(), options)
  await client.load(url)
  return client as Host<object> as Host<T>
}
