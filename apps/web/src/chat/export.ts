import { dataUrlOf } from '../engine/server/fields.js'
import { type Conversation, titleOf } from './conversation.js'

/** A conversation to be read: pictures are inside, as data URLs. */
export async function asMarkdown(conversation: Conversation): Promise<string> {
  const turns = await Promise.all(
    conversation.turns.map(async ({ picture, question, answer }) => {
      const shown = picture ? `![](${await dataUrlOf(picture)})\n\n` : ''
      return `${shown}**${escapeMarkdown(question)}**\n\n${escapeMarkdown(answer)}\n`
    }),
  )
  return `# ${escapeMarkdown(titleOf(conversation) ?? 'VisCPM')}\n\n${turns.join('\n---\n\n')}`
}

/** A conversation for programs. */
export async function asJson(conversation: Conversation): Promise<string> {
  const turns = await Promise.all(
    conversation.turns.map(async ({ id: _, picture, ...turn }) => ({
      ...turn,
      ...(picture ? { picture: await dataUrlOf(picture) } : {}),
    })),
  )
  const { createdAt, updatedAt } = conversation
  const when = { createdAt: new Date(createdAt).toISOString(), updatedAt: new Date(updatedAt).toISOString() }
  return `${JSON.stringify({ format: 'viscpm-conversation-1', ...when, turns }, undefined, 2)}\n`
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|]/g, '\\$&')
}
