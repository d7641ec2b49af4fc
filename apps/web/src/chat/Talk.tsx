import { type ReactNode, useLayoutEffect, useRef } from 'react'
import { useModel } from '../app/model.js'
import { langOfText, useMessages } from '../i18n/index.js'
import { useStore } from '../store/store.js'
import { IconButton } from '../ui/Icon.js'
import { Announcer } from './Announcer.js'
import { titleOf } from './conversation.js'
import { ExportMenu } from './ExportMenu.js'
import { TurnView } from './TurnView.js'
import { Welcome } from './Welcome.js'

export interface TalkProps {
  readonly onList: () => void
  readonly onPicture: (picture: Blob) => void
  readonly onFiles: (files: readonly File[]) => void
  readonly onEdited: () => void
}

/** The conversation that is open. */
export function Talk({ onList, onPicture, onFiles, onEdited }: TalkProps): ReactNode {
  const t = useMessages()
  const { chat } = useModel()
  const { conversations, current } = useStore(chat.store, state => state)
  const conversation = conversations.find(c => c.id === current)
  const title = (conversation && titleOf(conversation)) ?? t.chat.newOne
  const scroller = useStickyEnd(conversation?.id, conversation)
  return (
    <>
      <header className="talk-head">
        <IconButton icon="list" label={t.chat.showList} className="only-narrow" onClick={onList} />
        <h2 lang={langOfText(title)}>{title}</h2>
        {conversation && <ExportMenu conversation={conversation} />}
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard */}
      <section className="talk" ref={scroller} tabIndex={0} aria-label={t.chat.log}>
        {conversation ? (
          <ol className="turns">
            {conversation.turns.map((turn, i) => (
              <TurnView
                key={turn.id}
                conversation={conversation}
                turn={turn}
                number={i + 1}
                isLast={i === conversation.turns.length - 1}
                onEdited={onEdited}
              />
            ))}
          </ol>
        ) : (
          <Welcome onPicture={onPicture} onFiles={onFiles} />
        )}
      </section>
      <Announcer turn={conversation?.turns.at(-1)} />
    </>
  )
}

/** Stays at the end while the answer grows, unless somebody scrolled away from it. */
function useStickyEnd(id: string | undefined, content: unknown): React.RefObject<HTMLElement | null> {
  const ref = useRef<HTMLElement>(null)
  const atEnd = useRef(true)
  // Another conversation is seen from its end, a new one from its top.
  useLayoutEffect(() => {
    atEnd.current = id !== undefined
    ref.current?.scrollTo({ top: id === undefined ? 0 : ref.current.scrollHeight })
  }, [id])
  useLayoutEffect(() => {
    const element = ref.current
    if (element === null) return
    const note = (): void => {
      atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 80
    }
    element.addEventListener('scroll', note, { passive: true })
    return () => element.removeEventListener('scroll', note)
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever the content changes
  useLayoutEffect(() => {
    if (atEnd.current) ref.current?.scrollTo({ top: ref.current.scrollHeight })
  }, [content])
  return ref
}
