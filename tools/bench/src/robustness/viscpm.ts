import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const fromSource = import.meta.url.endsWith('.ts')
const cli = '../../../../apps/cli'
const bin = fileURLToPath(
  new URL(`${cli}/${fromSource ? 'src/fixtures/bin-from-source.mjs' : 'dist/bin.js'}`, import.meta.url),
)

const ends = ['exit', 'SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** How a command ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  readonly seconds: number
}

export interface Running {
  readonly pid: number
  /** SIGKILL: nothing of it runs on. */
  kill(): void
  /** It stands still until `work` is done. */
  during(work: () => void): void
  /** Standard error so far. */
  stderr(): string
  /** Standard output and error so far. */
  output(): string
  readonly ended: Promise<Ended>
}

/**
 * Starts the `viscpm` command as its users do, in a process of its own.
 * @param before a command that starts it in turn, in its own place: `prlimit --data=4000000000`
 */
export function startViscpm(argv: readonly string[], before: readonly string[] = []): Running {
  if (!existsSync(bin)) throw new Error(`${bin} is not there: build @viscpm/cli first`)
  const [command, ...args] = [...before, process.execPath, bin, ...argv]
  const started = performance.now()
  const child = spawn(command!, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C', CI: '1' },
  })
  // It does not outlive this process.
  const kill = (): void => {
    child.kill('SIGKILL')
  }
  for (const end of ends) process.once(end, kill)
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', chunk => {
      texts[name] += chunk
    })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      for (const end of ends) process.removeListener(end, kill)
      resolve({ code, signal, ...texts, seconds: (performance.now() - started) / 1000 })
    })
  })
  const during = (work: () => void): void => {
    child.kill('SIGSTOP')
    try {
      work()
    } finally {
      child.kill('SIGCONT')
    }
  }
  return {
    pid: child.pid ?? 0,
    kill,
    during,
    stderr: () => texts.stderr,
    output: () => texts.stdout + texts.stderr,
    ended,
  }
}

/** Runs the `viscpm` command to its end. */
export const viscpm = (argv: readonly string[], before?: readonly string[]): Promise<Ended> =>
  startViscpm(argv, before).ended

/** The last line of standard output as an object; with --json that is the answer, or the error. */
export function answerOf({ stdout }: Pick<Ended, 'stdout'>): {
  readonly error?: { readonly code: string; readonly message: string }
  readonly [name: string]: unknown
} {
  try {
    return JSON.parse(stdout.trim().split('\n').at(-1)!)
  } catch {
    return {}
  }
}

/** Says what was wrong with a run that should have gone well. @throws Error */
export function mustSucceed(ended: Ended, what: string): Ended {
  if (ended.code === 0) return ended
  const said = `${ended.stderr}${ended.stdout}`.trim().split('\n').slice(-3).join(' | ')
  throw new Error(`${what} ended with ${ended.signal ?? ended.code}: ${said}`)
}
