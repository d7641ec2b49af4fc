#!/usr/bin/env node
import { exitCodes } from './exit-codes.js'
import { chooseLang } from './locale.js'
import { main } from './main.js'
import { messagesOf } from './messages/index.js'

const argv = process.argv.slice(2)

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Nobody reads any more (`| head`): that is no error. Anything else, as a full disk, is.
  if (error.code === 'EPIPE') process.exit(exitCodes.ok)
  const { errors, systemErrors } = messagesOf(chooseLang(argv, process.env))
  const why = error.code === 'ENOSPC' ? systemErrors.diskFull : error.message
  process.stderr.write(`${errors.prefix}${errors.cannotWrite('stdout', why)}\n`)
  process.exit(exitCodes.error)
})
process.stderr.on('error', () => process.exit(exitCodes.error))
process.exitCode = await main(argv)
