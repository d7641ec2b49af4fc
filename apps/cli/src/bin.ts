#!/usr/bin/env node
import { exitCodes } from './exit-codes.js'
import { main } from './main.js'

/** Nobody reads any more (`| head`): that is no error. Anything else, as a full disk, is. */
function onOutputError(name: string): (error: NodeJS.ErrnoException) => void {
  return error => {
    if (error.code === 'EPIPE') process.exit(exitCodes.ok)
    process.stderr.write(`error: cannot write to ${name}: ${error.code === 'ENOSPC' ? 'the disk is full' : error.message}\n`)
    process.exit(exitCodes.error)
  }
}

process.stdout.on('error', onOutputError('standard output'))
process.stderr.on('error', () => process.exit(exitCodes.error))
process.exitCode = await main(process.argv.slice(2))
