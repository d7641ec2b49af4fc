import { basename, relative, sep } from 'node:path'
import type { Readable, Writable } from 'node:stream'

/** A stream to write to, and what is known of the terminal behind it. */
export type TextOutput = Writable & {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  getColorDepth?(env?: object): number
}

/** Everything a command reaches of the process around it; tests give their own. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: TextOutput
  readonly stderr: TextOutput
  readonly env: Readonly<Record<string, string | undefined>>
  /** How this command is called on a command line, for advice that can be pasted. */
  readonly command: string
  /** Calls `handler` at Ctrl-C (SIGINT) until the function that it returns is called. */
  onInterrupt(handler: () => void): () => void
  /** The same for SIGTERM, which asks a service to end. Absent: nobody sends it. */
  onTerminate?(handler: () => void): () => void
  /** Ends the process at once, for a second Ctrl-C while the first one is still being obeyed. */
  exitNow(code: number): void
}

/** `viscpm` where it is installed, `npx` where that ran it; in a clone, its script of pnpm where that ran it. */
export function calledAs(script: string | undefined, cwd: string, env: Io['env']): string {
  if (env.npm_package_name === 'viscpm-workspace') return 'npx -y pnpm@12 viscpm'
  if (script === undefined || basename(script) === 'viscpm')
    return script?.includes(`${sep}_npx${sep}`) ? 'npx @viscpm/cli' : 'viscpm'
  const inside = relative(cwd, script)
  const path = inside.startsWith('..') ? script : inside
  return `node ${/[\s"'()&]/.test(path) ? JSON.stringify(path) : path}`
}

/**
 * Ends this process without waiting: process.exit() would wait for what the model's thread computes. Dying of the signal
 * of Ctrl-C is what shells report as 130.
 */
function endNow(code: number): void {
  if (process.stdin.isTTY) process.stdin.setRawMode(false)
  process.exitCode = code
  process.removeAllListeners('SIGINT')
  process.kill(process.pid, 'SIGINT')
}

/** The real process. */
export function processIo(): Io {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    command: calledAs(process.argv[1], process.cwd(), process.env),
    onInterrupt(handler) {
      process.on('SIGINT', handler)
      return () => process.off('SIGINT', handler)
    },
    onTerminate(handler) {
      process.on('SIGTERM', handler)
      return () => process.off('SIGTERM', handler)
    },
    exitNow: endNow,
  }
}
