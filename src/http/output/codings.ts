/**
 * Content codings (RFC 9110, 8.4.1) of answers and bodies, and what each costs. An answer that is sent once is compressed by what is quick;
 * brotli, which makes the least bytes and takes milliseconds for 100 KB, is for what is kept and sent many times.
 */
import { promisify } from 'node:util'
import zlib from 'node:zlib'

export type Coding = 'br' | 'zstd' | 'gzip'

/** Below it, a compressed answer is hardly smaller. */
const COMPRESS_FROM_BYTES = 1024

const COMPRESSIBLE =
  /^(?:text\/(?!event-stream)|application\/(?:[\w.-]+\+)?(?:json|yaml|x-ndjson|javascript)|image\/svg)/

const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT, ZSTD_c_compressionLevel } = zlib.constants

const brotli = promisify(zlib.brotliCompress)
const zstd = promisify(zlib.zstdCompress)
const gzip = promisify(zlib.gzip) as (bytes: Buffer, options: zlib.ZlibOptions) => Promise<Buffer>

/** For bytes that are sent once, those that the service prefers first. */
export const quickCodings: readonly Coding[] = ['zstd', 'gzip']
/** For bytes that are kept. */
export const allCodings: readonly Coding[] = ['br', 'zstd', 'gzip']

const quick = { gzip: { level: 1 }, zstd: { params: { [ZSTD_c_compressionLevel]: 1 } } }

/** Compresses whole bytes. A coding has one level, so that its bytes are the same wherever its tag is. */
export function compress(coding: Coding, bytes: Buffer): Promise<Buffer> {
  switch (coding) {
    case 'br':
      return brotli(bytes, { params: { [BROTLI_PARAM_QUALITY]: 5, [BROTLI_PARAM_SIZE_HINT]: bytes.length } })
    case 'zstd':
      return zstd(bytes, quick.zstd)
    case 'gzip':
      return gzip(bytes, quick.gzip)
  }
}

/** A stream that compresses what goes through it; streams are sent once. */
export const compressor = (coding: Coding): NodeJS.ReadWriteStream =>
  coding === 'zstd' ? zlib.createZstdCompress(quick.zstd) : zlib.createGzip(quick.gzip)

/** A stream that decompresses what goes through it; it breaks where the bytes are not of the coding, or end too early. */
export function decompressor(coding: Coding): NodeJS.ReadWriteStream {
  switch (coding) {
    case 'br':
      return zlib.createBrotliDecompress()
    case 'zstd':
      return zlib.createZstdDecompress()
    case 'gzip':
      return zlib.createGunzip()
  }
}

/** Whether answers of a media type are compressed for those who take it. */
export const isCompressible = (mediaType: string): boolean => COMPRESSIBLE.test(mediaType)

/** Whether an answer is large enough to be worth it. */
export const isWorthCompressing = (bytes: Buffer): boolean => bytes.length >= COMPRESS_FROM_BYTES
