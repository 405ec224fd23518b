/**
 * OWASP API10:2023, unsafe consumption of APIs: the service consumes none. What it takes from elsewhere are packages
 * and the official geographic code in one of them; it holds no client that could be led anywhere.
 */
import fs from 'node:fs/promises'
import path from 'node:path'
import t from 'tap'

const src = path.join(import.meta.dirname, '../../src')

t.test('nothing in the service opens a connection but to its database', async (t) => {
  const client =
    /\bfetch\(|from 'node:(https|http2|dgram|dns|tls)'|\bundici\b|\b(http|net)\.(request|get|connect)\(|\bWebSocket\(/
  const found: string[] = []
  for await (const name of fs.glob('**/*.ts', { cwd: src })) {
    const text = await fs.readFile(path.join(src, name), 'utf8')
    if (client.test(text)) found.push(name)
    for (const [, names = ''] of text.matchAll(/import (?:type )?\{([^}]*)\} from 'node:(?:http|net)'/g))
      if (/\b(request|get|connect|createConnection)\b/.test(names)) found.push(`${name}: ${names.trim()}`)
  }
  t.same(found, [])
})
