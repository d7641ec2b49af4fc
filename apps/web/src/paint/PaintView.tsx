import type { ReactNode } from 'react'
import { useMessages } from '../i18n/index.js'
import { Gallery } from './Gallery.js'
import { PaintPanel } from './PaintPanel.js'
import { Stage } from './Stage.js'

export function PaintView(): ReactNode {
  const t = useMessages().paint
  return (
    <div className="paint">
      <h1 id="view-heading" className="visually-hidden">
        {t.heading}
      </h1>
      <PaintPanel />
      <div className="paint-right">
        <Stage />
        <Gallery />
      </div>
    </div>
  )
}
