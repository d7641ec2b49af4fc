import { expect, it } from 'vitest'
import { newConversation, newTurn } from './conversation.js'
import { asJson, asMarkdown } from './export.js'

const picture = new Blob(['hello'], { type: 'image/png' })
const conversation = {
  ...newConversation(0),
  turns: [
    { ...newTurn('What *is* it?', picture), answer: 'A <dog>.', status: 'done' as const },
    { ...newTurn('颜色？', undefined), answer: '棕色', status: 'done' as const },
  ],
}

it('writes Markdown that shows what was typed', async () => {
  expect(await asMarkdown(conversation)).toBe(
    '# What \\*is\\* it?\n\n![](data:image/png;base64,aGVsbG8=)\n\n**What \\*is\\* it?**\n\nA \\<dog\\>.\n\n---\n\n**颜色？**\n\n棕色\n',
  )
})

it('writes JSON with the pictures inside', async () => {
  const parsed = JSON.parse(await asJson(conversation))
  expect(parsed).toMatchObject({ format: 'viscpm-conversation-1', createdAt: '1970-01-01T00:00:00.000Z' })
  expect(parsed.turns[0]).toMatchObject({ question: 'What *is* it?', picture: 'data:image/png;base64,aGVsbG8=' })
  expect(parsed.turns[1]).not.toHaveProperty('picture')
})
