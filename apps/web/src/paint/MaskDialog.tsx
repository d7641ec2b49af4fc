import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useModel } from '../app/model.js'
import { useMessages } from '../i18n/index.js'
import { Dialog } from '../ui/Dialog.js'
import { useObjectUrl } from '../ui/use-object-url.js'
import { isMarked, maskOf, type Point, stroke } from './mask.js'

export interface MaskDialogProps {
  readonly source: Blob
  readonly onMask: (mask: Blob) => void
  readonly onClose: () => void
}

const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/** Marks with a brush what of a picture is painted anew. */
export function MaskDialog({ source, onMask, onClose }: MaskDialogProps): ReactNode {
  const t = useMessages().paint
  const { notices } = useModel()
  const url = useObjectUrl(source)
  const canvas = useRef<HTMLCanvasElement>(null)
  const [size, setSize] = useState<{ width: number; height: number }>()
  /** Share of the shorter side. */
  const [brush, setBrush] = useState(0.15)
  const [erase, setErase] = useState(false)
  /** Where the brush is, as shares of the sides. */
  const [at, setAt] = useState<Point>({ x: 0.5, y: 0.5 })
  const last = useRef<Point | undefined>(undefined)
  useEffect(() => {
    let gone = false
    createImageBitmap(source).then(
      bitmap => {
        if (!gone) setSize({ width: bitmap.width, height: bitmap.height })
        bitmap.close()
      },
      () => onClose(),
    )
    return () => {
      gone = true
    }
  }, [source, onClose])
  const mark = (from: Point, to: Point): void => {
    if (canvas.current) stroke(canvas.current, from, to, { share: brush, erase })
  }
  const pointOf = (event: React.PointerEvent): Point => {
    const box = event.currentTarget.getBoundingClientRect()
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height }
  }
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const move = arrows[event.key]
    if (move) {
      const [dx, dy] = move
      setAt({ x: within(at.x + dx * 0.04), y: within(at.y + dy * 0.04) })
    } else if (event.key === ' ') mark(at, at)
    else if (event.key === '[') setBrush(Math.max(0.03, brush - 0.03))
    else if (event.key === ']') setBrush(Math.min(0.6, brush + 0.03))
    else return
    event.preventDefault()
  }
  const use = async (): Promise<void> => {
    if (!canvas.current) return
    if (isMarked(canvas.current)) onMask(await maskOf(canvas.current))
    else notices.tell(t.maskEmpty)
    onClose()
  }
  const shorter = size ? Math.min(size.width, size.height) : 1
  return (
    <Dialog title={t.maskTitle} onClose={onClose} className="mask-dialog">
      <p className="hint" id="mask-help">
        {t.maskHelp}
      </p>
      {size && url && (
        <div className="mask-field" style={{ aspectRatio: `${size.width} / ${size.height}` }}>
          <img src={url} alt="" draggable={false} className={size.width <= 128 ? 'pixels' : ''} />
          {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: it takes all keys, to be drawn on */}
          <canvas
            ref={canvas}
            width={size.width}
            height={size.height}
            tabIndex={0}
            role="application"
            aria-label={t.maskCanvas}
            aria-describedby="mask-help"
            onKeyDown={onKeyDown}
            onPointerDown={event => {
              event.currentTarget.setPointerCapture(event.pointerId)
              last.current = pointOf(event)
              mark(last.current, last.current)
            }}
            onPointerMove={event => {
              const point = pointOf(event)
              setAt(point)
              if (last.current) mark(last.current, point)
              if (last.current) last.current = point
            }}
            onPointerUp={() => {
              last.current = undefined
            }}
          />
          <span
            className="mask-brush"
            aria-hidden="true"
            style={{
              left: `${at.x * 100}%`,
              top: `${at.y * 100}%`,
              width: `${(100 * brush * shorter) / size.width}%`,
            }}
          />
        </div>
      )}
      <div className="mask-tools">
        <label>
          {t.brush}
          <input
            type="range"
            min={0.03}
            max={0.6}
            step={0.01}
            value={brush}
            onChange={({ target }) => setBrush(target.valueAsNumber)}
          />
        </label>
        <button type="button" className="secondary" aria-pressed={erase} onClick={() => setErase(!erase)}>
          {t.erase}
        </button>
        <button
          type="button"
          className="secondary"
          onClick={() => canvas.current?.getContext('2d')?.clearRect(0, 0, size?.width ?? 0, size?.height ?? 0)}
        >
          {t.maskClear}
        </button>
        <button type="button" className="primary" onClick={() => void use()}>
          {t.maskUse}
        </button>
      </div>
    </Dialog>
  )
}

function within(share: number): number {
  return Math.min(1, Math.max(0, share))
}
