import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useModel } from '../app/model.js'
import { useMessages } from '../i18n/index.js'
import { usePictureTaker } from '../pictures/use-pictures.js'
import { useStore } from '../store/store.js'
import { Dialog } from '../ui/Dialog.js'
import { useDrop } from '../ui/drop.js'
import { Composer } from './Composer.js'
import { ConversationList } from './ConversationList.js'
import { Talk } from './Talk.js'

export function ChatView(): ReactNode {
  const t = useMessages()
  const { chat } = useModel()
  const [list, setList] = useState(false)
  const composer = useRef<HTMLTextAreaElement>(null)
  useStore(chat.store, state => state.current)
  const attach = (picture: Blob): void => {
    chat.write({ ...chat.draft(), picture })
    composer.current?.focus()
  }
  const take = usePictureTaker(attach)
  const { ref, over } = useDrop<HTMLDivElement>(files => void take(files))
  usePaste(take)
  const onChosen = (): void => {
    setList(false)
    // After the dialog has given the focus back.
    setTimeout(() => composer.current?.focus())
  }
  return (
    <div className="chat" ref={ref}>
      <h1 id="view-heading" className="visually-hidden">
        {t.chat.heading}
      </h1>
      <aside className="side" aria-label={t.chat.list}>
        <ConversationList onChosen={onChosen} />
      </aside>
      <section className="talk-column">
        <Talk
          onList={() => setList(true)}
          onPicture={attach}
          onFiles={take}
          onEdited={() => composer.current?.focus()}
        />
        <Composer textarea={composer} onFiles={take} onPicture={attach} />
      </section>
      {over && (
        <div className="drop-veil" aria-hidden="true">
          {t.chat.drop}
        </div>
      )}
      {list && (
        <Dialog title={t.chat.list} onClose={() => setList(false)} className="drawer">
          <ConversationList onChosen={onChosen} />
        </Dialog>
      )}
    </div>
  )
}

/** Pictures pasted anywhere in the view. */
function usePaste(take: (files: readonly File[]) => Promise<void>): void {
  const handler = useRef(take)
  handler.current = take
  useEffect(() => {
    const paste = (event: ClipboardEvent): void => {
      const files = [...(event.clipboardData?.files ?? [])]
      if (files.length === 0) return
      event.preventDefault()
      void handler.current(files)
    }
    addEventListener('paste', paste)
    return () => removeEventListener('paste', paste)
  }, [])
}
