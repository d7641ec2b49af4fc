import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openCheckpoint } from '@viscpm/core/node'
import { buildUNetGraph, sd21BaseUNetConfig } from '@viscpm/unet-sampler'
import { Peer } from '../peer.js'
import { output } from './shell.js'

const packageVersion = '2026.4.1'
const side = fileURLToPath(new URL('../../openvino/side.py', import.meta.url))

/** Installs OpenVINO where it is not there yet. @returns what starts its side, or why there is none */
export async function openvinoPeer(
  folder: string,
  python: string,
  log: (text: string) => void,
): Promise<(() => Peer) | { missing: string }> {
  const packages = join(folder, `openvino-${packageVersion}`)
  try {
    if (!existsSync(join(packages, 'openvino'))) {
      log(`installing OpenVINO ${packageVersion} into ${folder}`)
      await output(python, ['-m', 'pip', 'install', '--quiet', '--target', packages, `openvino==${packageVersion}`])
    }
  } catch (error) {
    return {
      missing: String((error as Error).message)
        .split('\n')
        .at(-1)!,
    }
  }
  return () => new Peer(python, ['-B', side], { PYTHONPATH: packages })
}

/** Writes the UNet's graph beside a painter's weights, as an ONNX file that points into them. */
export async function writeUNetGraph(folder: string): Promise<void> {
  const weights = await openCheckpoint(join(folder, 'model.safetensors'))
  const { graph } = await buildUNetGraph({ weights, prefix: 'unet.', config: sd21BaseUNetConfig })
  const form = {
    computeDtype: 'float32',
    fusedMatMul: false,
    fusedAttention: true,
    roundedActivations: true,
    halves: true,
  } as const
  const bytes = graph.toOnnx(
    ({ location: { source, offset, length } }) => ({ file: basename(source.path!), offset, length }),
    form,
  )
  await writeFile(join(folder, 'unet.onnx'), bytes)
  await weights.close()
}
