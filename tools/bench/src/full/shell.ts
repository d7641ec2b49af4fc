import { spawn } from 'node:child_process'

/** @returns what the command wrote, trimmed. @throws Error with its complaint when it fails, is not there or takes too long */
export function output(
  command: string,
  args: readonly string[],
  { env = {}, timeoutMs = 600_000 }: { env?: Readonly<Record<string, string>>; timeoutMs?: number } = {},
): Promise<string> {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { env: { ...process.env, ...env } })
    // Not spawn's own `timeout`: that one outlives a command that is not there, and keeps the process alive.
    const timer = setTimeout(() => child.kill(), timeoutMs)
    let out = ''
    let complaints = ''
    child.stdout.on('data', text => {
      out += text
    })
    child.stderr.on('data', text => {
      complaints = `${complaints}${text}`.slice(-2000)
    })
    child.on('error', error => {
      clearTimeout(timer)
      failed(error)
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      if (code === 0) done(out.trim())
      else
        failed(new Error(`${command} ${code === null ? `got ${signal}` : `ended with ${code}`}: ${complaints.trim()}`))
    })
  })
}
