import type { Command } from 'commander'
import type { Context } from '../context.js'
import { addBilingualCommand } from './bilingual-command.js'
import { addEvalChatCommand } from './chat-command.js'
import { addCritiqueCommand } from './critique-command.js'
import { addEvalPaintCommand } from './paint-command.js'

/** Adds the group of the commands that measure how good a model is. */
export function addEvalCommands(program: Command, context: Context, exit: (code: number) => void): void {
  const group = program.command('eval').description(context.t.eval.about)
  addBilingualCommand(group, context, exit)
  addEvalChatCommand(group, context, exit)
  addEvalPaintCommand(group, context, exit)
  addCritiqueCommand(group, context, exit)
}
