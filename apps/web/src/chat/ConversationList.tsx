import type { ReactNode } from 'react'
import { useModel } from '../app/model.js'
import { langOfText, useMessages } from '../i18n/index.js'
import { useStore } from '../store/store.js'
import { Icon, IconButton } from '../ui/Icon.js'
import { titleOf } from './conversation.js'

export function ConversationList({ onChosen }: { onChosen: () => void }): ReactNode {
  const t = useMessages()
  const { chat, notices } = useModel()
  const { conversations, current, loaded } = useStore(chat.store, state => state)
  const choose = (id: string | undefined): void => {
    chat.select(id)
    onChosen()
  }
  return (
    <nav className="conversations" aria-label={t.chat.list}>
      <button type="button" className="secondary new-talk" onClick={() => choose(undefined)}>
        <Icon name="plus" size={18} />
        {t.chat.newOne}
      </button>
      {conversations.length === 0 && <p className="hint">{loaded ? t.chat.none : t.loading}</p>}
      <ul>
        {conversations.map(conversation => {
          const title = titleOf(conversation) ?? t.chat.untitled
          return (
            <li key={conversation.id}>
              <button
                type="button"
                className="conversation"
                aria-current={conversation.id === current ? 'true' : undefined}
                lang={langOfText(title)}
                onClick={() => choose(conversation.id)}
              >
                {title}
              </button>
              <IconButton
                icon="trash"
                label={t.chat.remove(title)}
                className="remove"
                onClick={() => notices.tell(t.chat.removed, { undo: chat.remove(conversation.id) })}
              />
            </li>
          )
        })}
      </ul>
    </nav>
  )
}
