/** The control: a bare HTTP server that nobody attacks. What is waited for it is waited for the machine. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const server = createServer((_request, response) => response.end())
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
