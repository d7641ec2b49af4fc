import { type ReactNode, useEffect } from 'react'
import { useModel } from '../app/model.js'
import type { Notice } from '../app/notices.js'
import { useMessages } from '../i18n/index.js'
import { useStore } from '../store/store.js'
import { IconButton } from './Icon.js'

/** Milliseconds that a notice stays; those that can be undone stay longer. */
const shown = { plain: 5_000, undo: 12_000 }

export function NoticeList(): ReactNode {
  const { notices } = useModel()
  const list = useStore(notices.store, state => state.list)
  return (
    <div className="notices" role="status">
      {list.map(notice => (
        <NoticeItem key={notice.id} notice={notice} onDrop={() => notices.drop(notice.id)} />
      ))}
    </div>
  )
}

function NoticeItem({ notice, onDrop }: { notice: Notice; onDrop: () => void }): ReactNode {
  const t = useMessages()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the time runs from when it appears
  useEffect(() => {
    // What went wrong stays until it was read.
    if (notice.tone === 'error') return
    const timer = setTimeout(onDrop, notice.undo ? shown.undo : shown.plain)
    return () => clearTimeout(timer)
  }, [notice.id])
  return (
    <div className={`notice ${notice.tone}`}>
      <span>{notice.text}</span>
      {notice.undo && (
        <button
          type="button"
          className="text-button"
          onClick={() => {
            notice.undo?.()
            onDrop()
          }}
        >
          {t.undo}
        </button>
      )}
      <IconButton icon="close" label={t.dismiss} onClick={onDrop} />
    </div>
  )
}
