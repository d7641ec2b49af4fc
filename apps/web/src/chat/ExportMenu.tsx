import { type ReactNode, useState } from 'react'
import { useMessages } from '../i18n/index.js'
import { Dialog } from '../ui/Dialog.js'
import { IconButton } from '../ui/Icon.js'
import { save } from '../ui/save.js'
import { type Conversation, titleOf } from './conversation.js'
import { asJson, asMarkdown } from './export.js'

export function ExportMenu({ conversation }: { conversation: Conversation }): ReactNode {
  const t = useMessages()
  const [open, setOpen] = useState(false)
  const hand = async (text: Promise<string>, type: string, ending: string): Promise<void> => {
    const name = (titleOf(conversation) ?? 'viscpm').replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '')
    save(new Blob([await text], { type }), `${name || 'viscpm'}.${ending}`)
    setOpen(false)
  }
  return (
    <>
      <IconButton icon="download" label={t.chat.exportOne} onClick={() => setOpen(true)} />
      {open && (
        <Dialog title={t.chat.exportOne} onClose={() => setOpen(false)} className="narrow">
          <div className="stack">
            <button
              type="button"
              className="secondary"
              onClick={() => void hand(asMarkdown(conversation), 'text/markdown', 'md')}
            >
              {t.chat.exportMarkdown}
            </button>
            <button
              type="button"
              className="secondary"
              onClick={() => void hand(asJson(conversation), 'application/json', 'json')}
            >
              {t.chat.exportJson}
            </button>
          </div>
        </Dialog>
      )}
    </>
  )
}
