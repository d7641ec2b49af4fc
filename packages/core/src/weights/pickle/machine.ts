import { FileFormatError, UnsafePickleError } from '../../errors.js'
import { limits } from '../limits.js'
import { shown } from '../text.js'
import { PickleCursor } from './cursor.js'
import { op, refusedOpcodes } from './opcodes.js'
import { PickleBytes, PickleDict, PickleGlobal, PickleSequence, type PickleValue, typeName } from './values.js'

export interface PickleOptions {
  /** For messages. */
  readonly file: string
  /** Byte of the file where the pickle begins. */
  readonly base: number
  /** How long the pickle could be; `bytes` may be only its beginning (then NeedMoreBytes is thrown). */
  readonly available: number
  /** The allow-list. Empty: plain data only. */
  readonly globals?: ReadonlyMap<string, PickleGlobal>
  /** Resolves a persistent id. undefined: not one that is known. */
  readonly persistent?: (
    id: readonly PickleValue[],
    fail: (message: string) => FileFormatError,
  ) => PickleValue | undefined
}

/**
 * Interprets one pickle into inert data. Names outside the allow-list are refused where they stand; nothing is
 * imported, called or constructed. Opcodes, stack, memo and the memory of what is made are bounded.
 * @returns the value, and how many bytes the pickle has.
 * @throws UnsafePickleError, FileFormatError, NeedMoreBytes
 */
export function parsePickle(bytes: Uint8Array, options: PickleOptions): { value: PickleValue; length: number } {
  const machine = new PickleMachine(bytes, options)
  return { value: machine.run(), length: machine.length }
}

const noGlobals: ReadonlyMap<string, PickleGlobal> = new Map()

class PickleMachine {
  readonly #cursor: PickleCursor
  readonly #options: PickleOptions
  readonly #stack: PickleValue[] = []
  /** Stack heights at each MARK. */
  readonly #marks: number[] = []
  readonly #memo: (PickleValue | undefined)[] = []
  #memory = 0
  /** Where the current opcode lies. */
  #at = 0

  constructor(bytes: Uint8Array, options: PickleOptions) {
    this.#options = options
    this.#cursor = new PickleCursor(bytes, options.available, (message, position) => this.#broken(message, position))
  }

  get length(): number {
    return this.#cursor.position
  }

  run(): PickleValue {
    const cursor = this.#cursor
    if (cursor.u8() !== op.PROTO) throw this.#broken('not a pickle of protocol 2 to 5')
    const protocol = cursor.u8()
    if (protocol < 2 || protocol > 5) throw this.#broken(`pickle protocol ${protocol}; 2 to 5 are read`)
    for (let count = 0; count < limits.pickleOpcodes; count++) {
      this.#at = cursor.position
      const code = cursor.u8()
      if (code === op.STOP) {
        const value = this.#pop()
        if (this.#stack.length || this.#marks.length) throw this.#broken('the pickle stops with values left over')
        return value
      }
      const step = PickleMachine.#steps.get(code)
      if (!step) throw this.#unknown(code)
      step(this)
    }
    throw this.#broken(`the pickle has over ${limits.pickleOpcodes} opcodes`)
  }

  static readonly #steps: ReadonlyMap<number, (m: PickleMachine) => void> = new Map<number, (m: PickleMachine) => void>(
    [
      [op.MARK, m => m.#mark()],
      [op.FRAME, m => m.#cursor.expect(m.#cursor.u64())],
      [op.NONE, m => m.#push(null)],
      [op.NEWTRUE, m => m.#push(true)],
      [op.NEWFALSE, m => m.#push(false)],
      [op.BININT, m => m.#push(m.#cursor.i32())],
      [op.BININT1, m => m.#push(m.#cursor.u8())],
      [op.BININT2, m => m.#push(m.#cursor.u16())],
      [op.LONG1, m => m.#push(m.#cursor.long(m.#cursor.u8()), 64)],
      [op.LONG4, m => m.#push(m.#cursor.long(m.#cursor.u32()), 64)],
      [op.BINFLOAT, m => m.#push(m.#cursor.f64(), 16)],
      [op.BINUNICODE, m => m.#string(m.#cursor.u32())],
      [op.SHORT_BINUNICODE, m => m.#string(m.#cursor.u8())],
      [op.BINUNICODE8, m => m.#string(m.#cursor.u64())],
      [op.BINBYTES, m => m.#bytes(m.#cursor.u32())],
      [op.SHORT_BINBYTES, m => m.#bytes(m.#cursor.u8())],
      [op.BINBYTES8, m => m.#bytes(m.#cursor.u64())],
      [op.EMPTY_TUPLE, m => m.#sequence('tuple', [])],
      [op.TUPLE, m => m.#sequence('tuple', m.#popToMark())],
      [op.TUPLE1, m => m.#sequence('tuple', m.#popMany(1))],
      [op.TUPLE2, m => m.#sequence('tuple', m.#popMany(2))],
      [op.TUPLE3, m => m.#sequence('tuple', m.#popMany(3))],
      [op.EMPTY_LIST, m => m.#sequence('list', [])],
      [op.APPEND, m => m.#append(m.#popMany(1))],
      [op.APPENDS, m => m.#append(m.#popToMark())],
      [op.EMPTY_DICT, m => m.#push(new PickleDict(false), 96)],
      [op.SETITEM, m => m.#setItems(m.#popMany(2))],
      [op.SETITEMS, m => m.#setItems(m.#popToMark())],
      [op.BINPUT, m => m.#put(m.#cursor.u8())],
      [op.LONG_BINPUT, m => m.#put(m.#cursor.u32())],
      [op.MEMOIZE, m => m.#put(m.#memo.length)],
      [op.BINGET, m => m.#get(m.#cursor.u8())],
      [op.LONG_BINGET, m => m.#get(m.#cursor.u32())],
      [op.GLOBAL, m => m.#global(m.#cursor.line(), m.#cursor.line())],
      [op.STACK_GLOBAL, m => m.#stackGlobal()],
      [op.REDUCE, m => m.#reduce()],
      [op.BUILD, m => m.#build()],
      [op.BINPERSID, m => m.#persistent()],
    ],
  )

  #mark(): void {
    if (this.#marks.length >= limits.pickleStack) throw this.#broken('the pickle nests too deeply')
    this.#marks.push(this.#stack.length)
  }

  #push(value: PickleValue, cost = 0): void {
    this.#spend(cost)
    if (this.#stack.length >= limits.pickleStack) throw this.#broken('the pickle nests too deeply')
    this.#stack.push(value)
  }

  #spend(bytes: number): void {
    this.#memory += bytes
    if (!(this.#memory <= limits.pickleMemory))
      throw this.#broken(`the pickle would take over ${limits.pickleMemory / 2 ** 20} MiB of memory`)
  }

  #pop(): PickleValue {
    return this.#popMany(1)[0]!
  }

  /** In the order in which they were pushed. */
  #popMany(count: number): PickleValue[] {
    if (this.#stack.length - count < (this.#marks.at(-1) ?? 0))
      throw this.#broken('the pickle takes a value that is not there')
    return this.#stack.splice(this.#stack.length - count)
  }

  #popToMark(): PickleValue[] {
    const height = this.#marks.pop()
    if (height === undefined) throw this.#broken('the pickle closes a group that it never opened')
    return this.#stack.splice(height)
  }

  /** The value below what was just popped; it stays where it is. */
  #top(): PickleValue {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0))
      throw this.#broken('the pickle takes a value that is not there')
    return this.#stack.at(-1)!
  }

  #string(length: number): void {
    this.#spend(32 + 2 * length)
    this.#push(this.#cursor.utf8(length))
  }

  #bytes(length: number): void {
    this.#cursor.skip(length)
    this.#push(new PickleBytes(length), 32)
  }

  #sequence(kind: 'tuple' | 'list', items: PickleValue[]): void {
    this.#push(new PickleSequence(kind, items), 72 + 8 * items.length)
  }

  #append(items: readonly PickleValue[]): void {
    const list = this.#top()
    if (!(list instanceof PickleSequence) || list.kind !== 'list')
      throw this.#broken(`the pickle appends to a ${typeName(list)}`)
    this.#spend(16 * items.length)
    for (const item of items) list.items.push(item)
  }

  #setItems(items: readonly PickleValue[]): void {
    const dict = this.#top()
    if (!(dict instanceof PickleDict)) throw this.#broken(`the pickle sets items of a ${typeName(dict)}`)
    if (items.length % 2) throw this.#broken('the pickle sets a key without a value')
    if (items.length && !dict.entries) {
      this.#spend(256)
      dict.entries = new Map()
    }
    this.#spend(40 * items.length)
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i]!
      if (key instanceof PickleDict || (key instanceof PickleSequence && key.kind === 'list'))
        throw this.#broken(`a ${typeName(key)} as a dict key`)
      // Python would keep the last one; a writer never makes two.
      if (dict.entries!.has(key)) throw this.#broken(`the dict key ${shown(String(key))} is there twice`)
      dict.entries!.set(key, items[i + 1]!)
    }
  }

  #put(index: number): void {
    // Writers number the memo densely; anything else only makes it large.
    if (index > this.#memo.length + 1 || index >= limits.pickleMemo) throw this.#broken(`memo index ${index}`)
    this.#memo[index] = this.#top()
  }

  #get(index: number): void {
    const value = this.#memo[index]
    if (value === undefined) throw this.#broken(`memo index ${index} was never set`)
    this.#push(value)
  }

  #global(module: string, name: string): void {
    const full = `${module}.${name}`
    const found = (this.#options.globals ?? noGlobals).get(full)
    if (!found)
      throw this.#unsafe(
        full,
        `the pickle asks for ${shown(full)}, which is not on the allow-list; nothing was executed`,
      )
    this.#push(found)
  }

  #stackGlobal(): void {
    const [module, name] = this.#popMany(2)
    if (typeof name !== 'string' || typeof module !== 'string') throw this.#broken('a global without a name')
    this.#global(module, name)
  }

  #reduce(): void {
    const args = this.#pop()
    const callable = this.#pop()
    if (!(callable instanceof PickleGlobal) || !(args instanceof PickleSequence) || args.kind !== 'tuple')
      throw this.#broken(`the pickle calls a ${typeName(callable)}`)
    if (!callable.reduce) throw this.#unsafe(callable.name, `the pickle calls ${callable.name}, which is refused`)
    const value = callable.reduce(args.items)
    if (value === undefined)
      throw this.#broken(`${callable.name} is called with arguments that no intact checkpoint gives it`)
    this.#push(value, 160 + 32 * args.items.length)
  }

  #build(): void {
    const state = this.#pop()
    const target = this.#top()
    if (!(target instanceof PickleDict) || !target.ordered || !(state instanceof PickleDict))
      throw this.#unsafe(
        `BUILD of ${typeName(target)}`,
        `the pickle sets the state of a ${typeName(target)}, which is refused`,
      )
    target.attributes = state
  }

  #persistent(): void {
    const id = this.#pop()
    const value =
      id instanceof PickleSequence ? this.#options.persistent?.(id.items, message => this.#broken(message)) : undefined
    if (value === undefined) throw this.#broken('a persistent id that no checkpoint has')
    this.#push(value, 64)
  }

  #unknown(code: number): FileFormatError | UnsafePickleError {
    const name = refusedOpcodes.get(code)
    return name === undefined
      ? this.#broken(`byte 0x${code.toString(16).padStart(2, '0')} is no pickle opcode`)
      : this.#unsafe(`opcode ${name}`, `opcode ${name} is not one that checkpoints need; it is refused`)
  }

  #broken(message: string, position: number = this.#at): FileFormatError {
    return new FileFormatError({ file: this.#options.file, message, offset: this.#options.base + position })
  }

  #unsafe(refused: string, message: string): UnsafePickleError {
    return new UnsafePickleError({
      file: this.#options.file,
      refused: refused.replace(/[^\x20-\x7e]/g, '?').slice(0, 200),
      offset: this.#at,
      message,
      hint: 'Do not load this file with PyTorch unless you trust its author. A state dict of plain tensors is read.',
    })
  }
}
