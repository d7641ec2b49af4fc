import { startViscpm } from '../robustness/viscpm.js'

export interface RunningServer {
  readonly url: string
  readonly pid: number
  /** Ends it as Ctrl-C would. @throws Error when it does not end well */
  stop(): Promise<void>
}

/** Starts `viscpm serve` on a free port and waits until it is ready. */
export async function startServer(...more: readonly string[]): Promise<RunningServer> {
  const running = startViscpm(['serve', '--port', '0', ...more])
  let ended = false
  void running.ended.then(() => {
    ended = true
  })
  const url = await eventually(
    () => /http:\/\/127\.0\.0\.1:\d+/.exec(running.output())?.[0],
    () => ended,
  )
  if (url === undefined) throw new Error(`viscpm serve did not start: ${(await running.ended).stderr.slice(-500)}`)
  const ready = await eventually(
    async () => ((await fetch(`${url}/readyz`).catch(() => undefined))?.ok ? true : undefined),
    () => ended,
  )
  if (!ready) {
    running.kill()
    throw new Error('viscpm serve is not ready after two minutes')
  }
  return {
    url,
    pid: running.pid,
    async stop() {
      process.kill(running.pid, 'SIGTERM')
      const late = setTimeout(() => running.kill(), 60_000)
      const { code, signal, stderr } = await running.ended
      clearTimeout(late)
      if (signal === 'SIGKILL') throw new Error(`viscpm serve did not end within a minute: ${stderr.slice(-500)}`)
      if (code !== 0 && code !== 130 && code !== 143) throw new Error(`viscpm serve ended with ${code ?? signal}`)
    },
  }
}

async function eventually<T>(look: () => T | undefined | Promise<T | undefined>, over: () => boolean) {
  for (const start = performance.now(); performance.now() - start < 120_000 && !over(); ) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  return undefined
}
