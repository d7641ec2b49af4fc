import { afterEach, expect, it, vi } from 'vitest'
import { newConversation } from '../chat/conversation.js'
import { Tabs } from './tabs.js'

const open: Tabs[] = []
const tabs = (): Tabs => {
  const made = new Tabs()
  open.push(made)
  return made
}
afterEach(() => {
  for (const made of open.splice(0)) made.close()
  vi.unstubAllGlobals()
})

const conversation = newConversation(1)

it('hear of each shelf by itself', async () => {
  const [here, there] = [tabs(), tabs()]
  const heard: unknown[] = []
  there.listen('gallery', change => heard.push(['gallery', change]))
  there.listen('conversations', change => heard.push(['conversations', change]))
  here.tell('conversations', { put: conversation })
  here.tell('gallery', { removed: '1' })
  await vi.waitFor(() =>
    expect(heard).toEqual([
      ['conversations', { put: conversation }],
      ['gallery', { removed: '1' }],
    ]),
  )
})

it('hear nothing in a browser without channels, and go on', () => {
  vi.stubGlobal('BroadcastChannel', undefined)
  const alone = tabs()
  alone.listen('gallery', () => expect.unreachable())
  expect(() => alone.tell('gallery', { cleared: true })).not.toThrow()
})
