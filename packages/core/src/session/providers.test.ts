import { describe, expect, it } from 'vitest'
import { isVisCPMError } from '../errors.js'
import { type Device, planProviders, readDevice } from './providers.js'

describe('providers of a session', () => {
  it('put the CPU last, for single operators', () => {
    expect(planProviders({}, 'cpu')).toMatchObject({ device: 'cpu', providers: ['cpu'] })
    expect(planProviders({ device: 'cuda' }, 'cpu').providers).toEqual(['cuda', 'cpu'])
    expect(planProviders({ device: 'webgpu' }, 'wasm').providers).toEqual(['webgpu', 'wasm'])
    expect(planProviders({}, 'cpu', 'dml').providers).toEqual(['dml', 'cpu'])
    expect(planProviders({ device: 'cpu' }, 'cpu', 'dml').providers).toEqual(['cpu'])
  })

  it('are left as the caller names them', () => {
    expect(planProviders({ executionProviders: ['xnnpack'] }, 'cpu', 'cuda')).toEqual({
      providers: ['xnnpack'],
      form: {
        computeDtype: 'float32',
        fusedMatMul: false,
        fusedAttention: false,
        roundedActivations: false,
        halves: true,
      },
    })
  })

  it('write products in operators that they have', () => {
    const fused = (device: Device) => {
      const { fusedMatMul, fusedAttention, roundedActivations } = planProviders({ device }, 'cpu').form
      return [fusedMatMul, fusedAttention, roundedActivations]
    }
    for (const device of ['cpu', 'cuda', 'dml'] as const) expect(fused(device)).toEqual([true, true, true])
    for (const device of ['webgpu', 'coreml'] as const) expect(fused(device)).toEqual([false, false, false])
  })

  it('compute in half where asked, and where half weights are kept on a GPU', () => {
    const dtype = (options: Parameters<typeof planProviders>[0]) => planProviders(options, 'cpu').form.computeDtype
    expect(dtype({})).toBe('float32')
    expect(dtype({ keepHalf: true })).toBe('float32')
    expect(dtype({ device: 'cuda' })).toBe('float32')
    expect(dtype({ device: 'cuda', keepHalf: true })).toBe('float16')
    expect(dtype({ device: 'cuda', keepHalf: true, computeDtype: 'float32' })).toBe('float32')
    expect(dtype({ computeDtype: 'float16' })).toBe('float16')
  })

  it.each([
    [{ device: 'gpu' as Device }, /device.*cpu, cuda, webgpu, coreml, dml.*gpu/],
    [{ device: 'cuda', executionProviders: ['cuda'] } as const, /device.*executionProviders/],
    [{ computeDtype: 'bfloat16' as 'float16' }, /computeDtype.*bfloat16/],
  ])('refuse %o', (options, message) => {
    expect(() => planProviders(options, 'cpu')).toThrow(message)
  })

  it('name the option that is wrong', () => {
    const wrong = (() => {
      try {
        return readDevice('gpu', 'VISCPM_DEVICE')
      } catch (error) {
        return error
      }
    })()
    expect(isVisCPMError(wrong, 'INVALID_ARGUMENT')).toBe(true)
    expect(wrong).toMatchObject({ argument: 'VISCPM_DEVICE' })
  })
})
